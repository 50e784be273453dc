//! Texts as Python writes them: the AWS CLI names files by a hash over such JSON.

use crate::encode::push_unit;

/// Appends `text` as `json.dumps` writes it: nothing but printable ASCII.
///
/// # Example
/// ```
/// let mut out = String::new();
/// tucuxi_core::json::push_python(&mut out, "\"é\n");
/// assert_eq!(out, r#""\"\u00e9\n""#);
/// ```
#[inline]
pub fn push_python(out: &mut String, text: &str) {
    out.push('"');
    for unit in text.encode_utf16() {
        let escaped = match u8::try_from(unit) {
            Ok(quote @ (b'"' | b'\\')) => quote,
            Ok(b'\n') => b'n',
            Ok(b'\r') => b'r',
            Ok(b'\t') => b't',
            Ok(8) => b'b',
            Ok(12) => b'f',
            Ok(plain @ b' '..=b'~') => {
                out.push(char::from(plain));
                continue;
            }
            _ => {
                push_unit(out, unit);
                continue;
            }
        };
        out.push('\\');
        out.push(char::from(escaped));
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_printable_ascii_is_escaped() {
        let mut out = String::from("x");
        push_python(&mut out, "\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}/é😀");
        assert_eq!(out, r#"x"\"\\\n\r\t\b\f\u0001\u007f/\u00e9\ud83d\ude00""#);
    }
}

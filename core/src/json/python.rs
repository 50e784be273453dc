//! Texts as Python writes them: the AWS CLI names files by a hash over such JSON.

/// Appends `text` as `json.dumps` writes it: nothing but printable ASCII.
///
/// # Example
/// ```
/// let mut out = String::new();
/// tucuxi_core::json::push_python(&mut out, "\"é\n");
/// assert_eq!(out, r#""\"\u00e9\n""#);
/// ```
pub fn push_python(out: &mut String, text: &str) {
    out.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit).map(char::from) {
            Ok('"') => out.push_str("\\\""),
            Ok('\\') => out.push_str("\\\\"),
            Ok('\n') => out.push_str("\\n"),
            Ok('\r') => out.push_str("\\r"),
            Ok('\t') => out.push_str("\\t"),
            Ok('\u{8}') => out.push_str("\\b"),
            Ok('\u{c}') => out.push_str("\\f"),
            Ok(plain @ ' '..='~') => out.push(plain),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
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

//! Text on its way into URLs and headers, and back.

/// Appends `text` with everything escaped but `A-Z a-z 0-9 - . _ ~` and what `keep` names.
///
/// Specification: <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>
///
/// # Example
/// ```
/// let mut url = String::from("https://example.test/");
/// tucuxi_core::encode::push_escaped(&mut url, "a b/c", "/");
/// assert_eq!(url, "https://example.test/a%20b/c");
/// ```
pub fn push_escaped(out: &mut String, text: &str, keep: &str) {
    out.reserve(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Only ASCII is compared: a byte of another character matches nothing here.
            _ if byte.is_ascii() && keep.as_bytes().contains(&byte) => out.push(char::from(byte)),
            _ => {
                let digit = |value: u8| char::from(UPPER[usize::from(value & 15)]);
                out.push('%');
                out.push(digit(byte >> 4));
                out.push(digit(byte));
            }
        }
    }
}

/// `text` with everything escaped but `A-Z a-z 0-9 - . _ ~`: a part of a query or a form.
#[inline]
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    push_escaped(&mut out, text, "");
    out
}

/// The bytes that an escaped text stands for; a `%` without two digits stands for itself.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |place: usize| tail.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                // Two digits of four bits each.
                out.push((high << 4 | low) as u8);
                rest = &tail[2..];
            }
            _ => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

/// The text that an escaped text stands for, `None` when that is no UTF-8.
#[inline]
pub fn unescape_text(text: &str) -> Option<String> {
    String::from_utf8(unescape(text)).ok()
}

/// Appends a unit of UTF-16 as JSON escapes it.
pub(crate) fn push_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    out.push_str(&hex(&unit.to_be_bytes()));
}

/// Two digits for each byte, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |bits: u8| char::from(LOWER[usize::from(bits)]);
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
    }
    out
}

/// Base64 with padding.
///
/// Specification: <https://www.rfc-editor.org/rfc/rfc4648#section-4>
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    push_base64(&mut out, bytes, STANDARD);
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// Base64 of the URL alphabet, without padding.
///
/// Specification: <https://www.rfc-editor.org/rfc/rfc4648#section-5>
pub fn base64url(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    push_base64(&mut out, bytes, URL);
    out
}

#[inline(never)]
fn push_base64(out: &mut String, bytes: &[u8], alphabet: &[u8; 64]) {
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            out.push(char::from(alphabet[index as usize]));
        }
    }
}

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_unreserved_characters_is_escaped() {
        for (text, keep, expected) in [
            ("", "", ""),
            ("-._~aZ09", "", "-._~aZ09"),
            ("a b+c/d", "", "a%20b%2Bc%2Fd"),
            ("/a//b/%2F", "/", "/a//b/%252F"),
            ("\t\n\u{1}\u{7f}", "", "%09%0A%01%7F"),
            ("\u{e9}\u{1f42c}", "\u{e9}", "%C3%A9%F0%9F%90%AC"),
        ] {
            let mut out = String::from("x");
            push_escaped(&mut out, text, keep);
            assert_eq!(out, format!("x{expected}"), "{text:?}");
            assert_eq!(unescape_text(expected).as_deref(), Some(text), "{expected}");
        }
        assert_eq!(escape("a/b"), "a%2Fb");
    }

    #[test]
    fn two_digits_for_each_byte() {
        assert_eq!(hex(&[]), "");
        assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
    }

    #[test]
    fn another_implementation_agrees_on_every_byte_and_length() {
        use base64ct::{Base64, Base64UrlUnpadded, Encoding};
        use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

        const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        let all: String = (0..0x250_u32).chain(0x1_f400..0x1_f410).filter_map(char::from_u32).collect();
        assert_eq!(escape(&all), utf8_percent_encode(&all, RESERVED).to_string());
        let odd = "%41%4%zz%%C3%A9+%ff%F";
        assert_eq!(unescape(odd), percent_decode_str(odd).collect::<Vec<u8>>());
        let bytes: Vec<u8> = (0..=255_u8).chain((0..=255).rev()).map(|byte| byte.wrapping_mul(37)).collect();
        for length in 0..bytes.len() {
            assert_eq!(base64(&bytes[..length]), Base64::encode_string(&bytes[..length]), "{length}");
            assert_eq!(base64url(&bytes[..length]), Base64UrlUnpadded::encode_string(&bytes[..length]), "{length}");
        }
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for (text, expected) in [("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%%41", "%A"), ("%c3%A9+", "\u{e9}+")] {
            assert_eq!(unescape_text(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(unescape("%FF%fe"), [0xff, 0xfe]);
        assert_eq!(unescape_text("%FF"), None);
    }

    #[test]
    fn base64_is_padded_and_its_url_form_is_not() {
        for (bytes, padded, url) in [
            (&b""[..], "", ""),
            (b"f", "Zg==", "Zg"),
            (b"fo", "Zm8=", "Zm8"),
            (b"foo", "Zm9v", "Zm9v"),
            (b"foobar", "Zm9vYmFy", "Zm9vYmFy"),
            (&[0xfb, 0xff, 0xfe], "+//+", "-__-"),
        ] {
            assert_eq!((base64(bytes).as_str(), base64url(bytes).as_str()), (padded, url), "{bytes:?}");
        }
    }
}

//! Text on its way into URLs and back.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Appends a path: everything but unreserved characters and `/` escaped, nothing normalised.
pub(crate) fn push_path(out: &mut String, path: &str) {
    out.extend(utf8_percent_encode(path, PATH));
}

/// Appends a part of a query: everything but unreserved characters escaped.
pub(crate) fn push_component(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, COMPONENT));
}

/// Appends `name=value` to a query.
pub(crate) fn push_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    push_component(query, value);
}

/// Text that S3 sent with `encoding-type=url`, where `+` is a blank. `None` when it is no UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let blank = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    percent_decode_str(&blank).decode_utf8().ok().map(Cow::into_owned)
}

/// Base64 with padding, for a digest in a header.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 63;
            out.push(if place > group.len() { '=' } else { char::from(BASE64[index as usize]) });
        }
    }
    out
}

const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &COMPONENT.remove(b'/');
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    fn check_path(key: &str, expected: &str) {
        let mut out = String::new();
        push_path(&mut out, key);
        assert_eq!(out, expected, "{key:?}");
    }

    #[test]
    fn keys_go_out_as_they_are() {
        for (key, expected) in [
            ("a//b", "a//b"),
            ("./x", "./x"),
            ("a/../b", "a/../b"),
            ("/lead", "/lead"),
            ("tail/", "tail/"),
            ("a b", "a%20b"),
            ("a+b", "a%2Bb"),
            ("100%", "100%25"),
            ("%2F", "%252F"),
            ("a?b#c&d=e", "a%3Fb%23c%26d%3De"),
            ("tab\tnl\n\u{1}", "tab%09nl%0A%01"),
            ("\\\"<>{}|^`'()*!:;@$,[]", "%5C%22%3C%3E%7B%7D%7C%5E%60%27%28%29%2A%21%3A%3B%40%24%2C%5B%5D"),
            ("é🐬", "%C3%A9%F0%9F%90%AC"),
            ("-._~", "-._~"),
        ] {
            check_path(key, expected);
        }
    }

    #[test]
    fn what_s3_encodes_comes_back() {
        for (text, expected) in [
            ("a+b%2Bc", Some("a b+c")),
            ("a%20b", Some("a b")),
            ("%01%0A", Some("\u{1}\n")),
            ("%C3%A9", Some("é")),
            ("100%25", Some("100%")),
            ("a/../b//", Some("a/../b//")),
            ("%FF", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn base64_pads() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}

//! Text on its way into URLs and back.

use std::borrow::Cow;

use tucuxi_core::encode::{push_escaped, unescape_text};

/// Appends a path: everything but unreserved characters and `/` escaped, nothing normalised.
pub(crate) fn push_path(out: &mut String, path: &str) {
    push_escaped(out, path, "/");
}

/// Appends a part of a query: everything but unreserved characters escaped.
pub(crate) fn push_component(out: &mut String, text: &str) {
    push_escaped(out, text, "");
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
    unescape_text(&blank)
}

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
}

//! Percent and hexadecimal encoding as AWS signs it.

/// Appends `bytes`, everything but `A-Z a-z 0-9 - . _ ~` escaped.
#[cfg(feature = "presign")]
pub(crate) fn push_component(out: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        push_byte(out, byte, false);
    }
}

/// Appends a path, `/` kept.
#[inline]
pub(crate) fn push_path(out: &mut Vec<u8>, path: &[u8]) {
    for &byte in path {
        push_byte(out, byte, true);
    }
}

/// Appends an escaped path in the one form that is signed: the same bytes, escaped anew.
pub(crate) fn push_path_again(out: &mut Vec<u8>, path: &[u8]) {
    let mut rest = path;
    while let Some((byte, tail)) = unescape(rest) {
        // An escaped slash is part of a segment, not an end of it.
        push_byte(out, byte, rest[0] == b'/');
        rest = tail;
    }
}

/// Appends an escaped query component in the one form that is signed. `+` is a blank, as servers read it.
pub(crate) fn push_component_again(out: &mut Vec<u8>, component: &[u8]) {
    let mut rest = component;
    while let Some((byte, tail)) = unescape(rest) {
        push_byte(out, if rest[0] == b'+' { b' ' } else { byte }, false);
        rest = tail;
    }
}

/// Lower-case hexadecimal.
#[inline]
pub(crate) fn hex(digest: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        pair[0] = LOWER[usize::from(byte >> 4)];
        pair[1] = LOWER[usize::from(byte & 15)];
    }
    text
}

#[inline]
fn push_byte(out: &mut Vec<u8>, byte: u8, keep_slash: bool) {
    if PLAIN[usize::from(byte)] || (keep_slash && byte == b'/') {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'%', UPPER[usize::from(byte >> 4)], UPPER[usize::from(byte & 15)]]);
    }
}

/// The first byte, unescaped, and what follows; a `%` without two digits stands for itself.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'%', high, low, tail @ ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => Some((high << 4 | low, tail)),
            _ => Some((b'%', &text[1..])),
        },
        [byte, tail @ ..] => Some((*byte, tail)),
        [] => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        plain[byte] = c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(push: fn(&mut Vec<u8>, &[u8]), text: &str, expected: &str) {
        let mut out = Vec::new();
        push(&mut out, text.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
    }

    #[test]
    fn a_path_is_escaped_as_it_stands() {
        check(push_path, "/a b/%20/~-._é", "/a%20b/%2520/~-._%C3%A9");
    }

    #[test]
    fn a_path_that_is_escaped_already_comes_out_the_same_or_in_its_one_form() {
        check(push_path_again, "/a%20b/%2F/%e1%88%B4", "/a%20b/%2F/%E1%88%B4");
        check(push_path_again, "/%41/+/(1)/100%/%4/%zz", "/A/%2B/%281%29/100%25/%254/%25zz");
        check(push_path_again, "/a//b/./../c", "/a//b/./../c");
    }

    #[test]
    fn a_query_component_reads_plus_as_a_blank() {
        check(push_component_again, "a+b%2Bc/d=e", "a%20b%2Bc%2Fd%3De");
    }

    #[test]
    fn digests_are_lower_case() {
        assert!(hex(&[0xAB; 32]).iter().all(|byte| b"ab".contains(byte)));
    }
}

//! Base64, in as little as keys, proofs and pasted texts need: no crate for it is in a build otherwise. Pure.
//!
//! Specification: RFC 4648 sections 4 and 5.

use zeroize::Zeroizing;

/// With padding, as in PEM.
pub(crate) fn base64(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = encode(bytes, STANDARD);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// In the alphabet for URLs and without padding, as in signed statements.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    encode(bytes, URL).to_string()
}

/// The bytes of a text in either alphabet, with padding or without.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 2));
    for group in text.chunks(4) {
        let mut bits = 0;
        for place in 0..4 {
            bits = bits << 6 | group.get(place).map_or(Some(0), |letter| value(*letter))?;
        }
        let [_, decoded @ ..] = u32::to_be_bytes(bits);
        // A letter carries 6 bits; of those that do not fill a byte none may be set.
        let (whole, rest) = decoded.split_at(group.len() * 6 / 8);
        if group.len() == 1 || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(whole);
    }
    Some(bytes)
}

fn encode(bytes: &[u8], alphabet: &[u8; 64]) -> Zeroizing<String> {
    // With room for everything, so that no copy of a part is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letters = [18, 12, 6, 0].map(|shift| char::from(alphabet[(bits >> shift & 63) as usize]));
        text.extend(&letters[..=group.len()]);
    }
    text
}

fn value(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Base64UrlUnpadded, Encoding};

    use super::*;

    #[test]
    fn another_implementation_agrees_on_every_length_and_byte() {
        let all: Vec<u8> = (0..=255_u8).chain((0..=255).rev()).map(|byte| byte.wrapping_mul(37)).collect();
        for length in 0..all.len() {
            let bytes = &all[..length];
            assert_eq!(*base64(bytes), Base64::encode_string(bytes), "{length}");
            assert_eq!(base64url(bytes), Base64UrlUnpadded::encode_string(bytes), "{length}");
            for text in [base64(bytes).to_string(), base64url(bytes)] {
                assert_eq!(decode(&text).unwrap().as_slice(), bytes, "{text}");
            }
        }
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        for bad in ["A", "AAAAA", "A A=", "AA\n", "é", "AA=A", "!", "AB", "AAB", "//8/9"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

//! Base64 back into bytes that are wiped, as keys and pasted texts need it. Pure.
//!
//! Specification: RFC 4648 sections 4 and 5.

use zeroize::Zeroizing;

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

#[cfg(test)]
mod tests {
    use tucuxi_core::encode::{base64, base64url};

    use super::*;

    #[test]
    fn what_an_encoder_writes_comes_back() {
        let all: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(37)).collect();
        for length in 0..all.len() {
            for text in [base64(&all[..length]), base64url(&all[..length])] {
                assert_eq!(decode(&text).unwrap().as_slice(), &all[..length], "{text}");
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

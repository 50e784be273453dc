//! Base64 back into bytes that are wiped, as keys and pasted texts need it. Pure.
//!
//! Specification: RFC 4648 sections 4 and 5.

use zeroize::Zeroizing;

/// The bytes of a text in either alphabet, with padding or without, in one line or in several.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let (mut bits, mut count, mut padded) = (0, 0, false);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace()) {
        if letter == b'=' {
            padded = true;
            continue;
        }
        // A letter carries 6 bits, of which up to 6 wait for the next one.
        bits = bits << 6 | value(letter).filter(|_| !padded)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // Of those that do not fill a byte none may be set.
    (count < 6 && bits == 0).then_some(bytes)
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
    fn lines_end_anywhere() {
        for text in ["AAEC", "AA\nEC", "A\r\nA E\tC\n"] {
            assert_eq!(decode(text).unwrap().as_slice(), [0, 1, 2], "{text:?}");
        }
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        for bad in ["A", "AAAAA", "A A=A", "é", "AA=A", "!", "AB", "AAB", "//8/9", "AA\u{a0}A"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

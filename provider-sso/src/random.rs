//! Numbers that nobody can guess, and their text.

use tucuxi_core::{Error, Secret};
use zeroize::Zeroizing;

/// `N` random bytes of the system's, as text for URLs.
pub(crate) fn random<const N: usize>() -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::getrandom(bytes.as_mut())
        .map_err(|error| Error::unavailable(format!("the system gives no random numbers: {error}")))?;
    Ok(Secret::new(base64url(bytes.as_ref())))
}

/// RFC 4648 section 5, without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letters = [18, 12, 6, 0].map(|shift| char::from(ALPHABET[(bits >> shift & 63) as usize]));
        text.extend(&letters[..=group.len()]);
    }
    text
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    #[test]
    fn another_implementation_agrees_on_every_length_and_byte() {
        let all: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(37)).collect();
        for length in 0..=all.len() {
            assert_eq!(base64url(&all[..length]), Base64UrlUnpadded::encode_string(&all[..length]), "{length}");
        }
    }

    #[test]
    fn no_two_are_alike() {
        let drawn: std::collections::HashSet<String> =
            (0..100).map(|_| random::<48>().unwrap().expose().to_owned()).collect();
        assert_eq!(drawn.len(), 100);
        assert!(drawn.iter().all(|text| text.len() == 64));
    }
}

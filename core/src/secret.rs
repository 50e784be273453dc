//! Text that must not be shown.

use std::fmt;

use zeroize::Zeroize;

/// Text that is wiped when dropped and that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership of the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it: a signature or a header.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Written out, so that the wiping is not repeated wherever a secret is dropped.
impl Drop for Secret {
    #[inline(never)]
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a text repeats a secret, or a part of one by which it is recognised: eight bytes in a row, or all of a
/// shorter one as a word of its own. For what others say and messages show.
pub fn repeats_secret(text: &str, secrets: &[&str]) -> bool {
    for secret in secrets {
        let found = match secret.len() {
            0 => false,
            1..PIECE => is_a_word(text.as_bytes(), secret.as_bytes()),
            _ => secret.as_bytes().windows(PIECE).any(|piece| contains(text.as_bytes(), piece)),
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether `piece` is a part of `text`. The one of std is quicker, and many times its size.
pub(crate) fn contains(text: &[u8], piece: &[u8]) -> bool {
    piece.is_empty() || text.windows(piece.len()).any(|window| window == piece)
}

/// Inside of longer words a short secret says nothing, and would hide what servers say.
fn is_a_word(text: &[u8], secret: &[u8]) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let mut windows = text.windows(secret.len()).enumerate();
    windows.any(|(at, window)| {
        window == secret && ends(at.checked_sub(1).and_then(|at| text.get(at))) && ends(text.get(at + secret.len()))
    })
}

const PIECE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_secrets_are_recognised() {
        for (text, secret, repeats) in [
            ("got SEKRIT-TOKEN-0123456789", "SEKRIT-TOKEN-0123456789", true),
            ("begins with SEKRIT-T...", "SEKRIT-TOKEN-0123456789", true),
            ("ends with ...23456789", "SEKRIT-TOKEN-0123456789", true),
            ("has SEKRIT- only", "SEKRIT-TOKEN-0123456789", false),
            ("short", "short", true),
            ("sho", "short", false),
            ("key=test;", "test", true),
            ("the latest testimony", "test", false),
            ("ExpiredToken", "x", false),
            ("anything", "", false),
            ("", "SEKRIT-TOKEN-0123456789", false),
            ("é", "éééééé", false),
        ] {
            assert_eq!(repeats_secret(text, &["", secret]), repeats, "{text}");
        }
    }
}

//! Secrets that can be recognised.

use std::collections::HashSet;
use std::fmt;

/// A secret to look for in texts that must not hold it.
///
/// # Example
/// ```
/// use tucuxi_testkit::{Canary, find_leak};
///
/// let canary = Canary::new("session token");
/// assert_eq!(find_leak(&[canary.clone()], "all is quiet"), None);
/// assert!(find_leak(&[canary.clone()], &format!("token {}..", &canary.value()[12..22])).is_some());
/// ```
#[derive(Clone)]
pub struct Canary {
    name: String,
    value: String,
}

impl Canary {
    /// A new secret of 40 characters, always the same for the same name, shaped like one of AWS's.
    pub fn new(name: &str) -> Self {
        let mut state = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut value = String::from("Canary/+");
        while value.len() < 40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            value.push(char::from(ALPHABET[(state >> 58) as usize]));
        }
        Self { name: name.to_owned(), value }
    }

    /// Looks for a text that is there already.
    pub fn of(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }

    /// The secret itself.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// How the secret is written in `text`, if it is.
    fn written_in(&self, text: &str) -> Option<&'static str> {
        let secret = self.value.as_bytes();
        if secret.is_empty() {
            return None;
        }
        let encoded = forms(secret);
        encoded.iter().find(|form| form.is_in(text.as_bytes())).map(|form| form.name)
    }
}

impl fmt::Debug for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canary({})", self.name)
    }
}

/// Which of the secrets `text` holds, and how it is written there: as it is, as base64, hex,
/// percent-encoded or JSON-escaped, each also in part (8 bytes of the secret are enough).
pub fn find_leak(canaries: &[Canary], text: &str) -> Option<String> {
    canaries.iter().find_map(|canary| Some(format!("{} ({})", canary.name, canary.written_in(text)?)))
}

/// Checks that `text` holds none of the secrets.
///
/// # Panics
/// Naming `what` was checked, the secret and the text.
#[track_caller]
pub fn assert_no_leak(canaries: &[Canary], what: &str, text: &str) {
    if let Some(leak) = find_leak(canaries, text) {
        panic!("{what} shows the {leak}:\n{text}");
    }
}

/// One way of writing a secret; any `window` bytes of it are a leak.
struct Form {
    name: &'static str,
    bytes: Vec<u8>,
    window: usize,
}

impl Form {
    fn new(name: &'static str, bytes: impl Into<Vec<u8>>, window: usize) -> Self {
        Self { name, bytes: bytes.into(), window }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let window = self.window.min(self.bytes.len());
        let pieces: HashSet<&[u8]> = self.bytes.windows(window).collect();
        text.windows(window).any(|piece| pieces.contains(piece))
    }
}

fn forms(secret: &[u8]) -> Vec<Form> {
    let hex = |digits: fn(u8) -> String| secret.iter().map(|byte| digits(*byte)).collect::<String>();
    let mut all = vec![
        Form::new("as it is", secret, PIECE),
        Form::new("hex", hex(|byte| format!("{byte:02x}")), 2 * PIECE),
        Form::new("hex", hex(|byte| format!("{byte:02X}")), 2 * PIECE),
        Form::new("bytes in decimal", hex(|byte| format!("{byte}, ")), 4 * PIECE),
        Form::new("percent-encoded", percent(secret, |byte| format!("%{byte:02X}")), PIECE),
        Form::new("percent-encoded", percent(secret, |byte| format!("%{byte:02x}")), PIECE),
        Form::new("JSON-escaped", escaped(secret, false), PIECE),
        Form::new("JSON-escaped", escaped(secret, true), PIECE),
    ];
    // The three ways in which the secret may lie in a longer text that is encoded as a whole.
    for skip in 0..3.min(secret.len()) {
        for alphabet in [ALPHABET, URL_ALPHABET] {
            all.push(Form::new("base64", base64(&secret[skip..], alphabet), 11));
        }
    }
    all.retain(|form| !form.bytes.is_empty());
    all
}

fn percent(secret: &[u8], escape: fn(u8) -> String) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    secret.iter().map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { escape(*byte) }).collect()
}

fn escaped(secret: &[u8], slashes: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(secret);
    let json = serde_json::Value::from(text.as_ref()).to_string();
    let inner = &json[1..json.len() - 1];
    if slashes { inner.replace('/', "\\/").into_bytes() } else { inner.as_bytes().to_vec() }
}

/// Without padding, and without the last characters that depend on what follows.
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    let mut text = Vec::new();
    for group in bytes.chunks_exact(3) {
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        text.extend([18, 12, 6, 0].map(|shift| alphabet[(bits >> shift & 63) as usize]));
    }
    text
}

const PIECE: usize = 8;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let canary = Canary::of("key", "abc/def+ghi\"jklmnopqrstu");
        assert_eq!(canary.written_in(text), expected, "{text}");
    }

    #[test]
    fn every_form_and_every_piece_is_found() {
        check("nothing here, not even abc/def", None);
        check("abc/def+ghi\"jklmnopqrstu", Some("as it is"));
        check("...jklmnopq...", Some("as it is"));
        check("6162632f6465662b6768", Some("hex"));
        check("6162632F6465662B6768", Some("hex"));
        check("[97, 98, 99, 47, 100, 101, 102, 43, 103, 104]", Some("bytes in decimal"));
        check("k=abc%2Fdef%2Bghi", Some("percent-encoded"));
        check("k=abc%2fdef%2bghi", Some("percent-encoded"));
        check(r"def+ghi\", Some("JSON-escaped"));
        check(r"abc\/def", Some("JSON-escaped"));
        check("eyJrIjoiYWJjL2RlZitnaGkiamtsbW5v", Some("base64"));
        check("YWJjL2RlZitnaGkiamtsbW5v", Some("base64"));
    }

    #[test]
    fn base64_is_found_at_every_offset() {
        let canary = Canary::new("x");
        for prefix in ["", "a", "ab", "abc"] {
            let mut whole = format!("{prefix}{}zzz", canary.value()).into_bytes();
            whole.truncate(whole.len() / 3 * 3);
            let encoded = String::from_utf8(base64(&whole, ALPHABET)).unwrap();
            assert_eq!(canary.written_in(&encoded), Some("base64"), "{prefix}");
        }
    }

    #[test]
    fn canaries_differ_by_name_and_stay_the_same() {
        assert_eq!(Canary::new("a").value(), Canary::new("a").value());
        assert_ne!(Canary::new("a").value()[8..], Canary::new("b").value()[8..]);
        assert_eq!(Canary::new("a").value().len(), 40);
    }
}

//! A device that shows six digits: RFC 6238 with SHA-1, six digits and 30 seconds, as virtual MFA devices are.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use ring::hmac;

/// The only MFA device of the sandbox's user.
#[derive(Debug)]
pub(crate) struct Mfa {
    key: hmac::Key,
    /// Where the last code that was used stood: a code counts once.
    used: Mutex<u64>,
}

impl Mfa {
    pub(crate) fn new(seed: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed), used: Mutex::new(0) }
    }

    /// What the device shows.
    pub(crate) fn code(&self, now: SystemTime) -> String {
        self.code_of(step(now))
    }

    /// Whether this is what the device shows, showed a moment ago or will show next, and was not used before.
    pub(super) fn admits(&self, code: &str, now: SystemTime) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let now = step(now);
        let mut steps = now.saturating_sub(1)..=now + 1;
        let found = steps.find(|step| *step > *used && self.code_of(*step) == code);
        if let Some(step) = found {
            *used = step;
        }
        found.is_some()
    }

    /// The first code that counts, or, when those of the moment are used, the next one.
    #[cfg(feature = "tour")]
    pub(crate) fn unused_code(&self, now: SystemTime) -> String {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        self.code_of(step(now).saturating_sub(1).max(used + 1))
    }

    fn code_of(&self, step: u64) -> String {
        let tag = hmac::sign(&self.key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes[bytes.len() - 1] & 15);
        let number = bytes[offset..offset + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

fn step(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / 30
}

/// The role that asks for it.
pub(crate) const MFA_ROLE: &str = "mfa";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn the_codes_of_the_specification() {
        let mfa = Mfa::new(b"12345678901234567890");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(mfa.code(at(seconds)), code);
        }
    }

    #[test]
    fn a_code_counts_once_and_for_about_a_minute() {
        let mfa = Mfa::new(b"12345678901234567890");
        let code = mfa.code(at(600));
        assert!(!mfa.admits(&code, at(660)) && !mfa.admits(&code, at(540)), "too late, too early");
        assert!(mfa.admits(&code, at(630)) && !mfa.admits(&code, at(600)), "once");
        assert!(!mfa.admits(&mfa.code(at(570)), at(600)), "nor one from before");
        assert!(!mfa.admits("000000", at(630)) && !mfa.admits("", at(630)));
    }

    #[cfg(feature = "tour")]
    #[test]
    fn a_code_that_was_not_used_is_found() {
        let mfa = Mfa::new(b"12345678901234567890");
        let admitted = |seconds: u64| mfa.admits(&mfa.unused_code(at(seconds)), at(seconds));
        assert!(admitted(600) && admitted(600) && admitted(600), "before, now and next");
        assert!(!admitted(600) && admitted(630), "then one has to wait");
    }
}

//! How requests are sent again.

use tucuxi_core::Error;
use tucuxi_core::retry::{self, RetryPolicy};

use super::lookup::one_of;
use super::{Setting, Settings};

/// How requests are sent again.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryMode {
    /// The name of the oldest rules; tucuxi follows the standard ones.
    Legacy,
    /// Three attempts, growing random delays, a budget shared by all calls of a client.
    Standard,
    /// Standard rules, and once a service has asked for fewer requests, each one waits for its turn at the rate
    /// that the service takes.
    Adaptive,
}

impl RetryMode {
    pub(super) fn read(text: &str) -> Result<u32, Error> {
        one_of(text, &["legacy", "standard", "adaptive"])
    }

    /// The mode of this place among the words.
    pub(super) fn numbered(number: u32) -> Self {
        match number {
            0 => Self::Legacy,
            1 => Self::Standard,
            _ => Self::Adaptive,
        }
    }

    /// What to tell about a mode that is not followed to the letter.
    #[inline]
    pub(super) fn note(setting: &Setting<Self>) -> Option<String> {
        matches!(setting.value(), Self::Legacy)
            .then(|| format!("{}: retry mode legacy is followed as standard", setting.origin()))
    }
}

impl Settings {
    /// How the clients of a session send again: [`retry_mode`](Self::retry_mode) and
    /// [`max_attempts`](Self::max_attempts), else 3 times by the standard rules.
    ///
    /// Followed by S3, the Security Token Service and IAM Identity Center. Instance metadata and the container
    /// endpoint count attempts of their own; a console sign-in is never refreshed twice with one token.
    pub fn retry_policy(&self) -> RetryPolicy {
        let attempts = self.max_attempts().map(|setting| *setting.value());
        let policy = attempts.map(RetryPolicy::with_max_attempts).unwrap_or_default();
        policy.with_mode(match self.retry_mode().map(Setting::value) {
            Some(RetryMode::Adaptive) => retry::RetryMode::Adaptive,
            Some(RetryMode::Legacy | RetryMode::Standard) | None => retry::RetryMode::Standard,
        })
    }
}

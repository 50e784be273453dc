//! How requests are sent again.

use tucuxi_core::Error;

use super::{Setting, one_of};

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
    /// Standard rules that also slow the client down; tucuxi follows the standard ones.
    Adaptive,
}

impl RetryMode {
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        one_of(text, &[("legacy", Self::Legacy), ("standard", Self::Standard), ("adaptive", Self::Adaptive)])
    }

    /// What to tell about a mode that is not followed to the letter.
    pub(super) fn note(setting: &Setting<Self>) -> Option<String> {
        let mode = match setting.value() {
            Self::Legacy => "legacy",
            Self::Adaptive => "adaptive",
            Self::Standard => return None,
        };
        Some(format!("{}: retry mode {mode} is followed as standard", setting.origin()))
    }
}

//! When to send a request again, and how fast to send at all: the AWS SDKs' standard and adaptive modes,
//! pure. Time and chance are arguments.
//!
//! Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>

mod budget;
mod pace;
mod retries;

use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::header;
pub use budget::RetryBudget;
pub use retries::Retries;

/// Why a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A socket error, a time-out or a 5xx.
    Transient,
    /// The service asks for fewer requests.
    Throttled,
}

/// Judges an answer by its status and error code; `None` when sending it again would not help.
pub fn classify(status: u16, code: Option<&str>) -> Option<Reason> {
    match code {
        Some(code) if THROTTLING.contains(&code) => return Some(Reason::Throttled),
        Some("RequestTimeout" | "RequestTimeoutException" | "IDPCommunicationError") => return Some(Reason::Transient),
        _ => {}
    }
    match status {
        429 => Some(Reason::Throttled),
        500 | 502 | 503 | 504 => Some(Reason::Transient),
        _ => None,
    }
}

/// How long the service asks to wait (`x-amz-retry-after`, in milliseconds). [`Retries::next`] says how far that counts.
pub fn asked_delay(headers: &HeaderMap) -> Option<Duration> {
    delay(header(headers, &RETRY_AFTER)?)
}

/// The delay that the header of this text asks for.
#[inline(never)]
pub(crate) fn delay(text: &str) -> Option<Duration> {
    text.trim_ascii().parse().ok().map(Duration::from_millis)
}

/// Whether a service says by this code that it does not know, or no longer accepts, the key that signed; then
/// [`Cache::instead_of`](crate::Cache::instead_of) may have another.
pub fn rejects_key(code: Option<&str>) -> bool {
    code.is_some_and(|code| REJECTING.contains(&code))
}

/// The rules by which requests are sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// Growing random delays, and a budget that all calls of a client share.
    #[default]
    Standard,
    /// That, and once the service has asked for fewer requests, every request waits for its turn at a rate
    /// that follows what the service takes.
    Adaptive,
}

/// How often, at most, and by which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Times a request is sent at most, the first one included. Default 3.
    pub max_attempts: u32,
    /// The rules. Default standard.
    pub mode: RetryMode,
}

impl RetryPolicy {
    /// The standard policy with another number of attempts; 0 counts as 1.
    pub fn with_max_attempts(max_attempts: u32) -> Self {
        Self { max_attempts: max_attempts.max(1), ..Self::default() }
    }

    /// The same policy by other rules.
    #[must_use]
    pub fn with_mode(mut self, mode: RetryMode) -> Self {
        self.mode = mode;
        self
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: 3, mode: RetryMode::Standard }
    }
}

pub(crate) static RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");

/// The last is what the Security Token Service calls S3's `InvalidAccessKeyId`.
const REJECTING: [&str; 5] =
    ["ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "TokenRefreshRequired", "InvalidClientTokenId"];

const THROTTLING: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_code_then_status() {
        for code in THROTTLING {
            assert_eq!(classify(400, Some(code)), Some(Reason::Throttled), "{code}");
        }
        for (status, code) in [
            (400, Some("RequestTimeout")),
            (400, Some("RequestTimeoutException")),
            (400, Some("IDPCommunicationError")),
            (500, None),
            (502, None),
            (503, Some("ServiceUnavailable")),
            (504, None),
        ] {
            assert_eq!(classify(status, code), Some(Reason::Transient), "{status} {code:?}");
        }
        assert_eq!(classify(503, Some("SlowDown")), Some(Reason::Throttled));
        assert_eq!(classify(429, None), Some(Reason::Throttled));
        for (status, code) in [(403, Some("AccessDenied")), (501, None), (505, None), (200, None), (400, None)] {
            assert_eq!(classify(status, code), None, "{status} {code:?}");
        }
    }

    #[test]
    fn a_rejected_key_is_not_a_denied_request() {
        assert!(REJECTING.iter().all(|code| rejects_key(Some(code))));
        assert!(![Some("AccessDenied"), Some("SignatureDoesNotMatch"), None].into_iter().any(rejects_key));
    }
}

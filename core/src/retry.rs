//! When to send a request again: the AWS SDKs' standard mode, pure. Time and chance are arguments.
//!
//! Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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

/// How often, at most, and with which delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Times a request is sent at most, the first one included. Default 3.
    pub max_attempts: u32,
}

impl RetryPolicy {
    /// The standard policy with another number of attempts; 0 counts as 1.
    pub fn with_max_attempts(max_attempts: u32) -> Self {
        Self { max_attempts: max_attempts.max(1) }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: 3 }
    }
}

/// The retries that all calls of one client share, so that a dead server is not hammered.
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<Mutex<u32>>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(CAPACITY)))
    }
}

impl RetryBudget {
    /// What is left, from 500 down to 0.
    pub fn left(&self) -> u32 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, cost: u32) -> bool {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *left >= cost;
        if enough {
            *left -= cost;
        }
        enough
    }

    fn give_back(&self, cost: u32) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (*left + cost).min(CAPACITY);
    }
}

/// The retries of one call.
///
/// # Example
/// ```
/// use tucuxi_core::retry::{Reason, Retries, RetryBudget, RetryPolicy};
///
/// let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
/// let delay = retries.next(Reason::Transient, None, 0.5);
/// assert_eq!(delay, Some(std::time::Duration::from_millis(25)));
/// ```
#[derive(Debug)]
pub struct Retries {
    policy: RetryPolicy,
    budget: RetryBudget,
    made: u32,
    last_cost: u32,
}

impl Retries {
    /// The retries of a call that is about to be sent for the first time.
    pub fn new(policy: RetryPolicy, budget: RetryBudget) -> Self {
        Self { policy, budget, made: 0, last_cost: 0 }
    }

    /// How long to wait before sending again, or `None` to give up. `chance` is between 0 and 1;
    /// `retry_after` is what the service asked for (`x-amz-retry-after`).
    pub fn next(&mut self, reason: Reason, retry_after: Option<Duration>, chance: f64) -> Option<Duration> {
        if self.made + 1 >= self.policy.max_attempts {
            return None;
        }
        let (cost, base) = match reason {
            Reason::Transient => (COST_TRANSIENT, BASE_TRANSIENT),
            Reason::Throttled => (COST_THROTTLED, BASE_THROTTLED),
        };
        if !self.budget.take(cost) {
            return None;
        }
        self.last_cost = cost;
        let ceiling = base.saturating_mul(1 << self.made.min(16)).min(MAX_DELAY);
        self.made += 1;
        let delay = ceiling.mul_f64(chance.clamp(0.0, 1.0));
        Some(match retry_after {
            Some(asked) => delay.clamp(asked, asked + RETRY_AFTER_SLACK),
            None => delay,
        })
    }

    /// Records that the call came through, which refills the budget.
    pub fn succeeded(&mut self) {
        self.budget.give_back(if self.last_cost > 0 { self.last_cost } else { 1 });
        self.last_cost = 0;
    }

    /// Retries made so far.
    pub fn made(&self) -> u32 {
        self.made
    }
}

const CAPACITY: u32 = 500;
const COST_TRANSIENT: u32 = 14;
const COST_THROTTLED: u32 = 5;
const BASE_TRANSIENT: Duration = Duration::from_millis(50);
const BASE_THROTTLED: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(20);
const RETRY_AFTER_SLACK: Duration = Duration::from_secs(5);

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
    fn delays_double_up_to_the_ceiling() {
        let mut retries = Retries::new(RetryPolicy::with_max_attempts(20), RetryBudget::default());
        let delays: Vec<u128> =
            std::iter::from_fn(|| retries.next(Reason::Transient, None, 1.0)).map(|d| d.as_millis()).collect();
        assert_eq!(
            delays,
            [
                50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000,
                20_000, 20_000, 20_000, 20_000
            ]
        );
    }

    #[test]
    fn three_attempts_are_two_retries() {
        let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_some());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_some());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_none());
    }

    #[test]
    fn a_dead_server_sees_at_most_500_over_14_retries() {
        let budget = RetryBudget::default();
        let sends: u32 = (0..1000)
            .map(|_| {
                let mut retries = Retries::new(RetryPolicy::default(), budget.clone());
                while retries.next(Reason::Transient, None, 0.0).is_some() {}
                1 + retries.made()
            })
            .sum();
        assert_eq!(sends, 1000 + 500 / 14);
    }

    #[test]
    fn a_success_gives_back_what_its_retry_took_else_one() {
        let budget = RetryBudget::default();
        let mut retries = Retries::new(RetryPolicy::default(), budget.clone());
        retries.next(Reason::Transient, None, 0.0);
        assert_eq!(budget.left(), 486);
        retries.succeeded();
        assert_eq!(budget.left(), 500);
        budget.take(10);
        Retries::new(RetryPolicy::default(), budget.clone()).succeeded();
        assert_eq!(budget.left(), 491);
    }

    #[test]
    fn the_service_may_ask_for_a_delay() {
        let asked = Some(Duration::from_secs(2));
        let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
        assert_eq!(retries.next(Reason::Transient, asked, 1.0), asked);
        let mut retries = Retries::new(RetryPolicy::with_max_attempts(20), RetryBudget::default());
        for _ in 0..12 {
            retries.next(Reason::Transient, None, 1.0);
        }
        assert_eq!(retries.next(Reason::Transient, asked, 1.0), Some(Duration::from_secs(7)));
    }

    #[test]
    fn answers_are_judged_by_code_then_status() {
        assert_eq!(classify(503, Some("SlowDown")), Some(Reason::Throttled));
        assert_eq!(classify(400, Some("RequestTimeout")), Some(Reason::Transient));
        assert_eq!(classify(500, None), Some(Reason::Transient));
        assert_eq!(classify(403, Some("AccessDenied")), None);
        assert_eq!(classify(501, None), None);
    }
}

//! The retries of one call.

use std::time::{Duration, SystemTime};

use crate::random::part_of;

use super::{Reason, RetryBudget, RetryMode, RetryPolicy};

/// The retries of one call.
///
/// Before each request ask [`pause`](Self::pause), after each tell [`answered`](Self::answered).
///
/// # Example
/// ```
/// use std::time::{Duration, SystemTime};
/// use tucuxi_core::retry::{Reason, Retries, RetryBudget, RetryPolicy};
///
/// let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
/// let now = SystemTime::UNIX_EPOCH;
/// assert_eq!(retries.pause(now), None);
/// retries.answered(Some(Reason::Transient), now);
/// assert_eq!(retries.next(Reason::Transient, None, 0.5), Some(Duration::from_millis(25)));
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

    /// How long to wait before asking this again; `None` when the request may be sent now, which counts it.
    ///
    /// Asked before every request, the first and those sent again. Only the adaptive mode makes anybody wait.
    pub fn pause(&self, now: SystemTime) -> Option<Duration> {
        match self.policy.mode {
            RetryMode::Standard => None,
            RetryMode::Adaptive => self.budget.with_pace(|pace| pace.turn(now)).err(),
        }
    }

    /// Records what became of a request: an answer, or [`Reason::Transient`] for the lack of one.
    pub fn answered(&self, reason: Option<Reason>, now: SystemTime) {
        if self.policy.mode == RetryMode::Adaptive {
            self.budget.with_pace(|pace| pace.answered(reason == Some(Reason::Throttled), now));
        }
    }

    /// How long to wait before sending again, or `None` to give up. `chance` is between 0 and 1;
    /// `retry_after` is what the service asked for (`x-amz-retry-after`): it counts as far as it is not
    /// shorter than the delay without it, and not more than 5 s longer.
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
        let delay = part_of(ceiling, chance.clamp(0.0, 1.0));
        Some(match retry_after {
            Some(asked) => asked.clamp(delay, delay + RETRY_AFTER_SLACK),
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

const COST_TRANSIENT: u32 = 14;
const COST_THROTTLED: u32 = 5;
const BASE_TRANSIENT: Duration = Duration::from_millis(50);
const BASE_THROTTLED: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(20);
const RETRY_AFTER_SLACK: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_ceiling() {
        let check = |reason, expected: &[u64]| {
            let mut retries = Retries::new(RetryPolicy::with_max_attempts(20), RetryBudget::default());
            let delays: Vec<Duration> = std::iter::from_fn(|| retries.next(reason, None, 1.0)).collect();
            let expected: Vec<Duration> = expected.iter().map(|ms| Duration::from_millis(*ms)).collect();
            assert_eq!(delays[..expected.len()], expected);
            assert_eq!(delays.len(), 19);
            assert!(delays[expected.len()..].iter().all(|delay| *delay == MAX_DELAY));
        };
        check(Reason::Transient, &[50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000]);
        check(Reason::Throttled, &[1000, 2000, 4000, 8000, 16_000, 20_000]);
    }

    #[test]
    fn three_attempts_are_two_retries() {
        let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_some());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_some());
        assert!(retries.next(Reason::Throttled, None, 0.0).is_none());
    }

    #[test]
    fn a_server_in_trouble_sees_few_retries() {
        for (reason, most) in [(Reason::Transient, 500 / 14), (Reason::Throttled, 500 / 5)] {
            let budget = RetryBudget::default();
            let sends: u32 = (0..1000)
                .map(|_| {
                    let mut retries = Retries::new(RetryPolicy::default(), budget.clone());
                    while retries.next(reason, None, 0.0).is_some() {}
                    1 + retries.made()
                })
                .sum();
            assert_eq!(sends, 1000 + most);
        }
    }

    #[test]
    fn a_success_gives_back_what_its_last_retry_took_else_one() {
        let budget = RetryBudget::default();
        let mut retries = Retries::new(RetryPolicy::default(), budget.clone());
        retries.next(Reason::Transient, None, 0.0);
        assert_eq!(budget.left(), 486);
        retries.next(Reason::Throttled, None, 0.0);
        assert_eq!(budget.left(), 481);
        retries.succeeded();
        assert_eq!(budget.left(), 486);
        Retries::new(RetryPolicy::default(), budget.clone()).succeeded();
        assert_eq!(budget.left(), 487);
        budget.give_back(100);
        assert_eq!(budget.left(), 500);
    }

    #[test]
    fn the_service_may_ask_for_up_to_five_seconds_more() {
        let next = |asked: u64| {
            let mut retries = Retries::new(RetryPolicy::default(), RetryBudget::default());
            let delay = retries.next(Reason::Throttled, Some(Duration::from_millis(asked)), 1.0);
            delay.unwrap().as_millis()
        };
        assert_eq!((next(0), next(999), next(1500), next(6000), next(60_000)), (1000, 1000, 1500, 6000, 6000));
    }

    #[test]
    fn only_the_adaptive_mode_waits_for_its_turn_and_then_for_each_request() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        for (mode, waits) in [(RetryMode::Standard, false), (RetryMode::Adaptive, true)] {
            let retries = Retries::new(RetryPolicy::default().with_mode(mode), RetryBudget::default());
            assert_eq!(retries.pause(now), None);
            retries.answered(Some(Reason::Transient), now);
            assert_eq!(retries.pause(now), None, "a dead server does not ask for fewer requests");
            retries.answered(Some(Reason::Throttled), now);
            assert_eq!(retries.pause(now), waits.then(|| Duration::from_secs(2)));
            let later = now + Duration::from_secs(2);
            assert_eq!(retries.pause(later), None);
            assert_eq!(retries.pause(later).is_some(), waits, "one turn is one request");
        }
    }
}

//! A code that a person enters on another device.

use std::time::{Duration, SystemTime};

use super::refusal::{Reason, Refusal};
use crate::keyring::random;

/// A device that waits for a person's decision.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) client_id: String,
    pub(super) user_code: String,
    expires_at: SystemTime,
    interval: Duration,
    polled_at: Option<SystemTime>,
    decision: Option<bool>,
}

impl Device {
    pub(super) fn new(client_id: String, interval: Duration, expires_at: SystemTime) -> Self {
        let user_code = user_code();
        Self { client_id, user_code, expires_at, interval, polled_at: None, decision: None }
    }

    /// What a person decides is final.
    pub(super) fn decide(&mut self, approved: bool, now: SystemTime) -> bool {
        let open = self.decision.is_none() && now < self.expires_at;
        if open {
            self.decision = Some(approved);
        }
        open
    }

    pub(super) fn is_open(&self, now: SystemTime) -> bool {
        self.decision.is_none() && now < self.expires_at
    }

    pub(super) fn ended_before(&self, then: SystemTime) -> bool {
        self.expires_at < then
    }

    /// Whether the person has approved.
    pub(super) fn poll(&mut self, now: SystemTime) -> Result<(), Refusal> {
        let soonest = self.polled_at.replace(now).map(|polled| polled + self.interval.saturating_sub(LEEWAY));
        match self.decision {
            _ if self.expires_at <= now => Err(Reason::ExpiredToken.because("the device code has expired")),
            Some(true) => Ok(()),
            Some(false) => Err(Reason::AccessDenied.because("the person refused")),
            None if soonest.is_some_and(|soonest| now < soonest) => {
                self.interval += SLOW_DOWN;
                let seconds = self.interval.as_secs();
                Err(Reason::SlowDown.because(format!("from now on wait {seconds} seconds between two questions")))
            }
            None => Err(Reason::AuthorizationPending.because("nobody has entered the code yet")),
        }
    }
}

/// Eight letters that make no words.
fn user_code() -> String {
    let letters: Vec<char> = random()
        .bytes()
        .take(8)
        .filter_map(|digit| char::from(digit).to_digit(16))
        .map(|digit| char::from(b"BCDFGHJKLMNPQRST"[digit as usize]))
        .collect();
    let (front, back) = letters.split_at(letters.len() / 2);
    format!("{}-{}", String::from_iter(front), String::from_iter(back))
}

/// RFC 8628 section 3.5.
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// Two clocks never agree entirely.
const LEEWAY: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn who_asks_too_often_waits_longer() {
        let mut device = Device::new("c".into(), Duration::from_secs(5), at(600));
        let mut check = |seconds, expected| {
            assert_eq!(device.poll(at(seconds)).map_err(|refusal| refusal.0), Err(expected), "{seconds}");
        };
        check(0, Reason::AuthorizationPending);
        check(5, Reason::AuthorizationPending);
        check(9, Reason::SlowDown);
        check(15, Reason::SlowDown);
        check(30, Reason::AuthorizationPending);
        check(600, Reason::ExpiredToken);
        assert!(!device.decide(true, at(600)));
    }

    #[test]
    fn a_decision_is_final() {
        for approved in [true, false] {
            let mut device = Device::new("c".into(), Duration::from_secs(5), at(600));
            assert!(device.is_open(at(1)) && device.decide(approved, at(1)) && !device.decide(!approved, at(1)));
            assert!(!device.is_open(at(1)));
            assert_eq!(device.poll(at(1)).is_ok(), approved);
        }
    }

    #[test]
    fn codes_are_easy_to_read_out() {
        let code = user_code();
        assert!(
            code.len() == 9 && code.as_bytes()[4] == b'-' && !code.contains(['A', 'E', 'I', 'O', 'U', '0']),
            "{code}"
        );
        assert_ne!(code, user_code());
    }
}

//! How far this machine's clock is from the server's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};
use tracing::warn;
use tucuxi_core::{Env, parse_timestamp};

/// What the server's dates say about this machine's clock.
#[derive(Debug)]
pub(super) struct Skew {
    env: Env,
    millis: AtomicI64,
    /// The date that was judged last; most answers of a second carry the same.
    judged: Mutex<Vec<u8>>,
}

impl Skew {
    pub(super) fn new(env: Env) -> Self {
        Self { env, millis: AtomicI64::new(0), judged: Mutex::default() }
    }

    /// Learns from an answer to a request that was sent and answered at these instants.
    pub(super) fn observe(&self, headers: &HeaderMap, sent: SystemTime, received: SystemTime) {
        let Some(date) = headers.get(DATE) else { return };
        if headers.contains_key(AGE) {
            return;
        }
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        if *judged == date.as_bytes() {
            return;
        }
        judged.clear();
        judged.extend_from_slice(date.as_bytes());
        let server = date.to_str().ok().and_then(parse_timestamp);
        if let Some(offset) = server.and_then(|server| offset(server, sent, received)) {
            self.millis.store(offset, Ordering::Relaxed);
        }
    }

    /// The instant to sign with, when this machine's clock says `now`.
    pub(super) fn correct(&self, now: SystemTime) -> SystemTime {
        let millis = self.millis.load(Ordering::Relaxed);
        let by = Duration::from_millis(millis.unsigned_abs());
        if by <= TOLERATED || self.is_off() {
            return now;
        }
        let corrected = if millis > 0 { now.checked_add(by) } else { now.checked_sub(by) };
        corrected.unwrap_or(now)
    }

    /// Whether signing again, at the corrected instant, makes a difference to `signed`.
    pub(super) fn changes(&self, now: SystemTime, signed: SystemTime) -> bool {
        let corrected = self.correct(now);
        let apart = corrected.duration_since(signed).unwrap_or_else(|earlier| earlier.duration());
        let changes = apart > TOLERATED;
        if changes {
            warn!(apart_s = apart.as_secs(), "this machine's clock is wrong; signing with the server's time");
        }
        changes
    }

    fn is_off(&self) -> bool {
        // A variable that is no text asks for nothing.
        self.env.is_true(SWITCH).unwrap_or(false)
    }
}

/// The server's clock minus this one's, in milliseconds; `None` when the exchange says nothing about it.
fn offset(server: SystemTime, sent: SystemTime, received: SystemTime) -> Option<i64> {
    let took = received.duration_since(sent).ok().filter(|took| *took <= LONGEST_EXCHANGE)?;
    let middle = sent + took / 2;
    let (ahead, by) = match server.duration_since(middle) {
        Ok(by) => (1, by),
        Err(behind) => (-1, behind.duration()),
    };
    i64::try_from(by.as_millis()).ok().map(|millis| millis * ahead)
}

const TOLERATED: Duration = Duration::from_secs(4 * 60);
const LONGEST_EXCHANGE: Duration = Duration::from_secs(15 * 60);
const SWITCH: &str = "AWS_DISABLE_CLOCK_SKEW_CORRECTION";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600 + seconds)
    }

    /// What is signed at `at(0)` after an answer dated `date` that came in `took` seconds.
    fn check(env: &Env, date: &str, age: bool, took: u64, expected: SystemTime) {
        let skew = Skew::new(env.clone());
        let mut headers = HeaderMap::new();
        headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        if age {
            headers.insert(AGE, HeaderValue::from_static("1"));
        }
        skew.observe(&headers, at(0), at(took));
        assert_eq!(skew.correct(at(0)), expected, "{date} {took}");
    }

    #[test]
    fn the_offset_counts_above_four_minutes_from_answers_that_can_be_trusted() {
        let env = Env::fake::<String, String>([]);
        let hour = "Thu, 01 Jan 2026 01:00:00 GMT";
        check(&env, hour, false, 0, at(3600));
        check(&env, hour, false, 100, at(3550));
        check(&env, hour, true, 0, at(0));
        check(&env, hour, false, 901, at(0));
        check(&env, "Thu, 01 Jan 2026 00:04:00 GMT", false, 0, at(0));
        check(&env, "Thu, 01 Jan 2026 00:04:01 GMT", false, 0, at(241));
        check(&env, "Wed, 31 Dec 2025 23:00:00 GMT", false, 0, at(0) - Duration::from_secs(3600));
        check(&env, "soon", false, 0, at(0));
        check(&Env::fake([(SWITCH, "true")]), hour, false, 0, at(0));
    }

    #[test]
    fn an_answer_with_the_right_time_ends_the_correction() {
        let skew = Skew::new(Env::fake::<String, String>([]));
        let mut headers = HeaderMap::new();
        for (date, expected) in [("Thu, 01 Jan 2026 01:00:00 GMT", at(3600)), ("Thu, 01 Jan 2026 00:00:01 GMT", at(0))]
        {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            skew.observe(&headers, at(0), at(0));
            assert_eq!(skew.correct(at(0)), expected);
        }
    }
}

//! The adaptive mode's rate: measured, cut when the service asks for fewer requests, grown again along a
//! cubic curve.

use std::time::{Duration, SystemTime};

use crate::random::part_of;

/// How fast a client may send. Nothing holds it back before the service asks for fewer requests once.
#[derive(Default)]
pub(super) struct Pace {
    /// A whole second before anything happened; every time here is counted from it.
    origin: Option<SystemTime>,
    limited: bool,
    measured: Measured,
    curve: Curve,
    bucket: Bucket,
}

impl Pace {
    /// Takes a token for one request, or tells after which time to ask again.
    #[inline]
    pub(super) fn turn(&mut self, now: SystemTime) -> Result<(), Duration> {
        if !self.limited {
            return Ok(());
        }
        let now = self.seconds(now);
        self.bucket.take(now).map_err(|wait| part_of(Duration::from_secs(1), wait).max(SHORTEST_WAIT))
    }

    /// Learns from an answer, or from the lack of one.
    pub(super) fn answered(&mut self, throttled: bool, now: SystemTime) {
        let now = self.seconds(now);
        let measured = self.measured.record(now);
        let rate = if throttled {
            let current = if self.limited { measured.min(self.bucket.rate) } else { measured };
            self.limited = true;
            self.curve.cut(current, now)
        } else {
            self.curve.rate_at(now)
        };
        self.bucket.change_rate(rate.min(MOST_GROWTH * measured), now);
    }

    /// Requests each second, once there is a limit.
    pub(super) fn limit(&self) -> Option<f64> {
        self.limited.then_some(self.bucket.rate)
    }

    fn seconds(&mut self, now: SystemTime) -> f64 {
        if let Some(origin) = self.origin
            && let Ok(since) = now.duration_since(origin)
        {
            return since.as_secs_f64();
        }
        // The first time, or the clock was set back: what was counted from the old origin means nothing now.
        let whole = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let origin = SystemTime::UNIX_EPOCH + Duration::from_secs(whole);
        *self =
            Self { origin: Some(origin), limited: self.limited, bucket: self.bucket.restarted(), ..Self::default() };
        now.duration_since(origin).map_or(0.0, |since| since.as_secs_f64())
    }
}

/// How many requests are answered each second, smoothed.
#[derive(Default)]
struct Measured {
    rate: f64,
    count: f64,
    since: f64,
}

impl Measured {
    fn record(&mut self, now: f64) -> f64 {
        let slot = (now / SLOT).floor() * SLOT;
        self.count += 1.0;
        if slot > self.since {
            let current = self.count / (slot - self.since);
            self.rate = current * SMOOTHING + self.rate * (1.0 - SMOOTHING);
            self.count = 0.0;
            self.since = slot;
        }
        self.rate
    }
}

/// A cubic curve that comes back to the rate at which the service last complained, lingers there, and goes on.
#[derive(Default)]
struct Curve {
    last_rate: f64,
    last_cut: f64,
    /// Seconds from the cut to where the curve is at `last_rate` again.
    flat_after: f64,
}

impl Curve {
    fn rate_at(&self, now: f64) -> f64 {
        SCALE * (now - self.last_cut - self.flat_after).powi(3) + self.last_rate
    }

    fn cut(&mut self, current: f64, now: f64) -> f64 {
        *self = Self { last_rate: current, last_cut: now, flat_after: (current * (1.0 - BETA) / SCALE).cbrt() };
        current * BETA
    }
}

/// A bucket of tokens; each request takes one.
struct Bucket {
    rate: f64,
    capacity: f64,
    held: f64,
    filled_at: Option<f64>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { rate: 1.0, capacity: 1.0, held: 0.0, filled_at: None }
    }
}

impl Bucket {
    fn take(&mut self, now: f64) -> Result<(), f64> {
        self.fill(now);
        if self.held + ROUNDING >= 1.0 {
            self.held = (self.held - 1.0).max(0.0);
            return Ok(());
        }
        Err((1.0 - self.held) / self.rate)
    }

    fn change_rate(&mut self, rate: f64, now: f64) {
        // The time until now counts at the old rate.
        self.fill(now);
        self.rate = rate.max(LEAST_RATE);
        self.capacity = rate.max(1.0);
        self.held = self.held.min(self.capacity);
    }

    fn fill(&mut self, now: f64) {
        if let Some(filled_at) = self.filled_at {
            self.held = (self.held + (now - filled_at).max(0.0) * self.rate).min(self.capacity);
        }
        self.filled_at = Some(now);
    }

    fn restarted(&self) -> Self {
        Self { filled_at: None, ..*self }
    }
}

const BETA: f64 = 0.7;
const SCALE: f64 = 0.4;
const SMOOTHING: f64 = 0.8;
/// Seconds over which requests are counted.
const SLOT: f64 = 0.5;
const LEAST_RATE: f64 = 0.5;
const MOST_GROWTH: f64 = 2.0;
const ROUNDING: f64 = 1e-6;
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600) + Duration::from_secs_f64(seconds)
    }

    /// What botocore's own classes say to the same answers at the same times: `tests/data/adaptive.txt` has
    /// how it was made.
    #[test]
    fn rates_are_those_of_botocore() {
        let mut pace = Pace::default();
        pace.seconds(at(0.0));
        pace.bucket.change_rate(1.0, 0.0);
        let rows = include_str!("../../tests/data/adaptive.txt");
        let rows: Vec<_> = rows.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(rows.len(), 400);
        for row in rows {
            let fields: Vec<f64> = row.split_whitespace().map(|field| field.parse().unwrap()).collect();
            let &[seconds, throttled, measured, rate, capacity, held, wait] = fields.as_slice() else {
                panic!("{row:?} has not 7 fields");
            };
            let waits = pace.turn(at(seconds)).map_or_else(|wait| wait.as_secs_f64(), |()| 0.0);
            assert!((waits - wait).abs() < 0.002, "{row}: waits {waits}");
            pace.answered(throttled > 0.0, at(seconds));
            let found = [pace.measured.rate, pace.bucket.rate, pace.bucket.capacity, pace.bucket.held];
            for (found, expected) in found.into_iter().zip([measured, rate, capacity, held]) {
                assert!((found - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{row}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn nothing_is_held_back_before_the_service_complains() {
        let mut pace = Pace::default();
        for _ in 0..10_000 {
            assert_eq!(pace.turn(at(1.0)), Ok(()));
            pace.answered(false, at(1.0));
        }
        assert_eq!(pace.limit(), None);
        pace.answered(true, at(1.0));
        assert!(pace.limit().is_some());
    }

    #[test]
    fn a_service_that_takes_ten_a_second_gets_about_ten_a_second() {
        let mut pace = Pace::default();
        let (mut now, mut taken, mut refused) = (0.0, 0_u32, 0_u32);
        let mut second = (0.0_f64, 0_u32);
        // Callers without end, one after another, for two minutes.
        while now < 120.0 {
            if let Err(wait) = pace.turn(at(now)) {
                now += wait.as_secs_f64();
                continue;
            }
            if now.floor() > second.0 {
                second = (now.floor(), 0);
            }
            second.1 += 1;
            let throttled = second.1 > 10;
            if throttled {
                refused += 1
            } else {
                taken += 1
            }
            pace.answered(throttled, at(now));
            now += 0.001;
        }
        assert!(taken > 120 * 5, "{taken} of 1200 that the service would have taken");
        assert!(refused < taken / 4, "{refused} refused, {taken} taken");
    }

    #[test]
    fn a_clock_that_is_set_back_or_far_ahead_stops_nobody() {
        let mut pace = Pace::default();
        for step in 0..100 {
            pace.answered(step % 3 == 0, at(100_000.0 + f64::from(step) / 10.0));
        }
        for now in [10.0, 1e9, 5.0] {
            if let Err(wait) = pace.turn(at(now)) {
                assert!(wait <= Duration::from_secs(2), "{now}: {wait:?}");
                assert_eq!(pace.turn(at(now + wait.as_secs_f64() + 0.001)), Ok(()), "{now}");
            }
            pace.answered(false, at(now));
        }
    }
}

//! Jitter. Not for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// A number between 0 and 1, uniformly, for jitter; not fit for secrets.
///
/// The standard library seeds its hash keys from the system once per thread and changes them at each use,
/// which is random enough to spread retries and costs no further crate.
#[inline(never)]
pub fn uniform() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// This part of a duration, or as many times it; `Duration::mul_f64` is many times its size.
#[inline(never)]
pub(crate) fn part_of(whole: Duration, part: f64) -> Duration {
    let nanoseconds = whole.as_secs() as f64 * 1e9 + f64::from(whole.subsec_nanos());
    Duration::from_nanos((nanoseconds * part) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_in_range_and_spreads() {
        let drawn: Vec<f64> = (0..1000).map(|_| uniform()).collect();
        assert!(drawn.iter().all(|x| (0.0..1.0).contains(x)));
        let mean = drawn.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}

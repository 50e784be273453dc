//! Jitter. Not for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number between 0 and 1, uniformly, for jitter; not fit for secrets.
///
/// The standard library seeds its hash keys from the system once per thread and changes them at each use,
/// which is random enough to spread retries and costs no further crate.
pub fn uniform() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
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

//! How long a renewal may take.

use std::time::Duration;

use super::files::LOCK_LIMIT;
use crate::HttpOptions;

/// The limits of a request that renews: they hold as a whole, so that an answer that trickles in ends too.
#[inline]
pub fn for_a_renewal(limits: HttpOptions) -> HttpOptions {
    limits.with_whole(renewal(&limits))
}

/// How long a fetch may take in which a renewal is one of `requests`: enough for a turn, all of them and the keeping.
/// Given up between a renewal and its keeping, a refresh token would be spent for nothing.
pub fn time_limit(limits: &HttpOptions, requests: u32) -> Duration {
    if requests == 0 {
        LIMIT
    } else {
        LOCK_LIMIT.saturating_add(renewal(limits).saturating_mul(requests)).saturating_add(KEEPING).max(LIMIT)
    }
}

fn renewal(limits: &HttpOptions) -> Duration {
    limits.whole.unwrap_or_else(|| limits.connect.saturating_add(limits.first_byte))
}

/// That of other sources.
const LIMIT: Duration = Duration::from_secs(30);
/// To write what was renewed.
const KEEPING: Duration = Duration::from_secs(2);

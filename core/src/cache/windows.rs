//! How early to refresh.

use std::time::{Duration, SystemTime};

/// How long before expiry a refresh starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Windows {
    /// From here on one refresh runs in the background.
    pub advisory: Duration,
    /// From here on callers wait for the refresh.
    pub mandatory: Duration,
}

impl Windows {
    /// The given windows; the mandatory one is never wider than the advisory one.
    pub fn new(advisory: Duration, mandatory: Duration) -> Self {
        Self { advisory, mandatory: mandatory.min(advisory) }
    }

    /// The windows for credentials that live this long from the fetch on.
    ///
    /// # Example
    /// ```
    /// use std::time::Duration;
    /// use tucuxi_core::Windows;
    ///
    /// const MINUTE: Duration = Duration::from_secs(60);
    /// assert_eq!(Windows::for_lifetime(60 * MINUTE), Windows::new(15 * MINUTE, MINUTE));
    /// ```
    #[inline]
    pub fn for_lifetime(lifetime: Duration) -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        let advisory = if lifetime <= 20 * MINUTE {
            5 * MINUTE
        } else if lifetime < 90 * MINUTE {
            15 * MINUTE
        } else {
            60 * MINUTE
        };
        Self::new(advisory, MINUTE)
    }
}

/// The instants that end a phase; fixed when the credentials were fetched.
#[derive(Clone, Copy)]
pub(super) struct Deadlines {
    pub(super) advisory: SystemTime,
    pub(super) mandatory: SystemTime,
    pub(super) expiry: SystemTime,
}

impl Deadlines {
    pub(super) fn new(expiry: SystemTime, given: Option<Windows>, now: SystemTime) -> Self {
        let lifetime = expiry.duration_since(now).unwrap_or_default();
        let windows = given.unwrap_or_else(|| Windows::for_lifetime(lifetime));
        let before = |window| expiry.checked_sub(window).unwrap_or(SystemTime::UNIX_EPOCH);
        Self { advisory: before(windows.advisory), mandatory: before(windows.mandatory.min(windows.advisory)), expiry }
    }
}

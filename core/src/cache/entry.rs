//! What is held, and until when nothing is to be done about it. Pure.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::windows::{Deadlines, Windows};
use crate::{Credentials, FileInfo, Location, Source};

/// Credentials with the instants that matter; no deadlines for credentials without an end.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) credentials: Credentials,
    pub(super) deadlines: Option<Deadlines>,
    /// Until then whoever asks gets these at once; `None` for ever.
    pub(super) quiet_until: Option<SystemTime>,
    /// A service does not accept them although they have not expired.
    pub(super) rejected: bool,
    pub(super) stamp: Stamp,
}

/// How the file of static keys looked before it was read last.
#[derive(Clone, Copy, Default)]
pub(super) struct Stamp {
    pub(super) info: Option<FileInfo>,
    /// The source was asked twice at least a second apart and the file looked the same: whatever the source
    /// itself remembers of the file is of this state.
    pub(super) confirmed: bool,
}

impl Entry {
    /// What a fetch brought, in place of what was held.
    pub(super) fn new(
        credentials: Credentials,
        windows: Option<Windows>,
        now: SystemTime,
        held: Option<&Self>,
        pause: Duration,
    ) -> Self {
        let deadlines = credentials.expires_at().map(|expiry| Deadlines::new(expiry, windows, now));
        let mut entry = Self { credentials, deadlines, quiet_until: None, rejected: false, stamp: Stamp::default() };
        entry.quiet_until = entry.first_look(now, held, pause);
        entry
    }

    /// The first instant at which something is to be done about new credentials.
    fn first_look(&self, now: SystemTime, held: Option<&Self>, pause: Duration) -> Option<SystemTime> {
        let Some(at) = self.deadlines else {
            return self.file().map(|_| now + LOOK_EVERY);
        };
        let nothing_later = held
            .filter(|held| !held.rejected)
            .and_then(|held| held.deadlines)
            .is_some_and(|held| at.expiry <= held.expiry);
        if nothing_later {
            // The source has nothing newer yet; asking again at once would bring the same.
            // From the mandatory window on callers wait for what is newer.
            let last = if now < at.mandatory { at.mandatory } else { at.expiry };
            return Some(last.min(now + pause));
        }
        if at.advisory > now {
            return Some(at.advisory);
        }
        // Born in its own advisory window: spread the refreshes over the rest instead of chasing each other.
        let rest = at.mandatory.duration_since(now).unwrap_or_default();
        Some(now + rest / 2)
    }

    /// The same credentials, about which nothing is to be done before `until` or their expiry.
    pub(super) fn quiet_until(&self, until: SystemTime, now: SystemTime) -> Self {
        let mut entry = self.clone();
        entry.keep_quiet_until(until, now);
        entry
    }

    /// Nothing is to be done about these before `until` or their expiry.
    #[inline]
    pub(super) fn keep_quiet_until(&mut self, until: SystemTime, now: SystemTime) {
        self.quiet_until = Some(match self.deadlines {
            Some(at) if now < at.expiry => until.min(at.expiry),
            Some(_) => {
                self.credentials.mark_past_expiry();
                until
            }
            None => until,
        });
    }

    pub(super) fn is_quiet(&self, now: SystemTime) -> bool {
        self.quiet_until.is_none_or(|until| now < until)
    }

    pub(super) fn must_refresh(&self, now: SystemTime) -> bool {
        self.rejected || self.deadlines.is_some_and(|at| now >= at.mandatory)
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        self.deadlines.is_some_and(|at| now >= at.expiry)
    }

    /// Why somebody fetches, in a word.
    pub(super) fn phase(&self, now: SystemTime) -> &'static str {
        match self.deadlines {
            _ if self.rejected => "rejected",
            None => "file",
            Some(at) if now >= at.expiry => "expired",
            Some(at) if now >= at.mandatory => "mandatory",
            Some(_) => "advisory",
        }
    }

    /// Whether the credentials may be handed out while their source is down.
    pub(super) fn is_servable(&self, now: SystemTime) -> bool {
        let stable = self.credentials.provenance().last().is_some_and(Source::is_static_stable);
        !self.has_expired(now) || stable
    }

    /// The file of static keys.
    pub(super) fn file(&self) -> Option<&Path> {
        if self.deadlines.is_some() {
            return None;
        }
        self.credentials.provenance().last().and_then(Source::location).map(Location::path)
    }
}

/// How often the file of static keys is looked at, at most.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);

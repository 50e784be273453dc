//! What an answer, or a rejection by a service, means for those who come later.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tracing::{debug, warn};

use super::entry::{Entry, Stamp};
use super::refresh::{Refresh, Shared};
use crate::random::part_of;
use crate::{Credentials, Error, ErrorKind, FileInfo, failure, format_rfc3339, uniform};

impl Shared {
    /// Stores the answer of a fetch, or decides what its failure means for those who wait. `file` is how the file of
    /// the keys that were held looked before the source was asked.
    pub(super) fn settle(
        &self,
        number: u64,
        answer: Result<Credentials, Error>,
        file: Option<FileInfo>,
    ) -> Result<Credentials, Error> {
        let now = self.now();
        let mut refresh = self.refresh();
        refresh.flight.take_if(|flying| flying.number == number);
        let held = self.current.held();
        let answer = answer.and_then(|credentials| unexpired(credentials, now));
        // One that everybody had left, or that a runtime let stand, may come in after another took its place. It is
        // news to whoever waits for it, and changes nothing of what the later one brought or will bring.
        let overtaken = number < refresh.settled || refresh.flight.is_some();
        if overtaken && let Some(held) = held.as_deref().filter(|entry| entry.is_servable(now)) {
            return answer.or_else(|_| Ok(held.credentials.clone()));
        }
        refresh.settled = number.max(refresh.settled);
        match answer {
            Ok(credentials) => {
                self.keep(&credentials, held.as_deref(), file, &mut refresh, now);
                Ok(credentials)
            }
            Err(error) => self.fail(error, held.as_deref(), &mut refresh, now),
        }
    }

    fn keep(
        &self,
        credentials: &Credentials,
        held: Option<&Entry>,
        file: Option<FileInfo>,
        refresh: &mut Refresh,
        now: SystemTime,
    ) {
        refresh.not_before = None;
        refresh.refusal = None;
        let mut entry = Entry::new(credentials.clone(), self.windows, now, held, jitter(BACK_OFF));
        if let Some(held) = held {
            // As they are written: a comparison by their parts is more code.
            let (file_held, file_new) = (held.file().map(Path::as_os_str), entry.file().map(Path::as_os_str));
            if file_held.is_some() && file_held == file_new {
                let confirmed = held.stamp.info.is_some() && held.stamp.info == file;
                entry.stamp = Stamp { info: file, confirmed };
            }
            if held.rejected && held.credentials.signs_like(&entry.credentials) {
                // The source has no other yet: a storm of rejected callers must not become a storm of fetches.
                let until = now + jitter(REFUSAL);
                refresh.not_before = Some(until);
                entry.keep_quiet_until(until, now);
                entry.rejected = true;
            }
        }
        fetched(credentials, entry.quiet_until);
        self.current.replace(entry);
    }

    fn fail(
        &self,
        error: Error,
        held: Option<&Entry>,
        refresh: &mut Refresh,
        now: SystemTime,
    ) -> Result<Credentials, Error> {
        let kind = error.kind();
        // A source that had credentials and now says that nobody set it up is in trouble like one that is silent.
        let may_pass = matches!(kind, ErrorKind::Unavailable | ErrorKind::NotConfigured);
        let served = held.filter(|entry| match may_pass {
            true => entry.is_servable(now),
            false => !entry.rejected && !entry.has_expired(now),
        });
        let until = match served {
            // A file that is being written is there again in a moment, and asking for it troubles nobody.
            Some(entry) if may_pass => {
                let until = now + jitter(if entry.file().is_some() { REFUSAL } else { BACK_OFF });
                refresh.not_before = Some(until);
                until
            }
            _ => {
                let until = now + jitter(REFUSAL);
                refresh.refusal = Some((error.clone(), until));
                until
            }
        };
        failed(&error, kind, served, until);
        match served {
            Some(entry) => Ok(self.serve_until(entry, until, now)),
            None => Err(error),
        }
    }

    /// Goes on with what is held; past its expiry, with a mark and a warning.
    pub(super) fn serve_until(&self, entry: &Entry, until: SystemTime, now: SystemTime) -> Credentials {
        let entry = entry.quiet_until(until, now);
        let credentials = entry.credentials.clone();
        if entry.has_expired(now) {
            outlived(&credentials, until);
        }
        self.current.replace(entry);
        credentials
    }

    pub(super) fn reject(&self, access_key_id: &str) {
        let refresh = self.refresh();
        let Some(entry) = self.current.held().filter(|entry| entry.credentials.access_key_id() == access_key_id) else {
            debug!(access_key_id, "a service rejected credentials that are no longer held");
            return;
        };
        warn!(access_key_id, provenance = %entry.credentials.provenance(), "a service rejected the credentials");
        let now = self.now();
        let until = refresh.not_before.filter(|until| now < *until).unwrap_or(now);
        let mut entry = entry.quiet_until(until, now);
        entry.rejected = true;
        self.current.replace(entry);
    }
}

// What is logged stands apart: where it is said, more would have to be given up if that went wrong.
#[inline(never)]
fn fetched(credentials: &Credentials, refresh_at: Option<SystemTime>) {
    debug!(
        access_key_id = credentials.access_key_id(),
        provenance = %credentials.provenance(),
        expires_at = credentials.expires_at().map(format_rfc3339),
        refresh_at = refresh_at.map(format_rfc3339),
        "fetched credentials"
    );
}

#[cold]
fn outlived(credentials: &Credentials, until: SystemTime) {
    warn!(
        access_key_id = credentials.access_key_id(),
        provenance = %credentials.provenance(),
        expired_at = credentials.expires_at().map(format_rfc3339),
        until = format_rfc3339(until),
        "serving credentials past their expiry, their source cannot be reached"
    );
}

fn unexpired(credentials: Credentials, now: SystemTime) -> Result<Credentials, Error> {
    if credentials.expires_at().is_none_or(|expiry| expiry > now) {
        return Ok(credentials);
    }
    Err(failure(
        ErrorKind::Unavailable,
        format_args!("{} answered with credentials that have already expired", credentials.provenance()),
        Some(format_args!("check this machine's clock and the source")),
    ))
}

#[cold]
fn failed(error: &Error, kind: ErrorKind, served: Option<&Entry>, until: SystemTime) {
    let next_try = format_rfc3339(until);
    let Some(entry) = served else {
        // By its name whoever shows the error itself leaves it out.
        warn!(name: "no_credentials", %error, ?kind, next_try, "no credentials");
        return;
    };
    let access_key_id = entry.credentials.access_key_id();
    let expires_at = entry.credentials.expires_at().map(format_rfc3339);
    warn!(%error, ?kind, access_key_id, expires_at, next_try, "the refresh failed, going on with the old credentials");
}

#[inline(never)]
fn jitter((least, most): (Duration, Duration)) -> Duration {
    least + part_of(most - least, uniform())
}

const BACK_OFF: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(600));
const REFUSAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

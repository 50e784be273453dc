//! Who fetches, who waits, and what an answer means for those who come later.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use tracing::{debug, warn};

use super::CacheOptions;
use super::current::Current;
use super::entry::{Entry, LOOK_EVERY, Stamp};
use super::fetch::{Fetch, has_changed};
use super::flight::Flight;
use crate::sync::{Mutex, MutexGuard};
use crate::{
    BoxFuture, Clock, Context, Credentials, Error, ErrorKind, FileInfo, Fs, ProvideCredentials, SharedProvider, Spawn,
    format_rfc3339, uniform,
};

#[derive(Debug)]
pub(super) struct Shared {
    provider: SharedProvider,
    clock: Arc<dyn Clock>,
    fs: Fs,
    spawn: Option<Arc<dyn Spawn>>,
    options: CacheOptions,
    current: Current,
    refresh: Mutex<Refresh>,
}

/// Changed, like the current entry, by whoever holds the lock on it.
#[derive(Debug, Default)]
struct Refresh {
    flight: Option<Flying>,
    /// No retry before this instant while there is something to serve.
    not_before: Option<SystemTime>,
    /// A failure that answers callers until this instant.
    refusal: Option<(Error, SystemTime)>,
}

#[derive(Debug)]
struct Flying {
    flight: Arc<Flight>,
    began: SystemTime,
}

/// What a caller gets who found nothing quiet, and what runs behind its back.
struct Decision {
    answer: Answer,
    begun: Option<Begun>,
}

enum Answer {
    Now(Result<Credentials, Error>),
    After(Arc<Flight>),
}

enum Begun {
    Fetch(Arc<Flight>),
    Look(Arc<Entry>),
}

impl Shared {
    pub(super) fn new(context: &Context, provider: SharedProvider, options: CacheOptions) -> Self {
        Self {
            provider,
            clock: Arc::clone(context.clock()),
            fs: context.fs().clone(),
            spawn: context.spawn().cloned(),
            options,
            current: Current::default(),
            refresh: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn quiet(&self, now: SystemTime) -> Option<Credentials> {
        self.current.quiet(now)
    }

    pub(super) fn held(&self) -> Option<Arc<Entry>> {
        self.current.held()
    }

    pub(super) fn time_limit(&self) -> Duration {
        self.options.fetch_limit.unwrap_or_else(|| self.provider.time_limit())
    }

    /// The credentials for a caller who found nothing quiet.
    pub(super) async fn refreshed(self: &Arc<Self>, now: SystemTime) -> Result<Credentials, Error> {
        let Decision { answer, begun } = self.decide(now);
        // Without the lock: a runtime may run the task at once.
        match (begun, &self.spawn) {
            (Some(begun), Some(spawn)) => spawn.spawn(self.clone().detached(begun)),
            (Some(Begun::Look(entry)), None) => return self.look(&entry).await,
            // Whoever waits drives it.
            (Some(Begun::Fetch(_)), None) | (None, _) => {}
        }
        match answer {
            Answer::Now(answer) => answer,
            Answer::After(flight) => flight.wait().await,
        }
    }

    fn detached(self: Arc<Self>, begun: Begun) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            match begun {
                // The cache may go meanwhile; the fetch knows what to do then.
                Begun::Fetch(flight) => {
                    drop(self);
                    drop(flight.wait().await);
                }
                Begun::Look(entry) => drop(self.look(&entry).await),
            }
        })
    }

    fn decide(self: &Arc<Self>, now: SystemTime) -> Decision {
        let mut refresh = self.refresh();
        if let Some(entry) = self.current.held() {
            let at_once =
                |credentials: &Credentials, begun| Decision { answer: Answer::Now(Ok(credentials.clone())), begun };
            // Another caller may have seen to it since this one looked.
            if entry.is_quiet(now) {
                return at_once(&entry.credentials, None);
            }
            if let Some(until) = refresh.not_before.filter(|until| now < *until && entry.is_servable(now)) {
                return at_once(&self.serve_until(&entry, until, now), None);
            }
            if !entry.must_refresh(now) {
                let begun = self.behind_the_back(&entry, &mut refresh, now);
                return at_once(&entry.credentials, begun);
            }
        }
        if let Some((error, until)) = &refresh.refusal
            && now < *until
        {
            return Decision { answer: Answer::Now(Err(error.clone())), begun: None };
        }
        let (flight, new) = self.join(&mut refresh, now);
        let begun = new.then(|| Begun::Fetch(Arc::clone(&flight)));
        Decision { answer: Answer::After(flight), begun }
    }

    /// What to start while everybody goes on with what is held.
    fn behind_the_back(self: &Arc<Self>, entry: &Arc<Entry>, refresh: &mut Refresh, now: SystemTime) -> Option<Begun> {
        let Some(at) = entry.deadlines else {
            self.current.replace(entry.quiet_until(now + LOOK_EVERY, now));
            return Some(Begun::Look(Arc::clone(entry)));
        };
        // Nobody would drive it.
        self.spawn.as_ref()?;
        let (flight, new) = self.join(refresh, now);
        // The others need not come here while it runs.
        let over = (now + self.time_limit()).min(at.mandatory);
        self.current.replace(entry.quiet_until(over, now));
        new.then_some(Begun::Fetch(flight))
    }

    fn join(self: &Arc<Self>, refresh: &mut Refresh, now: SystemTime) -> (Arc<Flight>, bool) {
        if let Some(Flying { flight, began }) = &refresh.flight {
            // One that answered without being taken down belongs to a source that panicked. One that everybody
            // left has been standing still; past its limit it has nothing to say but that.
            let forsaken = flight.is_deserted() && now >= *began + self.time_limit();
            if !flight.has_answered() && !forsaken {
                return (Arc::clone(flight), false);
            }
        }
        let fetch = Fetch {
            shared: Arc::downgrade(self),
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
            fs: self.fs.clone(),
            limit: self.options.fetch_limit,
            held: self.current.held(),
        };
        let flight = Flight::new(Box::pin(fetch.run()));
        refresh.flight = Some(Flying { flight: Arc::clone(&flight), began: now });
        (flight, true)
    }

    /// Looks whether the file of static keys is another, and then fetches them.
    async fn look(self: &Arc<Self>, entry: &Entry) -> Result<Credentials, Error> {
        let Some(path) = entry.file() else { return Ok(entry.credentials.clone()) };
        let info = self.fs.info(path).await.ok();
        if !has_changed(entry, info) {
            return Ok(entry.credentials.clone());
        }
        if entry.stamp.confirmed {
            let access_key_id = entry.credentials.access_key_id();
            debug!(access_key_id, file = %path.display(), "the file of the credentials has changed");
        }
        let flight = {
            let mut refresh = self.refresh();
            let now = self.now();
            let pausing = refresh.not_before.is_some_and(|until| now < until);
            let refused = refresh.refusal.as_ref().is_some_and(|(_, until)| now < *until);
            if pausing || refused {
                return Ok(entry.credentials.clone());
            }
            self.join(&mut refresh, now).0
        };
        flight.wait().await
    }

    /// Stores an answer, or decides what a failure means for those who wait. `file` is how the file of the keys that
    /// were held looked before the source was asked.
    pub(super) fn settle(
        &self,
        answer: Result<Credentials, Error>,
        file: Option<FileInfo>,
    ) -> Result<Credentials, Error> {
        let now = self.now();
        let mut refresh = self.refresh();
        refresh.flight = None;
        let held = self.current.held();
        let answer = answer.and_then(|credentials| unexpired(credentials, now));
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
        *refresh = Refresh::default();
        let mut entry = Entry::new(credentials.clone(), self.options.windows, now, held, jitter(BACK_OFF));
        if let Some(held) = held {
            if held.file().is_some() && held.file() == entry.file() {
                let confirmed = held.stamp.info.is_some() && held.stamp.info == file;
                entry.stamp = Stamp { info: file, confirmed };
            }
            if held.rejected && held.credentials.access_key_id() == entry.credentials.access_key_id() {
                // The source has no other yet: a storm of rejected callers must not become a storm of fetches.
                let until = now + jitter(REFUSAL);
                refresh.not_before = Some(until);
                entry = Entry { rejected: true, ..entry.quiet_until(until, now) };
            }
        }
        debug!(
            access_key_id = credentials.access_key_id(),
            provenance = %credentials.provenance(),
            expires_at = credentials.expires_at().map(format_rfc3339),
            refresh_at = entry.quiet_until.map(format_rfc3339),
            "fetched credentials"
        );
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
        if may_pass && let Some(entry) = held.filter(|entry| entry.is_servable(now)) {
            // A file that is being written is there again in a moment, and asking for it troubles nobody.
            let until = now + jitter(if entry.file().is_some() { REFUSAL } else { BACK_OFF });
            refresh.not_before = Some(until);
            failed(&error, kind, Some(entry), until);
            return Ok(self.serve_until(entry, until, now));
        }
        let until = now + jitter(REFUSAL);
        refresh.refusal = Some((error.clone(), until));
        let valid = |entry: &&Entry| !may_pass && !entry.rejected && !entry.has_expired(now);
        let Some(entry) = held.filter(valid) else {
            failed(&error, kind, None, until);
            return Err(error);
        };
        failed(&error, kind, Some(entry), until);
        Ok(self.serve_until(entry, until, now))
    }

    /// Goes on with what is held; past its expiry, with a mark and a warning.
    fn serve_until(&self, entry: &Entry, until: SystemTime, now: SystemTime) -> Credentials {
        let entry = entry.quiet_until(until, now);
        let credentials = entry.credentials.clone();
        if entry.has_expired(now) {
            warn!(
                access_key_id = credentials.access_key_id(),
                provenance = %credentials.provenance(),
                expired_at = credentials.expires_at().map(format_rfc3339),
                until = format_rfc3339(until),
                "serving credentials past their expiry, their source cannot be reached"
            );
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
        self.current.replace(Entry { rejected: true, ..entry.quiet_until(until, now) });
    }

    fn refresh(&self) -> MutexGuard<'_, Refresh> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unexpired(credentials: Credentials, now: SystemTime) -> Result<Credentials, Error> {
    if credentials.expires_at().is_none_or(|expiry| expiry > now) {
        return Ok(credentials);
    }
    Err(Error::unavailable(format!("{} answered with credentials that have already expired", credentials.provenance()))
        .with_hint("check this machine's clock and the source"))
}

fn failed(error: &Error, kind: ErrorKind, served: Option<&Entry>, until: SystemTime) {
    let next_try = format_rfc3339(until);
    let Some(entry) = served else {
        warn!(%error, ?kind, next_try, "no credentials");
        return;
    };
    let access_key_id = entry.credentials.access_key_id();
    let expires_at = entry.credentials.expires_at().map(format_rfc3339);
    warn!(%error, ?kind, access_key_id, expires_at, next_try, "the refresh failed, going on with the old credentials");
}

fn jitter((least, most): (Duration, Duration)) -> Duration {
    least + (most - least).mul_f64(uniform())
}

const BACK_OFF: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(600));
const REFUSAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

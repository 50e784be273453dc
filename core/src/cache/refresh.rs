//! Who fetches and who waits.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use tracing::debug;

use super::CacheOptions;
use super::current::Current;
use super::entry::{Entry, LOOK_EVERY};
use super::fetch::{Fetch, Means, has_changed};
use super::flight::Flight;
use super::windows::Windows;
use crate::sync::{Mutex, MutexGuard};
use crate::{BoxFuture, Clock, Context, Credentials, Error, SharedProvider};

pub(super) struct Shared {
    means: Arc<Means>,
    clock: Arc<dyn Clock>,
    pub(super) windows: Option<Windows>,
    pub(super) current: Current,
    refresh: Mutex<Refresh>,
}

/// Changed, like the current entry, by whoever holds the lock on it.
#[derive(Default)]
pub(super) struct Refresh {
    pub(super) flight: Option<Flying>,
    /// No retry before this instant while there is something to serve.
    pub(super) not_before: Option<SystemTime>,
    /// A failure that answers callers until this instant.
    pub(super) refusal: Option<(Error, SystemTime)>,
    /// The latest fetch whose answer counted.
    pub(super) settled: u64,
    begun: u64,
}

pub(super) struct Flying {
    flight: Arc<Flight>,
    pub(super) number: u64,
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
    pub(super) fn new(context: &Context, provider: SharedProvider, options: CacheOptions) -> Arc<Self> {
        Arc::new(Self {
            means: Arc::new(Means { provider, context: context.clone(), limit: options.fetch_limit }),
            clock: Arc::clone(context.clock()),
            windows: options.windows,
            current: Current::default(),
            refresh: Mutex::default(),
        })
    }

    pub(super) fn provider(&self) -> &SharedProvider {
        &self.means.provider
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn quiet(&self, now: SystemTime) -> Option<Credentials> {
        self.current.quiet(now)
    }

    #[inline]
    pub(super) fn held(&self) -> Option<Arc<Entry>> {
        self.current.held()
    }

    #[inline]
    pub(super) fn time_limit(&self) -> Duration {
        self.means.time_limit()
    }

    /// The credentials for a caller who found nothing quiet.
    // Boxed, so that its code is not repeated in every program and crate that asks a cache.
    pub(super) fn refreshed(self: &Arc<Self>, now: SystemTime) -> BoxFuture<'_, Result<Credentials, Error>> {
        Box::pin(async move {
            let Decision { answer, begun } = self.decide(now);
            // Without the lock: a runtime may run the task at once.
            match (begun, self.means.context.spawn()) {
                (Some(begun), Some(spawn)) => spawn.spawn(self.clone().detached(begun)),
                (Some(Begun::Look(entry)), None) => return self.look(&entry).await,
                // Whoever waits drives it.
                (Some(Begun::Fetch(_)), None) | (None, _) => {}
            }
            match answer {
                Answer::Now(answer) => answer,
                Answer::After(flight) => flight.wait().await,
            }
        })
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
        self.means.context.spawn()?;
        let (flight, new) = self.join(refresh, now);
        // The others need not come here while it runs.
        let over = (now + self.time_limit()).min(at.mandatory);
        self.current.replace(entry.quiet_until(over, now));
        new.then_some(Begun::Fetch(flight))
    }

    fn join(self: &Arc<Self>, refresh: &mut Refresh, now: SystemTime) -> (Arc<Flight>, bool) {
        if let Some(Flying { flight, began, .. }) = &refresh.flight {
            // One that answered without being taken down belongs to a source that panicked. One that everybody
            // left has been standing still; past its limit it has nothing to say but that.
            let forsaken = flight.is_deserted() && now >= *began + self.time_limit();
            if !flight.has_answered() && !forsaken {
                return (Arc::clone(flight), false);
            }
        }
        refresh.begun += 1;
        let number = refresh.begun;
        let fetch =
            Fetch { number, shared: Arc::downgrade(self), means: Arc::clone(&self.means), held: self.current.held() };
        let flight = Flight::new(Box::pin(fetch.run()));
        refresh.flight = Some(Flying { flight: Arc::clone(&flight), number, began: now });
        (flight, true)
    }

    /// Looks whether the file of static keys is another, and then fetches them.
    async fn look(self: &Arc<Self>, entry: &Entry) -> Result<Credentials, Error> {
        let Some(path) = entry.file() else { return Ok(entry.credentials.clone()) };
        let info = self.means.context.fs().files().info(path).ok();
        if !has_changed(entry, info) {
            return Ok(entry.credentials.clone());
        }
        if entry.stamp.confirmed {
            changed(entry, path);
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

    #[inline(never)]
    pub(super) fn refresh(&self) -> MutexGuard<'_, Refresh> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cold]
fn changed(entry: &Entry, path: &Path) {
    let access_key_id = entry.credentials.access_key_id();
    debug!(access_key_id, file = %path.display(), "the file of the credentials has changed");
}

//! The refreshing cache in front of a provider.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tracing::{debug, warn};

use crate::flight::Flight;
use crate::{Clock, Context, Credentials, Error, ErrorKind, ProvideCredentials, SharedProvider, Spawn, uniform};

/// Keeps credentials fresh: many callers, one fetch, and the old ones while there are no new ones.
///
/// - Far from expiry a call is a clone.
/// - In the *advisory* window one background fetch starts and nobody waits (given a runtime to lend).
/// - In the *mandatory* window, with nothing cached or after expiry, all callers wait for one fetch.
/// - A failed refresh keeps the old credentials; sources that AWS keeps alive through an outage are served
///   even after expiry. The next try comes after 5 to 10 minutes.
/// - A refusal is remembered for 1 to 5 s, so a storm of callers makes one call.
///
/// A clone shares the cache.
///
/// # Errors
/// Those of the provider; `Unavailable` when it does not answer within [`CacheOptions::fetch_limit`] or
/// answers with credentials that have already expired.
///
/// # Example
/// ```
/// use tucuxi_core::{Cache, Context, Credentials, Error, ProvideCredentials};
///
/// # async fn example() -> Result<(), Error> {
/// let cache = Cache::new(&Context::local(), Credentials::new("AKID", "secret"));
/// assert_eq!(cache.provide_credentials().await?.access_key_id(), "AKID");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Cache(Arc<Shared>);

/// What may be chosen about a [`Cache`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheOptions {
    /// How long one fetch may take. Default 60 s.
    pub fetch_limit: Duration,
    /// When to refresh; `None` chooses by the credentials' lifetime.
    pub windows: Option<Windows>,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self { fetch_limit: Duration::from_secs(60), windows: None }
    }
}

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

#[derive(Debug)]
struct Shared {
    provider: SharedProvider,
    clock: Arc<dyn Clock>,
    spawn: Option<Arc<dyn Spawn>>,
    options: CacheOptions,
    current: RwLock<Option<Arc<Entry>>>,
    refresh: Mutex<Refresh>,
}

/// Credentials with the instants that matter; `None` for credentials without an end.
#[derive(Debug)]
struct Entry {
    credentials: Credentials,
    deadlines: Option<Deadlines>,
    rejected: bool,
}

#[derive(Clone, Copy, Debug)]
struct Deadlines {
    advisory: SystemTime,
    mandatory: SystemTime,
    expiry: SystemTime,
}

#[derive(Debug, Default)]
struct Refresh {
    flight: Option<Arc<Flight>>,
    /// No recoverable retry before this instant.
    not_before: Option<SystemTime>,
    /// A failure that answers callers until this instant.
    refusal: Option<(Error, SystemTime)>,
}

impl Cache {
    /// Puts a cache in front of `provider`. Nothing is fetched yet.
    pub fn new(context: &Context, provider: impl ProvideCredentials + 'static) -> Self {
        Self::with_options(context, provider, CacheOptions::default())
    }

    /// The same with other options.
    pub fn with_options(context: &Context, provider: impl ProvideCredentials + 'static, options: CacheOptions) -> Self {
        Self(Arc::new(Shared {
            provider: Arc::new(provider),
            clock: Arc::clone(context.clock()),
            spawn: context.spawn().cloned(),
            options,
            current: RwLock::new(None),
            refresh: Mutex::default(),
        }))
    }

    /// Marks credentials as rejected by a service, so that the next call fetches new ones. Does nothing
    /// when the cache already holds others.
    pub fn invalidate(&self, access_key_id: &str) {
        let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = current.as_deref().filter(|entry| entry.credentials.access_key_id() == access_key_id) else {
            return;
        };
        debug!(access_key_id, "credentials were rejected by a service");
        *current = Some(Arc::new(Entry {
            credentials: entry.credentials.clone(),
            deadlines: entry.deadlines,
            rejected: true,
        }));
    }

    /// The credentials held now, fresh or not, without fetching.
    pub fn peek(&self) -> Option<Credentials> {
        self.0.held().map(|entry| entry.credentials.clone())
    }
}

#[async_trait]
impl ProvideCredentials for Cache {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let now = self.0.clock.now();
        if let Some(entry) = self.0.held()
            && entry.is_fresh(now)
        {
            return Ok(entry.credentials.clone());
        }
        match self.0.decide(now) {
            Decision::Answer(answer) => answer,
            Decision::Wait(flight) => flight.wait().await,
        }
    }
}

enum Decision {
    Answer(Result<Credentials, Error>),
    Wait(Arc<Flight>),
}

impl Shared {
    fn held(&self) -> Option<Arc<Entry>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a caller gets who found nothing fresh: something at once, or a fetch to wait for.
    fn decide(self: &Arc<Self>, now: SystemTime) -> Decision {
        let mut refresh = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held();
        if let Some(entry) = &held {
            // Another caller may have finished a fetch since this one looked.
            if entry.is_fresh(now) {
                return Decision::Answer(Ok(entry.credentials.clone()));
            }
            let backing_off = refresh.not_before.is_some_and(|until| now < until);
            if !entry.rejected && !entry.must_refresh(now) {
                if !backing_off && let Some(spawn) = &self.spawn {
                    let (flight, new) = self.join(&mut refresh);
                    if new {
                        spawn.spawn(Box::pin(async move { drop(flight.wait().await) }));
                    }
                }
                return Decision::Answer(Ok(entry.credentials.clone()));
            }
            if backing_off && entry.is_servable(now) {
                return Decision::Answer(Ok(entry.credentials.clone()));
            }
        }
        if let Some((error, until)) = &refresh.refusal
            && now < *until
        {
            return Decision::Answer(Err(error.clone()));
        }
        let (flight, new) = self.join(&mut refresh);
        if new && let Some(spawn) = &self.spawn {
            let detached = Arc::clone(&flight);
            spawn.spawn(Box::pin(async move { drop(detached.wait().await) }));
        }
        Decision::Wait(flight)
    }

    fn join(self: &Arc<Self>, refresh: &mut Refresh) -> (Arc<Flight>, bool) {
        // A flight that answered without being taken down belongs to a source that panicked.
        if let Some(flight) = refresh.flight.as_ref().filter(|flight| !flight.has_answered()) {
            return (Arc::clone(flight), false);
        }
        let flight = Flight::new(Box::pin(Self::fetch(
            Arc::downgrade(self),
            Arc::clone(&self.provider),
            Arc::clone(&self.clock),
            self.options.fetch_limit,
        )));
        refresh.flight = Some(Arc::clone(&flight));
        (flight, true)
    }

    /// One fetch within its limit, and its consequences. Holds the cache weakly: a cache that is gone
    /// leaves no fetch behind that keeps it alive.
    async fn fetch(
        shared: Weak<Self>,
        provider: SharedProvider,
        clock: Arc<dyn Clock>,
        limit: Duration,
    ) -> Result<Credentials, Error> {
        let answer = within(provider.provide_credentials(), clock.sleep(limit), limit).await;
        match shared.upgrade() {
            Some(shared) => shared.settle(answer, clock.now()),
            None => answer,
        }
    }

    /// Stores an answer, or decides what a failure means for those who wait.
    fn settle(&self, answer: Result<Credentials, Error>, now: SystemTime) -> Result<Credentials, Error> {
        let mut refresh = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        refresh.flight = None;
        let error = match answer {
            Ok(credentials) if credentials.expires_at().is_none_or(|expiry| expiry > now) => {
                debug!(
                    access_key_id = credentials.access_key_id(),
                    provenance = %credentials.provenance(),
                    "fetched credentials"
                );
                refresh.not_before = None;
                refresh.refusal = None;
                let entry = Arc::new(Entry::new(credentials.clone(), self.options.windows, now));
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
                return Ok(credentials);
            }
            Ok(credentials) => Error::unavailable(format!(
                "{} answered with credentials that have already expired",
                credentials.provenance()
            ))
            .with_hint("check this machine's clock and the source"),
            Err(error) => error,
        };
        let held = self.held();
        if error.kind() == ErrorKind::Unavailable {
            if let Some(entry) = held.filter(|entry| entry.is_servable(now)) {
                refresh.not_before = Some(now + jitter(BACK_OFF));
                warn!(%error, access_key_id = entry.credentials.access_key_id(), "refresh failed, serving the old credentials");
                return Ok(entry.credentials.clone());
            }
            // Nothing to serve: answer a storm of callers once, but try again soon.
            refresh.refusal = Some((error.clone(), now + jitter(REFUSAL)));
            return Err(error);
        }
        refresh.refusal = Some((error.clone(), now + jitter(REFUSAL)));
        match held.filter(|entry| !entry.rejected && !entry.has_expired(now)) {
            Some(entry) => {
                warn!(%error, access_key_id = entry.credentials.access_key_id(), "refresh was refused, serving the old credentials until they expire");
                refresh.not_before = Some(now + jitter(REFUSAL));
                Ok(entry.credentials.clone())
            }
            None => Err(error),
        }
    }
}

impl Entry {
    fn new(credentials: Credentials, windows: Option<Windows>, now: SystemTime) -> Self {
        let deadlines = credentials.expires_at().map(|expiry| {
            let lifetime = expiry.duration_since(now).unwrap_or_default();
            let windows = windows.unwrap_or_else(|| Windows::for_lifetime(lifetime));
            Deadlines {
                advisory: before(expiry, windows.advisory),
                mandatory: before(expiry, windows.mandatory),
                expiry,
            }
        });
        Self { credentials, deadlines, rejected: false }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        !self.rejected && self.deadlines.is_none_or(|at| now < at.advisory)
    }

    fn must_refresh(&self, now: SystemTime) -> bool {
        self.deadlines.is_some_and(|at| now >= at.mandatory)
    }

    fn has_expired(&self, now: SystemTime) -> bool {
        self.deadlines.is_some_and(|at| now >= at.expiry)
    }

    /// Whether the credentials may be handed out while their source is down.
    fn is_servable(&self, now: SystemTime) -> bool {
        let stable = self.credentials.provenance().last().is_some_and(crate::Source::is_static_stable);
        !self.has_expired(now) || stable
    }
}

fn before(expiry: SystemTime, window: Duration) -> SystemTime {
    expiry.checked_sub(window).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn jitter((least, most): (Duration, Duration)) -> Duration {
    least + (most - least).mul_f64(uniform())
}

async fn within(
    work: impl Future<Output = Result<Credentials, Error>>,
    timer: impl Future<Output = ()>,
    limit: Duration,
) -> Result<Credentials, Error> {
    let (mut work, mut timer) = (pin!(work), pin!(timer));
    poll_fn(|cx| {
        if let Poll::Ready(answer) = work.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        timer.as_mut().poll(cx).map(|()| {
            Err(Error::unavailable(format!("the source of credentials did not answer within {} s", limit.as_secs())))
        })
    })
    .await
}

const BACK_OFF: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(600));
const REFUSAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

//! The refreshing cache in front of a provider.

mod current;
mod entry;
mod fetch;
mod flight;
#[cfg(test)]
mod model;
mod outcome;
mod refresh;
mod windows;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{BoxFuture, Context, Credentials, Error, ProvideCredentials, SharedProvider};
use refresh::Shared;
pub use windows::Windows;

/// Keeps credentials fresh: many callers, one fetch, and the old ones while there are no new ones.
///
/// - Far from expiry a call is a clone: no lock, no allocation, one look at the clock.
/// - In the *advisory* window one background fetch starts and nobody waits (given a runtime to lend).
/// - In the *mandatory* window, with nothing cached or after expiry, all callers wait for one fetch.
/// - A failed refresh keeps the old credentials; sources that AWS keeps alive through an outage are served
///   even after expiry, which their [provenance](crate::Provenance::is_past_expiry) shows. The next try comes after
///   5 to 10 minutes.
/// - A refusal is remembered for 1 to 5 s, so a storm of callers makes one call.
/// - Keys that stand in a file are looked at once a second at most, behind the callers' backs, and fetched again when
///   the file's length or time of change is another.
///
/// [The manual](crate::manual::refresh) tells what happens when. A clone shares the cache.
///
/// # Errors
/// Those of the provider; `Unavailable` when it does not answer within [`CacheOptions::fetch_limit`] or
/// answers with credentials that have already expired.
///
/// # Example
/// ```
/// use tucuxi_core::{Cache, Context, Credentials, Error};
///
/// # async fn example() -> Result<(), Error> {
/// let cache = Cache::new(&Context::local(), Credentials::new("AKID", "secret"));
/// assert_eq!(cache.provide_credentials().await?.access_key_id(), "AKID");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cache(Arc<Shared>);

/// What may be chosen about a [`Cache`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheOptions {
    /// How long one fetch may take; `None` leaves it to the provider's
    /// [`time_limit`](ProvideCredentials::time_limit).
    pub fetch_limit: Option<Duration>,
    /// When to refresh; `None` chooses by the credentials' lifetime.
    pub windows: Option<Windows>,
}

impl Cache {
    /// Puts a cache in front of `provider`. Nothing is fetched yet.
    pub fn new(context: &Context, provider: impl ProvideCredentials + 'static) -> Self {
        Self::with_options(context, provider, CacheOptions::default())
    }

    /// The same with other options.
    pub fn with_options(context: &Context, provider: impl ProvideCredentials + 'static, options: CacheOptions) -> Self {
        Self(Shared::new(context, Arc::new(provider), options))
    }

    /// The credentials of the moment; fetched only if they must be.
    ///
    /// The same as the trait's method, without the allocation that a boxed future costs.
    ///
    /// # Errors
    /// See [`Cache`].
    pub async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let now = self.0.now();
        match self.0.quiet(now) {
            Some(credentials) => Ok(credentials),
            None => self.0.refreshed(now).await,
        }
    }

    /// Marks credentials as rejected by a service, so that the next call fetches new ones. Does nothing
    /// when the cache already holds others, and does not shorten the pause after a failed refresh.
    ///
    /// For the error codes `ExpiredToken`, `ExpiredTokenException`, `InvalidAccessKeyId` and
    /// `TokenRefreshRequired`; the S3 client does this itself.
    pub fn invalidate(&self, access_key_id: &str) {
        self.0.reject(access_key_id);
    }

    /// The credentials held now, fresh or not, without fetching.
    #[inline]
    pub fn peek(&self) -> Option<Credentials> {
        self.0.held().map(|entry| entry.credentials.clone())
    }
}

impl fmt::Debug for Cache {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Cache");
        debug.field("provider", self.0.provider()).field("held", &self.peek()).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Cache {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(Self::provide_credentials(self))
    }

    /// The limit of the fetch behind it.
    fn time_limit(&self) -> Duration {
        self.0.time_limit()
    }
}

impl From<Cache> for SharedProvider {
    #[inline]
    fn from(cache: Cache) -> Self {
        Arc::new(cache)
    }
}

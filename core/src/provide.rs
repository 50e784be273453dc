//! The one trait.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::{Credentials, Error, Source};

/// A future that can be stored: boxed, pinned, `Send`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A provider that many may hold.
///
/// Each provider of tucuxi turns into one by `into()`, in its own crate: a program has its code once then, and not in
/// each crate that would make a trait object of it.
pub type SharedProvider = Arc<dyn ProvideCredentials>;

/// A source of credentials.
///
/// A constructor does no I/O; everything is read when the method is called. A provider keeps no
/// credentials itself: put a [`Cache`](crate::Cache) in front of it.
///
/// # A provider of one's own
/// The method has the shape that [`async_trait`](https://docs.rs/async-trait) gives it, so an implementation may stand
/// under that attribute, where `async-trait = "0.1"` is among the dependencies:
/// ```
/// use async_trait::async_trait;
/// use tucuxi_core::{Credentials, Error, ProvideCredentials};
///
/// struct Vault;
///
/// #[async_trait]
/// impl ProvideCredentials for Vault {
///     async fn provide_credentials(&self) -> Result<Credentials, Error> {
///         Err(Error::not_configured("no vault on this machine"))
///     }
/// }
/// ```
///
/// Written out it is built without a procedural macro, as the providers of tucuxi are:
/// ```
/// use tucuxi_core::{BoxFuture, Credentials, Error, ProvideCredentials};
///
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
///     where
///         'a: 'f,
///         Self: 'f,
///     {
///         Box::pin(async move { Err(Error::not_configured("no vault on this machine")) })
///     }
/// }
/// ```
///
/// A closure needs neither: [`from_fn`].
pub trait ProvideCredentials: Send + Sync {
    /// Fetches credentials now.
    ///
    /// # Errors
    /// By [`ErrorKind`](crate::ErrorKind): `NotConfigured` when nobody asked for this source, the others
    /// when it was asked for and failed.
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f;

    /// How long a [`Cache`](crate::Cache) waits for one fetch before it counts as failed: 30 s, for a helper
    /// program somewhat more than the 60 s that the program itself has, and for a sign-in what a turn and a refresh
    /// take. Asked again when that time is over, because only a fetch that is under way knows whether a profile names a
    /// helper.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }
}

// Nothing of the provider itself: nobody knows what somebody else's would say, and no program carries a text that it
// never prints.
impl fmt::Debug for dyn ProvideCredentials + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn ProvideCredentials")
    }
}

impl ProvideCredentials for Credentials {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Self, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move { Ok(self.clone()) })
    }
}

impl From<Credentials> for SharedProvider {
    fn from(credentials: Credentials) -> Self {
        Arc::new(credentials)
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    // No future around the provider's own, in each crate that asks an `Arc`.
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        (**self).provide_credentials()
    }

    fn time_limit(&self) -> Duration {
        (**self).time_limit()
    }
}

/// A provider from a closure; its credentials carry `name` as their source.
///
/// # Example
/// ```
/// use tucuxi_core::{Credentials, from_fn};
///
/// let provider = from_fn("vault", || async { Ok(Credentials::new("AKID", "secret")) });
/// assert!(format!("{provider:?}").contains("vault"));
/// ```
pub fn from_fn<F, Fut>(name: impl Into<Cow<'static, str>>, call: F) -> impl ProvideCredentials + fmt::Debug + 'static
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Credentials, Error>> + Send + 'static,
{
    FromFn { name: name.into(), call }
}

struct FromFn<F> {
    name: Cow<'static, str>,
    call: F,
}

impl<F, Fut> ProvideCredentials for FromFn<F>
where
    F: Fn() -> Fut + Send + Sync,
    Fut: Future<Output = Result<Credentials, Error>> + Send,
{
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            (self.call)().await.map(|credentials| credentials.with_source(Source::Custom(self.name.clone())))
        })
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FromFn").field(&self.name).finish()
    }
}

//! A record of all credentials that a session or a cache obtains.

mod audited;
mod file;
mod obtained;

use std::fmt;

use crate::{BoxFuture, Context, Error};

pub use audited::{Audited, record_trace};
pub use file::AuditFile;
pub use obtained::Obtained;

/// Hears of all credentials that a session obtains from a source: of each fetch of its cache, not of each use.
///
/// It never sees a secret. A session of `tucuxi` takes one by `Session::builder().audit(..)`; a program that picks
/// single providers puts [`Audited`] between provider and [`Cache`](crate::Cache). Its method is implemented in the two
/// ways of [`ProvideCredentials`](crate::ProvideCredentials).
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use async_trait::async_trait;
/// use tucuxi_core::audit::{Audit, Audited, Obtained};
/// use tucuxi_core::{Cache, Context, Credentials, Error};
///
/// struct Journal;
///
/// #[async_trait]
/// impl Audit for Journal {
///     async fn record(&self, _: &Context, obtained: &Obtained) -> Result<(), Error> {
///         println!("{}", obtained.to_json());
///         Ok(())
///     }
/// }
///
/// # async fn example() -> Result<(), Error> {
/// let context = Context::local();
/// let keys = Arc::new(Credentials::new("AKID", "secret"));
/// let audited = Audited::new(&context, keys, Arc::new(Journal));
/// let credentials = Cache::new(&context, audited).provide_credentials().await?;
/// # Ok(())
/// # }
/// ```
pub trait Audit: Send + Sync {
    /// Records that credentials were obtained, before anybody can use them.
    ///
    /// # Errors
    /// Whatever keeps it from doing so. The credentials are then not given out: there is none without its record.
    /// A sink that would rather lose a record logs a warning and succeeds.
    fn record<'a, 'b, 'c, 'f>(
        &'a self,
        context: &'b Context,
        obtained: &'c Obtained,
    ) -> BoxFuture<'f, Result<(), Error>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        Self: 'f;
}

impl fmt::Debug for dyn Audit + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Audit")
    }
}

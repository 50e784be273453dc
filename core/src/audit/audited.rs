//! A source whose credentials are recorded.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use super::{Audit, Obtained};
use crate::{BoxFuture, Context, Credentials, Error, Fs, ProvideCredentials, SharedProvider, Trace};

/// Gives no credentials before they are recorded.
///
/// # Errors
/// Those of the provider, and of the [`Audit`].
///
/// # Example
/// See [`Audit`].
#[derive(Debug)]
pub struct Audited {
    inner: SharedProvider,
    context: Context,
    audit: Arc<dyn Audit>,
}

impl Audited {
    /// The credentials of `inner`, each time recorded by `audit`.
    pub fn new(context: &Context, inner: SharedProvider, audit: Arc<dyn Audit>) -> Self {
        Self { inner, context: context.clone(), audit }
    }
}

impl ProvideCredentials for Audited {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let credentials = self.inner.provide_credentials().await?;
            record(self.audit.as_ref(), &self.context, &credentials).await?;
            Ok(credentials)
        })
    }

    fn time_limit(&self) -> Duration {
        self.inner.time_limit()
    }
}

impl From<Audited> for SharedProvider {
    fn from(audited: Audited) -> Self {
        Arc::new(audited)
    }
}

/// Records what the sources of a trace gave. A trace shows what there is, so a record that fails is a warning in the
/// log.
pub async fn record_trace(audit: &dyn Audit, context: &Context, trace: &Trace) {
    for credentials in trace.attempts().iter().filter_map(|attempt| attempt.credentials()) {
        if let Err(error) = record(audit, context, credentials).await {
            warn!(error = error.report(), access_key_id = credentials.access_key_id(), "not recorded");
        }
    }
}

async fn record(audit: &dyn Audit, context: &Context, credentials: &Credentials) -> Result<(), Error> {
    let obtained = obtained(context, credentials);
    audit.record(context, &obtained).await
}

fn obtained(context: &Context, credentials: &Credentials) -> Obtained {
    Obtained::new(credentials, context.clock().now(), host(context))
}

/// The machine's name, where a file or a variable tells it.
fn host(context: &Context) -> Option<String> {
    for path in HOST_FILES {
        if let Some(name) = line(context.fs(), Path::new(path)) {
            return Some(name);
        }
    }
    for name in HOST_VARIABLES {
        if let Ok(Some(name)) = context.env().var(name) {
            return Some(name);
        }
    }
    None
}

#[inline(never)]
fn line(fs: &Fs, path: &Path) -> Option<String> {
    let contents = fs.files().read(path, 1024).ok()?;
    let name = std::str::from_utf8(contents.trim_ascii()).ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

const HOST_FILES: [&str; 2] = ["/proc/sys/kernel/hostname", "/etc/hostname"];
const HOST_VARIABLES: [&str; 2] = ["HOSTNAME", "COMPUTERNAME"];

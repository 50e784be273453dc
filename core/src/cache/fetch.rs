//! One fetch within its limit.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use tracing::debug;

use super::entry::Entry;
use super::refresh::Shared;
use crate::{Context, Credentials, Error, ErrorKind, FileInfo, ProvideCredentials, SharedProvider, failure};

/// Asks the source once. Holds the cache weakly: a cache that is gone leaves no fetch behind that keeps it alive.
pub(super) struct Fetch {
    pub(super) number: u64,
    pub(super) shared: Weak<Shared>,
    pub(super) means: Arc<Means>,
    pub(super) held: Option<Arc<Entry>>,
}

/// What a fetch needs even if its cache goes meanwhile.
pub(super) struct Means {
    pub(super) provider: SharedProvider,
    pub(super) context: Context,
    /// Instead of the time that the provider says it may need.
    pub(super) limit: Option<Duration>,
}

impl Fetch {
    /// The answer, and its consequences for the cache.
    pub(super) async fn run(self) -> Result<Credentials, Error> {
        let held = self.held.as_deref();
        let phase = held.map_or("nothing held", |entry| entry.phase(self.means.context.clock().now()));
        begins(held, phase);
        // Before the source reads: a change in between is then noticed next time.
        let file = held.and_then(Entry::file).and_then(|path| self.means.context.fs().files().info(path).ok());
        let answer = self.means.answer().await;
        match self.shared.upgrade() {
            Some(shared) => shared.settle(self.number, answer, file),
            None => answer,
        }
    }
}

impl Means {
    #[inline]
    pub(super) fn time_limit(&self) -> Duration {
        self.limit.unwrap_or_else(|| self.provider.time_limit())
    }

    async fn answer(&self) -> Result<Credentials, Error> {
        let clock = self.context.clock();
        let mut work = self.provider.provide_credentials();
        let mut limit = self.time_limit();
        let mut timer = clock.sleep(limit);
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = work.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let patience = self.time_limit();
                if patience <= limit {
                    return Poll::Ready(Err(overdue(limit)));
                }
                timer = clock.sleep(patience - limit);
                limit = patience;
            }
        })
        .await
    }
}

/// How a file looks now, beside how it looked before it was read.
pub(super) fn has_changed(entry: &Entry, now: Option<FileInfo>) -> bool {
    !entry.stamp.confirmed || entry.stamp.info != now
}

// Not in a future, which would have to give up more if that went wrong.
#[inline(never)]
fn begins(held: Option<&Entry>, phase: &'static str) {
    debug!(held = held.map(|entry| entry.credentials.access_key_id()), phase, "fetching credentials");
}

#[cold]
fn overdue(limit: Duration) -> Error {
    // Neither as a float nor of 128 bits: nothing else in a program shows such a number.
    let (limit, unit) = match limit.subsec_millis() {
        0 => (limit.as_secs(), "s"),
        more => (limit.as_secs().saturating_mul(1000).saturating_add(more.into()), "ms"),
    };
    failure(
        ErrorKind::Unavailable,
        format_args!("the source of credentials did not answer within {limit} {unit}"),
        Some(format_args!(
            "look at the log for what it was waiting for, or give it more time by CacheOptions::fetch_limit"
        )),
    )
}

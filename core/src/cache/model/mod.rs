//! The cache under a model checker: the same code, with `crate::sync` replaced, over thousands of schedules.

mod callers;
mod waiters;

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use shuttle::future::{spawn, yield_now};
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::{check_pct, check_random};

use super::Cache;
use crate::{BoxFuture, Clock, Context, Credentials, Error, ProvideCredentials, Source, Spawn};

/// A clock that stands still.
#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(12 * 3600)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

#[derive(Debug)]
struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        drop(spawn(task));
    }
}

/// Numbers its credentials, takes a while, and counts how many ask at once.
#[derive(Debug, Default)]
struct Counting {
    calls: AtomicUsize,
    flying: AtomicUsize,
    lifetime: Option<Duration>,
}

impl Counting {
    fn lasting(lifetime: Duration) -> Arc<Self> {
        Arc::new(Self { lifetime: Some(lifetime), ..Self::default() })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Counts down also when the fetch is dropped on the way.
struct Landing<'a>(&'a AtomicUsize);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl ProvideCredentials for Counting {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.flying.fetch_add(1, Ordering::SeqCst), 0, "two fetches at once");
        let landing = Landing(&self.flying);
        yield_now().await;
        drop(landing);
        let credentials = Credentials::new(format!("AKID{number}"), "s").with_source(Source::Imds("web".into()));
        Ok(match self.lifetime {
            Some(lifetime) => credentials.with_expires_at(Noon.now() + lifetime),
            None => credentials,
        })
    }
}

fn cache(source: &Arc<Counting>, spawning: bool) -> Cache {
    let context = Context::local().with_clock(Noon);
    let context = if spawning { context.with_spawn(Tasks) } else { context };
    Cache::new(&context, Arc::clone(source))
}

/// Half of the schedules at random, half with few switches at chosen places, which find what is rare.
fn check(scenario: impl Fn() + Clone + Send + Sync + 'static, schedules: usize) {
    check_random(scenario.clone(), schedules / 2);
    check_pct(scenario, schedules / 2, 3);
}

const SCHEDULES: usize = 10_000;

//! How long anybody waits.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tucuxi_core::{
    BoxFuture, Cache, CacheOptions, Chain, Context, Credentials, Error, ErrorKind, ProvideCredentials, Spawn, from_fn,
};

use crate::support::{ManualClock, Runtime, Scripted, ended, role, run, settle, setup};

#[test]
fn a_hanging_source_is_given_up_at_its_limit_for_all_waiters() {
    for spawn in [true, false] {
        run(async move {
            let (source, _gate) = Scripted::new([]).gated();
            let test = setup(&source, spawn);
            let waiters: Vec<_> = (0..1000)
                .map(|_| {
                    let cache = test.cache.clone();
                    tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap_err().kind() })
                })
                .collect();
            settle().await;
            test.clock.set(29);
            settle().await;
            assert!(waiters.iter().all(|waiter| !waiter.is_finished()), "nobody is told before the limit");
            test.clock.set(30);
            settle().await;
            assert!(waiters.iter().all(|waiter| waiter.is_finished()), "everybody is told at the limit");
            for waiter in waiters {
                assert_eq!(waiter.await.unwrap(), ErrorKind::Unavailable);
            }
            assert_eq!(test.source.calls(), 1);
        });
    }
}

/// Never answers; wants more time once it has been asked, as a profile does that turns out to name a helper.
#[derive(Clone, Debug, Default)]
struct Patient {
    began: Arc<Mutex<bool>>,
    seconds: u64,
}

#[async_trait]
impl ProvideCredentials for Patient {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        *self.began.lock().unwrap() = true;
        pending().await
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(if *self.began.lock().unwrap() { self.seconds } else { 30 })
    }
}

fn check(limit: Option<u64>, patience: u64, given_up_at: u64) {
    run(async move {
        let clock = ManualClock::default();
        let context = Context::local().with_clock(clock.clone()).with_spawn(Runtime);
        let mut options = CacheOptions::default();
        options.fetch_limit = limit.map(Duration::from_secs);
        let provider = Patient { seconds: patience, ..Patient::default() };
        let cache = Cache::with_options(&context, Chain::builder().link("helper", provider).build(), options);
        let waiter = tokio::task::spawn_local(async move { cache.provide_credentials().await });
        settle().await;
        for second in (30..given_up_at).chain([given_up_at - 1]) {
            clock.set(second);
            settle().await;
            assert!(!waiter.is_finished(), "{limit:?}, {patience} s: given up at {second}");
        }
        clock.set(given_up_at);
        settle().await;
        assert!(waiter.is_finished(), "{limit:?}, {patience} s: not given up at {given_up_at}");
        let error = waiter.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().ends_with(&format!("did not answer within {given_up_at} s")), "{error}");
    });
}

#[test]
fn a_chain_has_30_seconds_and_a_helper_in_it_what_the_helper_needs() {
    check(None, 30, 30);
    check(None, 62, 62);
    check(Some(5), 62, 5);
    check(Some(90), 62, 90);
}

#[test]
fn a_fetch_that_everybody_left_is_begun_anew_past_its_limit() {
    run(async {
        let (source, gate) = Scripted::new([role("A", 3600)]).gated();
        let test = setup(&source, false);
        let cache = test.cache.clone();
        let leaver = tokio::task::spawn_local(async move { cache.provide_credentials().await });
        settle().await;
        leaver.abort();
        settle().await;
        test.clock.set(31);
        gate.notify_one();
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2);
    });
}

/// A runtime that has begun nothing yet of what it was lent for.
#[derive(Clone, Debug, Default)]
struct Stalled(Arc<Mutex<Vec<Task>>>);

struct Task(BoxFuture<'static, ()>);

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Task")
    }
}

impl Spawn for Stalled {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push(Task(task));
    }
}

#[test]
fn a_fetch_that_was_overtaken_changes_nothing() {
    run(async {
        let (script, calls) = (Scripted::new([role("B", 331), role("C", 3600)]), Arc::new(Mutex::new(0)));
        let source = from_fn("script", move || {
            *calls.lock().unwrap() += 1;
            let (first, script) = (*calls.lock().unwrap() == 1, script.clone());
            async move { if first { pending().await } else { script.provide_credentials().await } }
        });
        let (clock, runtime) = (ManualClock::default(), Stalled::default());
        let context = Context::local().with_clock(clock.clone()).with_spawn(runtime.clone());
        let cache = Cache::new(&context, source);
        let ask = || {
            let cache = cache.clone();
            tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap() })
        };
        let leaver = ask();
        settle().await;
        leaver.abort();
        settle().await;
        clock.set(31);
        assert_eq!(ended(ask()).await.access_key_id(), "B");
        // The first one is over its limit, which is a failure; it must not set a pause over what came after it.
        let late: Vec<Task> = std::mem::take(&mut *runtime.0.lock().unwrap());
        for Task(task) in late {
            ended(tokio::task::spawn_local(task)).await;
        }
        clock.set(281);
        assert_eq!(ended(ask()).await.access_key_id(), "C");
    });
}

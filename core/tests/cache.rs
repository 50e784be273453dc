//! The refresh contract, with a clock that the test moves.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tucuxi_core::{
    BoxFuture, Cache, CacheOptions, Clock, Context, Credentials, Error, ErrorKind, ProvideCredentials, Source, Spawn,
    async_trait,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

#[derive(Clone, Debug, Default)]
struct ManualClock(Arc<Mutex<ClockState>>);

#[derive(Debug, Default)]
struct ClockState {
    seconds: u64,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    fn set(&self, seconds: u64) {
        let mut state = self.0.lock().unwrap();
        state.seconds = seconds;
        state.sleepers.drain(..).for_each(Waker::wake);
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        at(self.0.lock().unwrap().seconds)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let end = self.now() + duration;
        Box::pin(poll_fn(move |cx| {
            let mut state = clock.0.lock().unwrap();
            if at(state.seconds) >= end {
                return Poll::Ready(());
            }
            state.sleepers.push(cx.waker().clone());
            Poll::Pending
        }))
    }
}

#[derive(Debug)]
struct Runtime;

impl Spawn for Runtime {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }
}

/// Answers from a script; waits at the gate first when there is one.
#[derive(Clone, Debug, Default)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<Result<Credentials, Error>>>>,
    calls: Arc<Mutex<usize>>,
    gate: Option<Arc<Notify>>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Result<Credentials, Error>>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    fn gated(mut self) -> (Self, Arc<Notify>) {
        let gate = Arc::new(Notify::new());
        self.gate = Some(Arc::clone(&gate));
        (self, gate)
    }

    fn calls(&self) -> usize {
        *self.calls.lock().unwrap()
    }
}

#[async_trait]
impl ProvideCredentials for Scripted {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        *self.calls.lock().unwrap() += 1;
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        self.answers.lock().unwrap().pop_front().expect("one answer for each call")
    }
}

fn role(id: &str, expires_at: u64) -> Result<Credentials, Error> {
    Ok(Credentials::new(id, "s").with_source(Source::Imds("web".into())).with_expires_at(at(expires_at)))
}

fn outage() -> Result<Credentials, Error> {
    Err(Error::unavailable("no answer"))
}

struct Setup {
    clock: ManualClock,
    cache: Cache,
    source: Scripted,
}

fn setup(source: &Scripted, spawn: bool) -> Setup {
    let clock = ManualClock::default();
    let mut context = Context::local().with_clock(clock.clone());
    if spawn {
        context = context.with_spawn(Runtime);
    }
    Setup { clock, cache: Cache::new(&context, source.clone()), source: source.clone() }
}

impl Setup {
    async fn id(&self) -> Result<String, ErrorKind> {
        let answer = self.cache.provide_credentials().await;
        answer.map(|credentials| credentials.access_key_id().to_owned()).map_err(|error| error.kind())
    }
}

/// Lets everything that can run, run.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

#[test]
fn fresh_credentials_are_fetched_once() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR)]), true);
        for _ in 0..100 {
            assert_eq!(test.id().await.as_deref(), Ok("A"));
        }
        assert_eq!(test.source.calls(), 1);
    });
}

#[test]
fn keys_without_an_end_are_kept_for_ever() {
    run(async {
        let test = setup(&Scripted::new([Ok(Credentials::new("A", "s"))]), true);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.clock.set(1000 * HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
    });
}

#[test]
fn in_the_advisory_window_nobody_waits() {
    run(async {
        let (source, gate) = Scripted::new([role("A", HOUR), role("B", 2 * HOUR)]).gated();
        let test = setup(&source, true);
        gate.notify_one();
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.clock.set(HOUR - 14 * MINUTE);
        for _ in 0..10 {
            assert_eq!(test.id().await.as_deref(), Ok("A"));
            settle().await;
        }
        assert_eq!(test.source.calls(), 2);
        gate.notify_one();
        settle().await;
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

#[test]
fn the_advisory_window_follows_the_lifetime() {
    run(async {
        for (lifetime, window) in [(15, 5), (20, 5), (60, 15), (89, 15), (90, 60), (720, 60)] {
            let end = lifetime * MINUTE;
            let test = setup(&Scripted::new([role("A", end), role("B", 2 * end)]), true);
            test.id().await.unwrap();
            test.clock.set(end - window * MINUTE - 1);
            test.id().await.unwrap();
            settle().await;
            assert_eq!(test.source.calls(), 1, "{lifetime} min");
            test.clock.set(end - window * MINUTE);
            test.id().await.unwrap();
            settle().await;
            assert_eq!(test.source.calls(), 2, "{lifetime} min");
        }
    });
}

#[test]
fn in_the_mandatory_window_all_wait_for_one_fetch() {
    run(async {
        let (source, gate) = Scripted::new([role("A", HOUR), role("B", 2 * HOUR)]).gated();
        let test = setup(&source, true);
        gate.notify_one();
        test.id().await.unwrap();
        test.clock.set(HOUR - 59);
        let waiters: Vec<_> = (0..100)
            .map(|_| {
                let cache = test.cache.clone();
                tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap() })
            })
            .collect();
        settle().await;
        gate.notify_one();
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap().access_key_id(), "B");
        }
        assert_eq!(test.source.calls(), 2);
    });
}

#[test]
fn a_cancelled_leader_leaves_the_fetch_to_the_others() {
    run(async {
        for spawn in [true, false] {
            let (source, gate) = Scripted::new([role("A", HOUR)]).gated();
            let test = setup(&source, spawn);
            let start = |cache: &Cache| {
                let cache = cache.clone();
                tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap() })
            };
            let leader = start(&test.cache);
            settle().await;
            let follower = start(&test.cache);
            settle().await;
            leader.abort();
            settle().await;
            gate.notify_one();
            assert_eq!(follower.await.unwrap().access_key_id(), "A");
            assert_eq!(test.source.calls(), 1, "spawn {spawn}");
        }
    });
}

#[test]
fn an_outage_keeps_the_old_credentials_even_after_expiry() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), outage(), outage(), role("B", 5 * HOUR)]), true);
        test.id().await.unwrap();
        test.clock.set(2 * HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2);
        test.clock.set(2 * HOUR + 299);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2, "no retry within 300 s");
        test.clock.set(2 * HOUR + 601);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 3, "a retry after 600 s");
        test.clock.set(3 * HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

#[test]
fn a_helper_is_not_trusted_past_expiry() {
    run(async {
        let process = Ok(Credentials::new("A", "s").with_source(Source::Process).with_expires_at(at(HOUR)));
        let test = setup(&Scripted::new([process, outage()]), true);
        test.id().await.unwrap();
        test.clock.set(HOUR + 1);
        assert_eq!(test.id().await, Err(ErrorKind::Unavailable));
    });
}

#[test]
fn a_denial_surfaces_once_nothing_valid_is_held_and_is_remembered() {
    run(async {
        let denied = || Err(Error::denied("the session was revoked"));
        let test = setup(&Scripted::new([role("A", HOUR), denied(), denied()]), true);
        test.id().await.unwrap();
        test.clock.set(HOUR + 1);
        for _ in 0..50 {
            assert_eq!(test.id().await, Err(ErrorKind::Denied));
        }
        assert_eq!(test.source.calls(), 2);
        test.clock.set(HOUR + 7);
        assert_eq!(test.id().await, Err(ErrorKind::Denied));
        assert_eq!(test.source.calls(), 3);
    });
}

#[test]
fn an_answer_that_has_expired_is_a_failure() {
    run(async {
        let test = setup(&Scripted::new([role("A", 0)]), true);
        assert_eq!(test.id().await, Err(ErrorKind::Unavailable));
    });
}

#[test]
fn a_rejected_key_is_fetched_again_but_only_that_key() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), role("B", HOUR)]), true);
        test.id().await.unwrap();
        test.cache.invalidate("OTHER");
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.cache.invalidate("A");
        assert_eq!(test.id().await.as_deref(), Ok("B"));
        test.cache.invalidate("A");
        assert_eq!(test.id().await.as_deref(), Ok("B"));
        assert_eq!(test.source.calls(), 2);
    });
}

#[test]
fn a_hanging_source_is_given_up_at_its_limit_for_all_waiters() {
    run(async {
        let (source, _gate) = Scripted::new([]).gated();
        let test = setup(&source, true);
        let waiters: Vec<_> = (0..1000)
            .map(|_| {
                let cache = test.cache.clone();
                tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap_err().kind() })
            })
            .collect();
        settle().await;
        test.clock.set(CacheOptions::default().fetch_limit.as_secs());
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap(), ErrorKind::Unavailable);
        }
        assert_eq!(test.source.calls(), 1);
    });
}

/// Panics at its first call and answers at the second.
#[derive(Debug, Default)]
struct PanicsOnce(Mutex<bool>);

#[async_trait]
impl ProvideCredentials for PanicsOnce {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        tokio::task::yield_now().await;
        let first = !std::mem::replace(&mut *self.0.lock().unwrap(), true);
        assert!(!first, "a defect in the source");
        role("A", HOUR)
    }
}

#[test]
fn a_source_that_panics_hangs_nobody_and_is_asked_again() {
    run(async {
        let clock = ManualClock::default();
        let context = Context::local().with_clock(clock.clone()).with_spawn(Runtime);
        let cache = Cache::new(&context, PanicsOnce::default());
        let waiters: Vec<_> = (0..10)
            .map(|_| {
                let cache = cache.clone();
                tokio::task::spawn_local(async move { cache.provide_credentials().await })
            })
            .collect();
        for waiter in waiters {
            // The panic reaches whoever polled; the others get a failure, or the next call's answer.
            if let Ok(Err(error)) = waiter.await {
                assert_eq!(error.kind(), ErrorKind::Unavailable);
            }
        }
        assert_eq!(cache.provide_credentials().await.unwrap().access_key_id(), "A");
    });
}

#[test]
fn without_a_runtime_the_waiters_drive_the_fetch() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), role("B", 2 * HOUR)]), false);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.clock.set(HOUR - 10 * MINUTE);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.clock.set(HOUR - 30);
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

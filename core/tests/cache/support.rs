//! A clock that the test moves, a runtime of one thread, and sources that follow a script.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tucuxi_core::{BoxFuture, Cache, Clock, Context, Credentials, Error, ErrorKind, ProvideCredentials, Source, Spawn};

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;

#[derive(Clone, Debug, Default)]
pub(crate) struct ManualClock(Arc<Mutex<ClockState>>);

#[derive(Debug, Default)]
pub(crate) struct ClockState {
    seconds: u64,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    pub(crate) fn set(&self, seconds: u64) {
        let mut state = self.0.lock().unwrap();
        state.seconds = seconds;
        state.sleepers.drain(..).for_each(Waker::wake);
    }
}

pub(crate) fn at(seconds: u64) -> SystemTime {
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
pub(crate) struct Runtime;

impl Spawn for Runtime {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }
}

/// Answers from a script; waits at the gate first when there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    answers: Arc<Mutex<VecDeque<Result<Credentials, Error>>>>,
    calls: Arc<Mutex<usize>>,
    gate: Option<Arc<Notify>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<Credentials, Error>>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    pub(crate) fn gated(mut self) -> (Self, Arc<Notify>) {
        let gate = Arc::new(Notify::new());
        self.gate = Some(Arc::clone(&gate));
        (self, gate)
    }

    pub(crate) fn calls(&self) -> usize {
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

pub(crate) fn role(id: &str, expires_at: u64) -> Result<Credentials, Error> {
    Ok(Credentials::new(id, "s").with_source(Source::Imds("web".into())).with_expires_at(at(expires_at)))
}

pub(crate) fn outage() -> Result<Credentials, Error> {
    Err(Error::unavailable("no answer"))
}

pub(crate) struct Setup {
    pub(crate) clock: ManualClock,
    pub(crate) cache: Cache,
    pub(crate) source: Scripted,
}

pub(crate) fn setup(source: &Scripted, spawn: bool) -> Setup {
    let clock = ManualClock::default();
    let mut context = Context::local().with_clock(clock.clone());
    if spawn {
        context = context.with_spawn(Runtime);
    }
    Setup { clock, cache: Cache::new(&context, source.clone()), source: source.clone() }
}

impl Setup {
    /// What a caller gets, who must not have to wait for anything that the test holds back.
    pub(crate) async fn id(&self) -> Result<String, ErrorKind> {
        let cache = self.cache.clone();
        let answer = ended(tokio::task::spawn_local(async move { cache.provide_credentials().await })).await;
        answer.map(|credentials| credentials.access_key_id().to_owned()).map_err(|error| error.kind())
    }
}

/// What a task yields that has all that it needs.
pub(crate) async fn ended<T>(task: JoinHandle<T>) -> T {
    settle().await;
    assert!(task.is_finished(), "a caller hangs");
    task.await.unwrap()
}

/// Lets everything that can run, run.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

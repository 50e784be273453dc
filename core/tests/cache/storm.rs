//! Many callers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, yield_now};
use tucuxi_core::{Cache, Clock, Context, Credentials, Error, ProvideCredentials, Source, Spawn};

use crate::support::{HOUR, ManualClock, Runtime, at, run};

/// Numbers its credentials, each of which lasts an hour, and takes a while.
#[derive(Clone, Debug)]
struct Numbering {
    clock: ManualClock,
    calls: Arc<AtomicUsize>,
    flying: Arc<AtomicUsize>,
    gate: Option<Arc<Notify>>,
}

impl Numbering {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl ProvideCredentials for Numbering {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        assert_eq!(self.flying.fetch_add(1, Ordering::SeqCst), 0, "two fetches at once");
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        for _ in 0..3 {
            yield_now().await;
        }
        self.flying.fetch_sub(1, Ordering::SeqCst);
        let credentials = Credentials::new(format!("AKID{number}"), "s").with_source(Source::Imds("web".into()));
        Ok(credentials.with_expires_at(self.clock.now() + std::time::Duration::from_secs(HOUR)))
    }
}

fn numbered(spawn: Option<impl Spawn + 'static>, gate: Option<Arc<Notify>>) -> (ManualClock, Numbering, Cache) {
    let clock = ManualClock::default();
    let source = Numbering { clock: clock.clone(), calls: Arc::default(), flying: Arc::default(), gate };
    let mut context = Context::local().with_clock(clock.clone());
    if let Some(spawn) = spawn {
        context = context.with_spawn(spawn);
    }
    let cache = Cache::new(&context, source.clone());
    (clock, source, cache)
}

/// Waves of callers, for a source that answers once all of them wait.
struct Waves {
    clock: ManualClock,
    source: Numbering,
    cache: Cache,
    gate: Arc<Notify>,
}

impl Waves {
    fn new(spawn: Option<Runtime>) -> Self {
        let gate = Arc::new(Notify::new());
        let (clock, source, cache) = numbered(spawn, Some(Arc::clone(&gate)));
        Self { clock, source, cache, gate }
    }

    /// The keys of those who stayed. Those chosen are cancelled while they wait.
    async fn wave(&self, callers: usize, mut leaves: impl FnMut(usize) -> bool) -> Vec<String> {
        let tasks: Vec<JoinHandle<_>> = (0..callers)
            .map(|_| {
                let cache = self.cache.clone();
                tokio::task::spawn_local(async move { cache.provide_credentials().await.unwrap() })
            })
            .collect();
        run_all(callers).await;
        for (number, task) in tasks.iter().enumerate() {
            assert!(!task.is_finished(), "an answer before there was one");
            if leaves(number) {
                task.abort();
            }
        }
        run_all(callers).await;
        self.gate.notify_one();
        run_all(callers).await;
        let mut keys = Vec::new();
        for task in tasks {
            assert!(task.is_finished(), "a caller hangs");
            // Those who left have no answer.
            if let Ok(credentials) = task.await {
                keys.push(credentials.access_key_id().to_owned());
            }
        }
        keys
    }
}

/// Each turn polls some sixty tasks; this is enough for each of them to be polled several times.
async fn run_all(tasks: usize) {
    for _ in 0..tasks / 8 + 20 {
        yield_now().await;
    }
}

/// Ten per cent at random, and always the first, who started the fetch.
fn a_tenth(seed: u64) -> impl FnMut(usize) -> bool {
    let mut state = seed;
    move |number| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        number == 0 || (state >> 33).is_multiple_of(10)
    }
}

#[test]
fn ten_thousand_callers_make_one_call_cold_and_expired() {
    for spawn in [true, false] {
        run(async move {
            let waves = Waves::new(spawn.then_some(Runtime));
            for (number, phase) in [(1, "cold"), (2, "expired")] {
                waves.clock.set(number * 2 * HOUR);
                let keys = waves.wave(10_000, |_| false).await;
                assert_eq!((keys.len(), waves.source.calls() as u64), (10_000, number), "{phase}");
                assert!(keys.iter().all(|key| *key == format!("AKID{number}")), "{phase}");
            }
        });
    }
}

#[test]
fn ten_thousand_callers_of_whom_a_tenth_leaves_make_one_call() {
    for spawn in [true, false] {
        run(async move {
            let waves = Waves::new(spawn.then_some(Runtime));
            for (number, phase) in [(1, "cold"), (2, "expired")] {
                waves.clock.set(number * 2 * HOUR);
                let keys = waves.wave(10_000, a_tenth(number)).await;
                assert!((8_500..9_500).contains(&keys.len()), "{phase}: {}", keys.len());
                assert!(keys.iter().all(|key| *key == format!("AKID{number}")), "{phase}");
                assert_eq!(waves.source.calls() as u64, number, "{phase}");
            }
        });
    }
}

#[test]
fn a_thousand_waves_make_a_thousand_calls() {
    run(async {
        let waves = Waves::new(Some(Runtime));
        for number in 1..=1_000 {
            waves.clock.set(number * 2 * HOUR);
            let keys = waves.wave(100, a_tenth(number)).await;
            assert!(!keys.is_empty() && keys.iter().all(|key| *key == format!("AKID{number}")));
        }
        assert_eq!(waves.source.calls(), 1_000);
        assert_eq!(waves.cache.peek().unwrap().expires_at(), Some(at(2_001 * HOUR)));
    });
}

/// Tasks on any thread of the runtime.
#[derive(Debug)]
struct Threads(tokio::runtime::Handle);

impl Spawn for Threads {
    fn spawn(&self, task: tucuxi_core::BoxFuture<'static, ()>) {
        self.0.spawn(task);
    }
}

#[test]
fn ten_thousand_callers_on_eight_threads_make_one_call() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).build().unwrap();
    let (clock, source, cache) = numbered(Some(Threads(runtime.handle().clone())), None);
    for number in 1..=3 {
        clock.set(number * 2 * HOUR);
        let callers: Vec<_> = (0..10_000)
            .map(|_| {
                let cache = cache.clone();
                runtime.spawn(async move { cache.provide_credentials().await.unwrap() })
            })
            .collect();
        let mut leaves = a_tenth(number);
        let aborted = callers.iter().enumerate().filter(|(caller, _)| leaves(*caller));
        aborted.for_each(|(_, caller)| caller.abort());
        for caller in callers {
            if let Ok(credentials) = runtime.block_on(caller) {
                assert_eq!(credentials.access_key_id(), format!("AKID{number}"));
            }
        }
        assert_eq!(source.calls() as u64, number);
    }
}

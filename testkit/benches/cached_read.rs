//! What a read of cached credentials takes, beside other ways to read a value that is replaced now and then.
//!
//! `cargo xtask bench cached-read` runs it. A read is timed alone, and the time that the timing itself takes, measured
//! in the same run, is taken off.
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "printing is what a bench is for")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use tucuxi_core::{
    BoxFuture, Cache, Clock, Context, Credentials, Error, ProvideCredentials, Source, Spawn, SystemClock,
};
use tucuxi_testkit::block_on;

const READS: usize = 300_000;
const THREADS: usize = 8;

/// The system's clock, moved forward by so many seconds.
#[derive(Clone, Debug, Default)]
struct Shifted(Arc<AtomicU64>);

impl Clock for Shifted {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(duration)
    }
}

/// The first answer comes at once, every other takes 5 s.
#[derive(Clone, Debug, Default)]
struct Slow {
    clock: Shifted,
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl ProvideCredentials for Slow {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        if number > 0 {
            self.clock.sleep(Duration::from_secs(5)).await;
        }
        let credentials = Credentials::new(format!("ASIA{number}"), "secret").with_session_token("token");
        Ok(credentials
            .with_source(Source::Imds("web".into()))
            .with_expires_at(self.clock.now() + Duration::from_secs(3600)))
    }
}

#[derive(Debug)]
struct Threads;

impl Spawn for Threads {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        std::thread::spawn(move || block_on(task));
    }
}

fn read(cache: &Cache) -> Credentials {
    let mut call = pin!(cache.provide_credentials());
    match call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.unwrap(),
        Poll::Pending => panic!("a cached read waits"),
    }
}

/// Nanoseconds of each read.
fn timed<T>(reads: usize, read: impl Fn() -> T) -> Vec<u64> {
    let mut samples = Vec::with_capacity(reads);
    for _ in 0..reads {
        let start = Instant::now();
        black_box(read());
        samples.push(nanoseconds(start.elapsed()));
    }
    samples
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

struct Measured {
    what: String,
    p50: u64,
    p99: u64,
    /// Of reads in a row, without timing each.
    mean: f64,
}

impl Measured {
    fn new(what: &str, timing: u64, mean: f64, mut samples: Vec<u64>) -> Self {
        samples.sort_unstable();
        let at = |share: usize| samples[(samples.len() - 1) * share / 100].saturating_sub(timing);
        let measured = Self { what: what.to_owned(), p50: at(50), p99: at(99), mean };
        println!("{:<58} {:>9} {:>9} {mean:>9.1}", measured.what, measured.p50, measured.p99);
        measured
    }

    fn alone<T>(what: &str, timing: u64, read: impl Fn() -> T) -> Self {
        let samples = timed(READS, &read);
        Self::new(what, timing, mean(READS, &read), samples)
    }

    /// By all threads at once; the mean is of one thread's reads.
    fn crowd<T>(what: &str, timing: u64, read: impl Fn() -> T + Sync) -> Self {
        let all = Mutex::new((Vec::new(), 0.0));
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    black_box(read());
                    start.wait();
                    let samples = timed(READS / THREADS, &read);
                    start.wait();
                    let mean = mean(READS / THREADS, &read);
                    let mut all = all.lock().unwrap();
                    all.0.extend(samples);
                    all.1 += mean / THREADS as f64;
                });
            }
        });
        let (samples, mean) = all.into_inner().unwrap();
        Self::new(what, timing, mean, samples)
    }

    fn within(&self, p50: u64, p99: u64) -> bool {
        let holds = self.p50 <= p50 && self.p99 <= p99;
        let word = if holds { "pass" } else { "FAIL" };
        println!("{word} {}: p50 {} ns, at most {p50}; p99 {} ns, at most {p99}", self.what, self.p50, self.p99);
        holds
    }
}

fn mean<T>(reads: usize, read: impl Fn() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..reads {
        black_box(read());
    }
    start.elapsed().as_nanos() as f64 / reads as f64
}

fn main() -> ExitCode {
    let clock = Shifted::default();
    let context = Context::local().with_clock(clock.clone()).with_spawn(Threads);
    let source = Slow { clock: clock.clone(), calls: Arc::default() };
    let cache = Cache::new(&context, source.clone());
    let credentials = block_on(cache.provide_credentials()).unwrap();
    let (lock, swap) = (RwLock::new(Arc::new(credentials.clone())), ArcSwap::from_pointee(credentials));
    let boxed: &dyn ProvideCredentials = &cache;

    let mut empty = timed(READS, || ());
    empty.sort_unstable();
    let timing = empty[READS / 2];
    println!("{:<58} {:>9} {:>9} {:>9}", "", "p50 ns", "p99 ns", "mean ns");
    let by_lock = || (clock.now(), lock.read().unwrap().clone());
    let by_swap = || (clock.now(), swap.load_full());
    let look = Measured::alone("one look at the clock", timing, || clock.now());
    let ours = Measured::alone("cache", timing, || read(&cache));
    Measured::alone("cache, by the trait's boxed future", timing, || block_on(boxed.provide_credentials()));
    let alone_lock = Measured::alone("clock + RwLock<Arc> read", timing, by_lock);
    let alone_swap = Measured::alone("clock + ArcSwap load_full", timing, by_swap);
    let crowd = Measured::crowd("cache, 8 threads", timing, || read(&cache));
    let crowd_lock = Measured::crowd("clock + RwLock<Arc> read, 8 threads", timing, by_lock);
    let crowd_swap = Measured::crowd("clock + ArcSwap load_full, 8 threads", timing, by_swap);

    clock.0.store(50 * 60, Ordering::Relaxed);
    let (mut during, mut means) = (Vec::new(), Vec::new());
    while read(&cache).access_key_id() == "ASIA0" {
        during.extend(timed(200, || read(&cache)));
        means.push(mean(200, || read(&cache)));
        std::thread::sleep(Duration::from_millis(1));
    }
    let mean_during = means.iter().sum::<f64>() / means.len() as f64;
    let refreshing = Measured::new("cache, while a refresh of 5 s runs", timing, mean_during, during);

    let ratio = |ours: &Measured, theirs: &Measured| ours.mean / theirs.mean;
    println!("\nratios of the mean: cache / one look at the clock {:.2}", ratio(&ours, &look));
    println!(
        "  alone      cache / RwLock {:.2}, cache / ArcSwap {:.2}",
        ratio(&ours, &alone_lock),
        ratio(&ours, &alone_swap)
    );
    println!(
        "  8 threads  cache / RwLock {:.2}, cache / ArcSwap {:.2}\n",
        ratio(&crowd, &crowd_lock),
        ratio(&crowd, &crowd_swap)
    );
    assert_eq!(source.calls.load(Ordering::SeqCst), 2, "one refresh ran");
    let holds = [ours.within(100, 1000), refreshing.within(10_000, 10_000)];
    if holds.iter().all(|holds| *holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

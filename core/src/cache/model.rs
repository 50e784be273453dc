//! The cache under a model checker: the same code, with `crate::sync` replaced, over thousands of schedules.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::Mutex;
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::{check_pct, check_random, thread};

use super::Cache;
use super::flight::Flight;
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

/// Polls a caller once and forgets it, as a `select` does whose other branch was first.
async fn give_up(cache: Cache) {
    let mut call = pin!(cache.provide_credentials());
    poll_fn(|cx| {
        drop(call.as_mut().poll(cx).map(Result::unwrap));
        Poll::Ready(())
    })
    .await;
}

#[test]
fn callers_who_find_nothing_make_one_call_whoever_leaves() {
    for spawning in [true, false] {
        check(
            move || {
                let source = Arc::new(Counting::default());
                let cache = cache(&source, spawning);
                let callers: Vec<_> = (0..4)
                    .map(|number| {
                        let cache = cache.clone();
                        let leaves = number != 3 && thread_rng().gen_bool(0.4);
                        spawn(async move {
                            if leaves {
                                return give_up(cache).await;
                            }
                            assert_eq!(cache.provide_credentials().await.unwrap().access_key_id(), "AKID0");
                        })
                    })
                    .collect();
                block_on(async {
                    for caller in callers {
                        caller.await.unwrap();
                    }
                });
                assert_eq!(source.calls(), 1);
            },
            SCHEDULES / 2,
        );
    }
}

#[test]
fn callers_on_threads_of_their_own_make_one_call() {
    check(
        || {
            let source = Counting::lasting(Duration::from_secs(3600));
            let cache = cache(&source, false);
            let callers: Vec<_> = (0..3)
                .map(|_| {
                    let cache = cache.clone();
                    thread::spawn(move || {
                        // The second read comes from what the thread remembers.
                        for _ in 0..2 {
                            let credentials = block_on(cache.provide_credentials()).unwrap();
                            assert_eq!(credentials.access_key_id(), "AKID0");
                        }
                    })
                })
                .collect();
            callers.into_iter().for_each(|caller| caller.join().unwrap());
            assert_eq!(source.calls(), 1);
        },
        SCHEDULES / 5,
    );
}

#[test]
fn a_read_after_a_rejection_never_yields_the_rejected_key() {
    check(
        || {
            let source = Arc::new(Counting::default());
            let cache = cache(&source, false);
            let first = block_on(cache.provide_credentials()).unwrap();
            let callers: Vec<_> = (0..3)
                .map(|_| {
                    let (cache, first) = (cache.clone(), first.clone());
                    thread::spawn(move || {
                        drop(block_on(cache.provide_credentials()).unwrap());
                        cache.invalidate(first.access_key_id());
                        let second = block_on(cache.provide_credentials()).unwrap();
                        assert_eq!(second.access_key_id(), "AKID1", "only the first key was rejected");
                    })
                })
                .collect();
            callers.into_iter().for_each(|caller| caller.join().unwrap());
            assert_eq!(source.calls(), 2, "one fetch for all who were rejected");
        },
        SCHEDULES / 5,
    );
}

#[test]
fn what_threads_remember_keeps_no_credentials_alive() {
    // One thread, so there is one schedule.
    check_random(
        || {
            let source = Arc::new(Counting::default());
            let cache = cache(&source, false);
            let first = block_on(cache.provide_credentials()).unwrap();
            // From here on this thread remembers them.
            drop(block_on(cache.provide_credentials()).unwrap());
            let weak = first.downgrade();
            drop(first);
            assert!(!weak.is_gone(), "the cache has them");
            cache.invalidate("AKID0");
            let second = block_on(cache.provide_credentials()).unwrap();
            assert!(weak.is_gone(), "replaced, so wiped");
            let weak = second.downgrade();
            drop((second, cache));
            assert!(weak.is_gone(), "the cache is gone, so they are wiped");
        },
        1,
    );
}

#[test]
fn in_the_advisory_window_one_refresh_runs_and_everybody_has_keys() {
    check(
        || {
            // Lives 5 min, so it is in its advisory window from the beginning, and half of the rest is quiet.
            let source = Counting::lasting(Duration::from_secs(300));
            let cache = cache(&source, true);
            drop(block_on(cache.provide_credentials()).unwrap());
            cache.invalidate("AKID0");
            let callers: Vec<_> = (0..3)
                .map(|_| {
                    let cache = cache.clone();
                    spawn(async move { cache.provide_credentials().await.unwrap().access_key_id().to_owned() })
                })
                .collect();
            block_on(async {
                for caller in callers {
                    assert_eq!(caller.await.unwrap(), "AKID1");
                }
            });
            assert_eq!(source.calls(), 2);
        },
        SCHEDULES / 5,
    );
}

#[test]
fn a_waiter_that_is_never_polled_again_stops_nobody() {
    check(
        || {
            let flight = Flight::new(Box::pin(async {
                yield_now().await;
                yield_now().await;
                Ok(Credentials::new("AKID", "s"))
            }));
            let asleep = Arc::clone(&flight);
            let sleeper = thread::spawn(move || {
                let mut call = Box::pin(asleep.wait());
                block_on(poll_fn(|cx| {
                    drop(call.as_mut().poll(cx));
                    Poll::Ready(())
                }));
                // Alive, with a place among the waiters, and polled no more.
                call
            });
            let other = spawn(flight.wait());
            assert_eq!(block_on(other).unwrap().unwrap().access_key_id(), "AKID");
            drop(sleeper.join().unwrap());
        },
        SCHEDULES,
    );
}

/// Opened from outside, as an answer from the network comes.
#[derive(Default)]
struct Gate(Mutex<(bool, Option<Waker>)>);

impl Gate {
    fn open(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn passed(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

#[test]
fn an_answer_from_outside_finds_a_waiter_that_is_polled() {
    check(
        || {
            let gate = Arc::new(Gate::default());
            let opened = Arc::clone(&gate);
            let flight = Flight::new(Box::pin(async move {
                gate.passed().await;
                Ok(Credentials::new("AKID", "s"))
            }));
            let mut asleep = Box::pin(Arc::clone(&flight).wait());
            block_on(poll_fn(|cx| {
                drop(asleep.as_mut().poll(cx));
                Poll::Ready(())
            }));
            let others: Vec<_> = (0..2).map(|_| spawn(Arc::clone(&flight).wait())).collect();
            let opener = thread::spawn(move || opened.open());
            block_on(async {
                for other in others {
                    assert_eq!(other.await.unwrap().unwrap().access_key_id(), "AKID");
                }
            });
            opener.join().unwrap();
            drop(asleep);
        },
        SCHEDULES / 5,
    );
}

const SCHEDULES: usize = 10_000;

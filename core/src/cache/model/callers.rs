//! What callers get, whatever the order of things.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use shuttle::future::{block_on, spawn};
use shuttle::rand::{Rng, thread_rng};
use shuttle::{check_random, thread};

use super::{Counting, SCHEDULES, cache, check};
use crate::Cache;

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

//! The contract, rule by rule.

use std::sync::Mutex;

use async_trait::async_trait;
use tucuxi_core::{Cache, Context, Credentials, Error, ErrorKind, ProvideCredentials};

use crate::support::{HOUR, MINUTE, ManualClock, Runtime, Scripted, ended, role, run, settle, setup};

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
            assert_eq!(ended(waiter).await.access_key_id(), "B");
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
            assert_eq!(ended(follower).await.access_key_id(), "A");
            assert_eq!(test.source.calls(), 1, "spawn {spawn}");
        }
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
fn short_lived_credentials_do_not_chase_each_other() {
    run(async {
        let source = Scripted::new((1..100).map(|number| role("A", 180 + number)));
        let test = setup(&source, true);
        for second in 0..120 {
            test.clock.set(second);
            test.id().await.unwrap();
            settle().await;
        }
        assert!((2..=10).contains(&test.source.calls()), "{}", test.source.calls());
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

//! The contract, rule by rule.

use std::sync::Mutex;

use tucuxi_core::{Cache, Context, Credentials, Error, ErrorKind, Location, ProvideCredentials, Source, async_trait};

use crate::support::{HOUR, MINUTE, ManualClock, Runtime, Scripted, at, ended, outage, role, run, settle, setup};

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
fn an_outage_keeps_the_old_credentials_even_after_expiry() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), outage(), outage(), role("B", 5 * HOUR)]), true);
        test.id().await.unwrap();
        assert!(!test.cache.peek().unwrap().provenance().is_past_expiry());
        test.clock.set(2 * HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        let served = test.cache.provide_credentials().await.unwrap();
        assert_eq!(served.provenance().to_string(), "iam-role web (past expiry)");
        assert_eq!(test.source.calls(), 2);
        test.clock.set(2 * HOUR + 299);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2, "no retry within 300 s");
        test.clock.set(2 * HOUR + 601);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 3, "a retry after 600 s");
        test.clock.set(3 * HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("B"));
        assert!(!test.cache.peek().unwrap().provenance().is_past_expiry());
    });
}

#[test]
fn a_pause_that_began_before_expiry_outlasts_it_and_the_mark_appears() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), outage()]), true);
        test.id().await.unwrap();
        test.clock.set(HOUR - 30);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        let provenance = |cache: &Cache| cache.peek().unwrap().provenance().to_string();
        assert_eq!(provenance(&test.cache), "iam-role web");
        test.clock.set(HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(provenance(&test.cache), "iam-role web (past expiry)");
        test.clock.set(HOUR + 269);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2);
    });
}

#[test]
fn only_sources_that_aws_keeps_alive_are_served_past_expiry() {
    let stable = [
        Source::Imds("web".into()),
        Source::Container("169.254.170.2".into()),
        Source::AssumeRole("deploy".into()),
        Source::WebIdentity("pod".into()),
        Source::Saml("staff".into()),
        Source::Sts("GetSessionToken"),
        Source::Sso("corp".into()),
        Source::Login("me".into()),
    ];
    let others = [
        Source::Explicit,
        Source::Environment { variable: "AWS_ACCESS_KEY_ID".into() },
        Source::Process,
        Source::Custom("vault".into()),
        Source::CredentialsFile(Location::new("/c", 1)),
    ];
    let cases = stable.into_iter().map(|source| (source, true)).chain(others.into_iter().map(|source| (source, false)));
    for (source, served) in cases {
        run(async move {
            let first = Credentials::new("A", "s").with_source(source.clone()).with_expires_at(at(HOUR));
            let test = setup(&Scripted::new([Ok(first), outage()]), true);
            test.id().await.unwrap();
            test.clock.set(HOUR);
            let expected = if served { Ok("A".to_owned()) } else { Err(ErrorKind::Unavailable) };
            assert_eq!(test.id().await, expected, "{source}");
        });
    }
}

#[test]
fn a_source_that_is_gone_is_an_outage_like_another() {
    run(async {
        let gone = || Err(Error::not_configured("no role is attached"));
        let test = setup(&Scripted::new([role("A", HOUR), gone()]), true);
        test.id().await.unwrap();
        test.clock.set(HOUR);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        test.clock.set(HOUR + 299);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        let test = setup(&Scripted::new([gone()]), true);
        assert_eq!(test.id().await, Err(ErrorKind::NotConfigured));
    });
}

#[test]
fn an_outage_in_the_advisory_window_pauses_and_nobody_notices() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), outage(), role("B", 2 * HOUR)]), true);
        test.id().await.unwrap();
        test.clock.set(46 * MINUTE);
        for second in 0..299 {
            test.clock.set(46 * MINUTE + second);
            assert_eq!(test.id().await.as_deref(), Ok("A"));
            settle().await;
        }
        assert_eq!(test.source.calls(), 2);
        test.clock.set(46 * MINUTE + 600);
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        settle().await;
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

#[test]
fn the_pause_is_drawn_anew_each_time_between_300_and_600_seconds() {
    run(async {
        let mut pauses = Vec::new();
        for _ in 0..60 {
            let test = setup(&Scripted::new([role("A", HOUR), outage(), outage()]), true);
            test.id().await.unwrap();
            let mut second = HOUR;
            while test.source.calls() < 3 {
                test.clock.set(second);
                test.id().await.unwrap();
                second += 1;
            }
            pauses.push(second - 1 - HOUR);
        }
        assert!(pauses.iter().all(|pause| (300..=600).contains(pause)), "{pauses:?}");
        let mean = pauses.iter().sum::<u64>() / 60;
        // Six standard deviations of the mean of 60.
        assert!((383..=517).contains(&mean), "{mean}: {pauses:?}");
    });
}

#[test]
fn a_denial_in_the_advisory_window_is_tried_again_soon_and_surfaces_at_expiry() {
    run(async {
        let denied = || Err(Error::denied("the session was revoked"));
        let test = setup(&Scripted::new(std::iter::once(role("A", HOUR)).chain((0..10_000).map(|_| denied()))), true);
        test.id().await.unwrap();
        for second in 45 * MINUTE..HOUR {
            test.clock.set(second);
            assert_eq!(test.id().await.as_deref(), Ok("A"), "{second}");
            settle().await;
        }
        let calls = test.source.calls();
        assert!((15 * 60 / 5..=15 * 60).contains(&calls), "{calls}");
        test.clock.set(HOUR + 5);
        assert_eq!(test.id().await, Err(ErrorKind::Denied));
        assert_eq!(test.source.calls(), calls + 1, "in one call");
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
fn a_rejection_does_not_lift_the_pause() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), outage(), role("B", 5 * HOUR)]), true);
        test.id().await.unwrap();
        test.clock.set(HOUR);
        test.id().await.unwrap();
        test.clock.set(HOUR + 299);
        test.cache.invalidate("A");
        assert_eq!(test.id().await.as_deref(), Ok("A"));
        assert_eq!(test.source.calls(), 2);
        test.clock.set(HOUR + 600);
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

#[test]
fn a_rejected_key_that_the_source_has_again_is_no_storm() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), role("A", HOUR), role("B", HOUR)]), true);
        test.id().await.unwrap();
        for _ in 0..100 {
            test.cache.invalidate("A");
            assert_eq!(test.id().await.as_deref(), Ok("A"));
        }
        assert_eq!(test.source.calls(), 2);
        test.clock.set(5);
        assert_eq!(test.id().await.as_deref(), Ok("B"), "it stays rejected");
    });
}

#[test]
fn another_secret_of_a_rejected_key_is_other_credentials() {
    run(async {
        let corrected = Ok(Credentials::new("A", "corrected").with_expires_at(at(HOUR)));
        let test = setup(&Scripted::new([role("A", HOUR), corrected]), true);
        test.id().await.unwrap();
        test.cache.invalidate("A");
        for second in 0..60 {
            test.clock.set(second);
            assert_eq!(test.id().await.as_deref(), Ok("A"));
        }
        assert_eq!(test.source.calls(), 2, "what was corrected is not rejected");
    });
}

#[test]
fn a_source_with_nothing_newer_is_asked_again_where_the_mandatory_window_begins() {
    run(async {
        let test = setup(&Scripted::new([role("A", HOUR), role("A", HOUR), role("B", 3 * HOUR)]), true);
        test.id().await.unwrap();
        // Six minutes before the end: the pause of 5 to 10 min would reach into the last minute.
        test.clock.set(HOUR - 360);
        test.id().await.unwrap();
        settle().await;
        assert_eq!(test.source.calls(), 2);
        test.clock.set(HOUR - 60);
        assert_eq!(test.id().await.as_deref(), Ok("B"));
    });
}

#[test]
fn a_source_with_nothing_newer_is_not_asked_without_end() {
    run(async {
        let same = (0..20).map(|_| role("A", HOUR));
        let test = setup(&Scripted::new(same.chain([role("B", 2 * HOUR)])), true);
        for second in 0..HOUR {
            test.clock.set(second);
            assert_eq!(test.id().await.as_deref(), Ok("A"));
            settle().await;
        }
        // Once at the beginning, then in the last 15 min every 5 to 10.
        assert!((3..=5).contains(&test.source.calls()), "{}", test.source.calls());
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

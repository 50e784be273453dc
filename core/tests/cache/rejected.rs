//! Keys that a service rejected, and sources that have nothing newer.

use tucuxi_core::Credentials;

use crate::support::{HOUR, Scripted, at, outage, role, run, settle, setup};

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

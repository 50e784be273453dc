//! What becomes of a source that does not answer, and of a denial.

use tucuxi_core::{Cache, Credentials, Error, ErrorKind, Location, Source};

use crate::support::{HOUR, MINUTE, Scripted, at, outage, role, run, settle, setup};

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

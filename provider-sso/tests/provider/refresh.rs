//! A sign-in that is about to end.

use std::time::{Duration, SystemTime};

use tucuxi_core::{ErrorKind, HttpErrorKind, ProvideCredentials, Region};
use tucuxi_provider_sso::{SsoProvider, SsoSettings};
use tucuxi_testkit::{Exchange, FakeClock, block_on};

use crate::support::{FILE, GRANTED, ROLE, TOKEN, UNKNOWN, asks, settings, setup, sign_in};

#[test]
fn a_sign_in_about_to_end_is_refreshed_and_kept_with_every_field() {
    let refreshed = r#"{"accessToken":"NEW","tokenType":"Bearer","expiresIn":3600,"refreshToken":"RT2"}"#;
    let test = setup(
        Some(&sign_in("00:04:00")),
        [
            Exchange::post(TOKEN).with_body(r#""refreshToken":"RT""#).answers(200, refreshed),
            Exchange::get(ROLE).with("x-amz-sso_bearer_token", "NEW").answers(200, GRANTED),
        ],
    );
    test.provide().unwrap();
    let kept = test.kept();
    assert_eq!(kept["expiresAt"], "2026-01-01T01:00:00Z");
    assert_eq!(kept["refreshToken"], "RT2");
    assert_eq!(kept["extra"], 1);
}

#[test]
fn a_failed_refresh_does_no_harm_while_the_sign_in_lasts() {
    for failure in [
        Exchange::post(TOKEN).answers(400, r#"{"error":"invalid_grant"}"#),
        Exchange::post(TOKEN).answers(503, ""),
        Exchange::post(TOKEN).fails(HttpErrorKind::Connect),
    ] {
        let asked = Exchange::get(ROLE).with("x-amz-sso_bearer_token", "OLD").answers(200, GRANTED);
        assert!(setup(Some(&sign_in("00:04:00")), [failure, asked]).provide().is_ok());
    }
}

#[test]
fn a_failed_refresh_is_not_repeated_at_once() {
    let refused = || Exchange::post(TOKEN).answers(503, "");
    let asked = || Exchange::get(ROLE).with("x-amz-sso_bearer_token", "OLD").answers(200, GRANTED);
    let test = setup(Some(&sign_in("00:04:00")), [refused(), asked(), asked(), refused(), asked(), refused()]);
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let provider = SsoProvider::new(&test.context.clone().with_clock(clock.clone()), settings());
    let after = |seconds| {
        clock.advance(Duration::from_secs(seconds));
        block_on(provider.provide_credentials())
    };
    for seconds in [0, 59, 1] {
        assert_eq!(after(seconds).unwrap().access_key_id(), "ASIA");
    }
    // The minute is not over, but the sign-in is.
    test.context.fs().set(FILE, sign_in("00:01:30"), SystemTime::UNIX_EPOCH);
    assert_eq!(after(30).unwrap_err().kind(), ErrorKind::Unavailable);
    test.http.assert_done();
}

#[test]
fn a_failed_refresh_after_the_end_says_why() {
    let check = |failure: Exchange, kind: ErrorKind, words: &str| {
        let error = setup(Some(&sign_in("00:00:00")), [failure]).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{}", error.report());
    };
    check(Exchange::post(TOKEN).answers(400, r#"{"error":"invalid_grant"}"#), ErrorKind::Denied, "invalid_grant");
    check(Exchange::post(TOKEN).answers(500, ""), ErrorKind::Unavailable, "oidc.us-east-1.amazonaws.com answered 500");
    check(Exchange::post(TOKEN).fails(HttpErrorKind::Timeout), ErrorKind::Unavailable, "");
}

#[test]
fn a_profile_without_a_session_is_never_refreshed() {
    let url = "https://e.awsapps.com/start";
    let region = Region::new("us-east-1").unwrap();
    let provide = |ends: &str, script: &[Exchange]| {
        let test = setup(None, script.to_vec());
        let path = tucuxi_provider_sso::token_file(&test.context, url).path().unwrap();
        test.context.fs().set(path, sign_in(ends), SystemTime::UNIX_EPOCH);
        let settings = SsoSettings::new(url, region.clone(), "123456789012", "ReadOnly");
        let answer = block_on(SsoProvider::new(&test.context, settings).provide_credentials());
        test.http.assert_done();
        answer
    };
    assert_eq!(
        provide("00:04:00", &[asks("OLD").answers(200, GRANTED)]).unwrap().provenance().to_string(),
        "sso-session https://e.awsapps.com/start"
    );
    assert_eq!(provide("08:00:00", &[asks("OLD").answers(401, UNKNOWN)]).unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(provide("00:00:00", &[]).unwrap_err().hint(), Some("sign in: aws sso login"));
}

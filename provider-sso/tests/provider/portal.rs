//! What the portal answers.

use std::time::Duration;

use tucuxi_core::{ErrorKind, HttpErrorKind, ProvideCredentials};
use tucuxi_provider_sso::SsoProvider;
use tucuxi_testkit::{Exchange, FakeClock, block_on};

use crate::support::{GRANTED, REFRESHED, ROLE, TOKEN, UNKNOWN, asks, settings, setup, sign_in};

#[test]
fn a_sign_in_that_lasts_is_used_as_it_is() {
    let asked = Exchange::get(ROLE).with("x-amz-sso_bearer_token", "OLD").answers(200, GRANTED);
    let credentials = setup(Some(&sign_in("08:00:00")), [asked]).provide().unwrap();
    assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIA", Some("123456789012")));
    assert_eq!(credentials.provenance().to_string(), "sso-session my-sso");
}

#[test]
fn an_answer_that_nests_without_end_is_not_read() {
    let deep = format!(r#"{{"roleCredentials":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let script = (0..1).map(|_| Exchange::get(ROLE).answers(200, &*deep));
    let error = setup(Some(&sign_in("08:00:00")), script).provide().unwrap_err();
    assert_eq!(error.to_string(), "the answer of portal.sso.us-east-1.amazonaws.com has JSON that nests too deep");
}

#[test]
fn the_portal_is_asked_again_after_an_outage() {
    let asked = || Exchange::get(ROLE).with("x-amz-sso_bearer_token", "OLD");
    let check = |script: Vec<Exchange>, expected: Result<&str, &str>| {
        let answer = setup(Some(&sign_in("08:00:00")), script).provide();
        let answer = answer.map(|credentials| credentials.access_key_id().to_owned());
        assert_eq!(answer.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned));
    };
    let closed = asked().fails(HttpErrorKind::Closed);
    check(vec![closed, asked().answers(500, ""), asked().answers(200, GRANTED)], Ok("ASIA"));
    check(vec![asked().answers(429, ""), asked().answers(200, GRANTED)], Ok("ASIA"));
    check((0..3).map(|_| asked().answers(503, "")).collect(), Err("portal.sso.us-east-1.amazonaws.com answered 503"));
    check(vec![asked().answers(403, "")], Err("portal.sso.us-east-1.amazonaws.com answered 403"));
}

#[test]
fn the_portal_may_ask_for_a_delay() {
    let busy = asks("OLD").answers(503, "").answer_header("x-amz-retry-after", "2000");
    let test = setup(Some(&sign_in("08:00:00")), [busy, asks("OLD").answers(200, GRANTED)]);
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let context = test.context.clone().with_clock(clock.clone());
    block_on(SsoProvider::new(&context, settings()).provide_credentials()).unwrap();
    assert!(clock.slept().contains(&Duration::from_secs(2)), "{:?}", clock.slept());
}

#[test]
fn a_sign_in_that_the_portal_does_not_know_is_refreshed_once() {
    let refreshes = || Exchange::post(TOKEN).with_body(r#""refreshToken":"RT""#);
    let test = setup(
        Some(&sign_in("08:00:00")),
        [asks("OLD").answers(401, UNKNOWN), refreshes().answers(200, REFRESHED), asks("NEW").answers(200, GRANTED)],
    );
    assert_eq!(test.provide().unwrap().access_key_id(), "ASIA");
    assert_eq!(test.kept()["refreshToken"], "RT2");

    let check = |script: &[Exchange], kind: ErrorKind, words: &str| {
        let error = setup(Some(&sign_in("08:00:00")), script.to_vec()).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{}", error.report());
    };
    let refused = asks("OLD").answers(401, UNKNOWN);
    let again = asks("NEW").answers(401, UNKNOWN);
    let cure = "aws sso login --sso-session my-sso";
    check(&[refused.clone(), refreshes().answers(200, REFRESHED), again], ErrorKind::Denied, cure);
    let ended = refreshes().answers(400, r#"{"error":"invalid_grant"}"#);
    check(&[refused.clone(), ended.clone()], ErrorKind::Denied, cure);
    check(&[refused.clone(), ended], ErrorKind::Denied, "portal.sso.us-east-1.amazonaws.com answered 401");
    check(&[refused.clone(), refreshes().answers(500, "")], ErrorKind::Unavailable, "answered 500");
    check(&[refused, refreshes().fails(HttpErrorKind::Timeout)], ErrorKind::Unavailable, "oidc.us-east-1");
}

#[test]
fn a_sign_in_that_cannot_be_refreshed_is_a_denial_with_the_cure() {
    for gone in [r#""refreshToken":"RT","#, r#""clientId":"C","#, r#""registrationExpiresAt":"2026-03-01T00:00:00Z","#]
    {
        let file = sign_in("08:00:00").replace("\n", "").replace(gone, "");
        let error = setup(Some(&file), [asks("OLD").answers(401, UNKNOWN)]).provide().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{gone}");
        assert!(error.report().contains("aws sso login"), "{}", error.report());
    }
}

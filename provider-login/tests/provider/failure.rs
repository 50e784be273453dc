//! A refresh that fails.

use std::time::Duration;

use tucuxi_core::{ErrorKind, HttpErrorKind};
use tucuxi_testkit::Exchange;

use crate::support::{GRANTED, TOKEN, setup, sign_in};

#[test]
fn a_failed_refresh_does_no_harm_while_the_keys_last_and_is_not_repeated_at_once() {
    for failure in [
        Exchange::post(TOKEN).answers(401, r#"{"error":"TOKEN_EXPIRED"}"#),
        Exchange::post(TOKEN).answers(503, ""),
        Exchange::post(TOKEN).fails(HttpErrorKind::Connect),
    ] {
        let test = setup(Some(&sign_in("00:04:00")), [failure, Exchange::post(TOKEN).answers(200, GRANTED)]);
        for seconds in [0, 59] {
            test.clock.advance(Duration::from_secs(seconds));
            assert_eq!(test.ask().unwrap().access_key_id(), "ASIAOLD");
        }
        assert_eq!(test.http.seen().len(), 1);
        test.clock.advance(Duration::from_secs(1));
        assert_eq!(test.provide().unwrap().access_key_id(), "ASIANEW");
    }
}

#[test]
fn an_answer_that_nests_without_end_is_not_read() {
    let deep = format!(r#"{{"accessToken":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let error = setup(Some(&sign_in("00:00:00")), [Exchange::post(TOKEN).answers(200, &*deep)]).provide().unwrap_err();
    assert!(error.to_string().ends_with("has JSON that nests too deep"), "{error}");
}

#[test]
fn a_pause_ends_with_the_keys() {
    let failure = Exchange::post(TOKEN).answers(503, "");
    let test = setup(Some(&sign_in("00:00:30")), [failure, Exchange::post(TOKEN).answers(200, GRANTED)]);
    assert_eq!(test.ask().unwrap().access_key_id(), "ASIAOLD");
    test.clock.advance(Duration::from_secs(30));
    assert_eq!(test.provide().unwrap().access_key_id(), "ASIANEW");
}

#[test]
fn a_failed_refresh_after_the_end_says_why() {
    let check = |failure: Exchange, kind: ErrorKind, words: &str| {
        let error = setup(Some(&sign_in("00:00:00")), [failure]).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{}", error.report());
    };
    let refused = |status, code: &str| Exchange::post(TOKEN).answers(status, format!(r#"{{"error":"{code}"}}"#));
    check(refused(401, "TOKEN_EXPIRED"), ErrorKind::Denied, "sign in again: aws login");
    check(refused(403, "USER_CREDENTIALS_CHANGED"), ErrorKind::Denied, "sign in again: aws login");
    check(refused(403, "INSUFFICIENT_PERMISSIONS"), ErrorKind::Denied, "signin:CreateOAuth2Token");
    check(refused(400, "INVALID_REQUEST"), ErrorKind::Denied, "us-east-1.signin.aws.amazon.com answered 400");
    check(refused(429, "INVALID_REQUEST"), ErrorKind::Unavailable, "429");
    check(refused(500, "server_error"), ErrorKind::Unavailable, "500 (server_error)");
    check(Exchange::post(TOKEN).fails(HttpErrorKind::Timeout), ErrorKind::Unavailable, "");
}

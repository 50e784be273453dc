//! Keys that are about to end.

use std::time::Duration;

use serde_json::Value;
use tucuxi_core::{ErrorKind, Fs, HttpOptions, ProvideCredentials};
use tucuxi_provider_login::{EndpointOptions, LoginProvider, LoginSettings};
use tucuxi_testkit::{Exchange, ScriptedHttp};

use crate::support::{FILE, GRANTED, SESSION, TOKEN, settings, setup, setup_with, sign_in};

#[test]
fn keys_that_last_are_used_without_a_call() {
    let credentials = setup(Some(&sign_in("00:05:01")), []).provide().unwrap();
    assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIAOLD", Some("012345678910")));
    assert_eq!((credentials.secret_access_key(), credentials.session_token()), ("s1", Some("t1")));
    assert_eq!(credentials.provenance().to_string(), format!("login {SESSION}"));
}

#[test]
fn keys_about_to_end_are_refreshed_and_kept_with_every_field() {
    let asked = Exchange::post(TOKEN)
        .with("content-type", "application/json")
        .without("authorization")
        .with_body(r#""grantType":"refresh_token""#)
        .with_body(r#""refreshToken":"RT1""#)
        .with_body(r#""clientId":"arn:aws:signin:::devtools/same-device""#)
        .answers(200, GRANTED);
    let test = setup(Some(&sign_in("00:05:00")), [asked]);
    let credentials = test.provide().unwrap();
    assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIANEW", Some("012345678910")));
    assert_eq!((credentials.secret_access_key(), credentials.session_token()), ("s2", Some("t2")));
    assert_eq!(credentials.expires_at(), tucuxi_core::parse_timestamp("2026-01-01T00:15:00Z"));
    let mut expected: Value = serde_json::from_str(&sign_in("00:15:00")).unwrap();
    let keys = &mut expected["accessToken"];
    (keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"]) = ("ASIANEW".into(), "s2".into(), "t2".into());
    expected["refreshToken"] = "RT2".into();
    assert_eq!(test.kept(), expected);
    assert_eq!(test.ask().unwrap().access_key_id(), "ASIANEW");
}

#[test]
fn a_refresh_takes_as_long_as_the_settings_say() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let http = ScriptedHttp::new([Exchange::post(TOKEN).answers(200, GRANTED)]);
    let test = setup_with(settings().with_limits(limits), Some(&sign_in("00:04:00")), http);
    test.provide().unwrap();
    // As a whole too: what takes its place must be kept before the fetch is given up.
    let limits = limits.with_body_limit(64 * 1024).with_whole(Duration::from_secs(3));
    assert_eq!(test.http.seen()[0].options, limits);
    assert_eq!(setup(None, []).provider.time_limit(), Duration::from_secs(20 + 2) + Duration::from_millis(33_100));
}

#[test]
fn what_another_process_refreshed_meanwhile_is_used() {
    let fs = Fs::fake([(FILE, sign_in("00:00:00"))]);
    let theirs = sign_in("00:15:00").replace("ASIAOLD", "ASIATHEIRS");
    let shared = fs.clone();
    let http = ScriptedHttp::from_fn(move |_| {
        shared.set(FILE, theirs.clone(), std::time::SystemTime::UNIX_EPOCH);
        let answer = http::Response::builder().status(401).body(r#"{"error":"TOKEN_EXPIRED"}"#.into());
        Ok(answer.unwrap())
    });
    let mut test = setup_with(settings(), None, http);
    test.provider = LoginProvider::new(&test.context.clone().with_fs(fs), settings());
    assert_eq!(test.ask().unwrap().access_key_id(), "ASIATHEIRS");
}

#[test]
fn without_a_region_keys_are_used_until_they_end() {
    let provide = |ends: &str, settings: LoginSettings, script: Vec<Exchange>| {
        setup_with(settings, Some(&sign_in(ends)), ScriptedHttp::new(script)).provide()
    };
    let anywhere = || LoginSettings::new(SESSION);
    assert!(provide("00:10:00", anywhere(), vec![]).is_ok());
    assert!(provide("00:01:00", anywhere(), vec![]).is_ok());
    let error = provide("00:00:00", anywhere(), vec![]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.report().contains("AWS_REGION"), "{}", error.report());
    let mut elsewhere = EndpointOptions::default();
    elsewhere.url = Some("http://127.0.0.1:9/".into());
    let asked = Exchange::post("http://127.0.0.1:9/v1/token").answers(200, GRANTED);
    assert!(provide("00:00:00", anywhere().with_endpoints(elsewhere), vec![asked]).is_ok());
}

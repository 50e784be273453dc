//! With a code that is entered on any device.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tucuxi_core::{ErrorKind, HttpErrorKind, ProvideCredentials};
use tucuxi_provider_sso::{DeviceSignIn, SsoProvider, SsoSettings};
use tucuxi_testkit::{Exchange, block_on};

use crate::support::{
    CACHE, CLIENT_FILE, GRANTED, KEPT_CLIENT, TOKEN_FILE, authorizes, polls, refuses, registers, settings,
    the_file_that_the_aws_cli_writes, world,
};

#[test]
fn a_code_is_shown_and_whoever_waits_is_signed_in() {
    let registers =
        registers().with_body(r#""clientName":"botocore-client-my-sso""#).with_body(r#""clientType":"public""#);
    let script = [registers, authorizes(), refuses("authorization_pending"), polls().answers(200, GRANTED)];
    let world = world(&[], script);
    let sign_in = block_on(DeviceSignIn::start(&world.context, settings())).unwrap();
    assert_eq!(sign_in.user_code(), "ABCD-EFGH");
    assert_eq!(sign_in.verification_uri(), "https://device.sso.us-east-1.amazonaws.com/");
    assert!(sign_in.verification_uri_complete().ends_with("?user_code=ABCD-EFGH"));
    assert_eq!(Some(sign_in.expires_at()), tucuxi_core::parse_timestamp("2026-01-01T00:10:00Z"));
    block_on(sign_in.wait()).unwrap();
    world.http.assert_done();
    assert_eq!(world.names(), [TOKEN_FILE, CLIENT_FILE], "and no turn is left");
    // A second passed while somebody signed in.
    let mut expected = the_file_that_the_aws_cli_writes("C", "CS", "2026-04-01T00:00:00Z");
    expected["expiresAt"] = "2026-01-01T08:00:01Z".into();
    assert_eq!(world.kept(TOKEN_FILE), expected);
    assert_eq!(
        world.kept(CLIENT_FILE),
        json!({"clientId": "C", "clientSecret": "CS", "expiresAt": "2026-04-01T00:00:00Z",
            "scopes": ["sso:account:access"]})
    );
}

#[test]
fn a_sign_in_opens_roles() {
    let portal =
        "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=R&account_id=123456789012";
    let role = r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;
    let asked = Exchange::get(portal).with("x-amz-sso_bearer_token", "AT").answers(200, role);
    let world = world(&[], [registers(), authorizes(), polls().answers(200, GRANTED), asked]);
    block_on(async {
        DeviceSignIn::start(&world.context, settings()).await.unwrap().wait().await.unwrap();
        let role = SsoSettings::new("https://example.awsapps.com/start", settings().region, "123456789012", "R");
        SsoProvider::new(&world.context, role.with_session("my-sso")).provide_credentials().await.unwrap();
    });
    world.http.assert_done();
}

#[test]
fn the_service_says_how_often_it_may_be_asked() {
    let script = [
        refuses("authorization_pending"),
        refuses("slow_down"),
        refuses("authorization_pending"),
        polls().answers(503, ""),
        polls().fails(HttpErrorKind::Timeout),
        polls().answers(200, GRANTED),
    ];
    let world = world(&[(CLIENT_FILE, KEPT_CLIENT)], [authorizes()].into_iter().chain(script));
    world.on_another_device().unwrap();
    assert_eq!(world.clock.slept(), [1, 6, 6, 11, 16].map(Duration::from_secs));
}

#[test]
fn how_waiting_ends_without_a_sign_in() {
    let check = |script: Vec<Exchange>, kind: ErrorKind, words: &str| {
        let world = world(&[(CLIENT_FILE, KEPT_CLIENT)], [authorizes()].into_iter().chain(script));
        let error = world.on_another_device().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{words}: {}", error.report());
        assert_eq!(world.names(), [CLIENT_FILE]);
        world
    };
    check(vec![refuses("access_denied")], ErrorKind::Denied, "was refused in the browser");
    check(vec![refuses("expired_token")], ErrorKind::Denied, "before the code ended");
    check(vec![refuses("invalid_grant")], ErrorKind::Denied, "aws sso login --sso-session my-sso");
    check(vec![polls().fails(HttpErrorKind::Offline)], ErrorKind::Unavailable, "oidc.us-east-1");
    check(vec![refuses("authorization_pending"); 600], ErrorKind::Denied, "before the code ended");
    // 5 + 1, then 5 more each time, until 10 minutes are over.
    let world = check(vec![polls().answers(500, ""); 15], ErrorKind::Unavailable, "answered 500");
    assert_eq!(world.clock.slept().iter().sum::<Duration>(), Duration::from_secs(15 * 41));
}

#[test]
fn a_sign_in_that_cannot_be_written_is_an_error() {
    let world = world(&[(CLIENT_FILE, KEPT_CLIENT)], [authorizes(), polls().answers(200, GRANTED)]);
    world.context.fs().set_error(Path::new(CACHE).join(TOKEN_FILE), std::io::ErrorKind::PermissionDenied);
    let error = world.on_another_device().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains(TOKEN_FILE), "{error}");
}

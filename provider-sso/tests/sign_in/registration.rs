//! Before a sign-in begins.

use tucuxi_core::{Env, ErrorKind, HttpErrorKind};
use tucuxi_provider_sso::{BrowserSignIn, DeviceSignIn, SignInSettings};
use tucuxi_testkit::{Exchange, block_on};

use crate::support::{
    CLIENT_FILE, GRANTED, KEPT_CLIENT, OIDC, TOKEN_FILE, authorizes, polls, registers, settings, world,
};

#[test]
fn a_registration_is_kept_until_it_ends_or_is_forgotten() {
    let check = |kept: &str, script: Vec<Exchange>, client: &str| {
        let world = world(&[(CLIENT_FILE, kept)], script);
        world.on_another_device().unwrap();
        assert_eq!(world.kept(CLIENT_FILE)["clientId"], client, "{kept}");
        assert_eq!(world.kept(TOKEN_FILE)["clientId"], client, "{kept}");
    };
    let granted = || polls().answers(200, GRANTED);
    let authorizes_as = |client: &str| authorizes().with_body(format!(r#""clientId":"{client}""#));
    check(KEPT_CLIENT, vec![authorizes_as("K"), granted()], "K");
    let forgotten = Exchange::post(format!("{OIDC}/device_authorization"))
        .with_body(r#""clientId":"K""#)
        .answers(401, r#"{"error":"invalid_client"}"#);
    check(KEPT_CLIENT, vec![forgotten, registers(), authorizes_as("C"), granted()], "C");
    let anew = || vec![registers(), authorizes_as("C"), granted()];
    check(&KEPT_CLIENT.replace("2026-04-01", "2026-01-01"), anew(), "C");
    check(&KEPT_CLIENT.replace('}', r#","grantTypes":["authorization_code"]}"#), anew(), "C");
    check("broken", anew(), "C");
}

#[test]
fn a_sign_in_that_is_refused_before_it_begins() {
    let check = |script: Vec<Exchange>, kind: ErrorKind, words: &str| {
        let error = world(&[], script).on_another_device().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{words}: {}", error.report());
    };
    let register = || Exchange::post(format!("{OIDC}/client/register"));
    let cure = "correct the start URL https://example.awsapps.com/start, its region us-east-1 or the scopes";
    check(vec![register().answers(400, r#"{"error":"invalid_scope"}"#)], ErrorKind::Denied, cure);
    check(vec![register().answers(500, "")], ErrorKind::Unavailable, "answered 500");
    check(vec![register().fails(HttpErrorKind::Connect)], ErrorKind::Unavailable, "oidc.us-east-1");
    let device = || Exchange::post(format!("{OIDC}/device_authorization"));
    check(vec![registers(), device().answers(400, r#"{"error":"invalid_request"}"#)], ErrorKind::Denied, cure);
    check(vec![registers(), device().answers(200, "{}")], ErrorKind::Unavailable, "lacks a field");
    let homeless = world(&[], []).context.with_env(Env::fake::<&str, &str>([]));
    let error = block_on(DeviceSignIn::start(&homeless, settings())).unwrap_err();
    assert_eq!((error.kind(), error.hint()), (ErrorKind::InvalidConfig, Some("set HOME")));
}

#[test]
fn without_scopes_the_usual_one_is_asked_for() {
    let world = world(&[], [registers().with_body(r#""scopes":["sso:account:access"]"#)]);
    let settings = SignInSettings::new("https://example.awsapps.com/start", settings().region).with_session("my-sso");
    let sign_in = block_on(BrowserSignIn::start(&world.context, settings, 1)).unwrap();
    assert!(sign_in.authorize_url().contains("&scopes=sso%3Aaccount%3Aaccess&"));
    assert_eq!(world.names(), ["9065e9472ec6b87bbc18bb77fc3c3016d8d42df9.json"], "the name is that of no scopes");
}

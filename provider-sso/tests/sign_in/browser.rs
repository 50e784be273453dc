//! In a browser on this machine.

use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;
use sha2::{Digest, Sha256};
use tucuxi_core::ErrorKind;
use tucuxi_provider_sso::BrowserSignIn;
use tucuxi_testkit::{Exchange, block_on};

use crate::support::{
    CACHE, CLIENT_FILE, GRANTED, KEPT_CLIENT, OIDC, TOKEN_FILE, World, registers, settings,
    the_file_that_the_aws_cli_writes, world,
};

fn in_a_browser(world: &World) -> BrowserSignIn {
    block_on(BrowserSignIn::start(&world.context, settings(), 4711)).unwrap()
}

#[test]
fn the_browser_is_sent_as_the_service_expects() {
    let registers = registers()
        .with_body(r#""grantTypes":["authorization_code","refresh_token"]"#)
        .with_body(r#""redirectUris":["http://127.0.0.1/oauth/callback"]"#)
        .with_body(r#""issuerUrl":"https://example.awsapps.com/start""#)
        .with_body(r#""scopes":["sso:account:access"]"#);
    let world = world(&[(CLIENT_FILE, KEPT_CLIENT)], [registers]);
    let sign_in = in_a_browser(&world);
    world.http.assert_done();
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(sign_in.verifier().expose().as_bytes()));
    assert_eq!(
        sign_in.authorize_url(),
        format!(
            "{OIDC}/authorize?response_type=code&client_id=C&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback&state={}&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge={challenge}",
            sign_in.state()
        )
    );
    assert_eq!(sign_in.redirect_uri(), "http://127.0.0.1:4711/oauth/callback");
    assert_eq!(sign_in.verifier().expose().len(), 64);
    assert_eq!(world.kept(CLIENT_FILE)["grantTypes"], json!(["authorization_code", "refresh_token"]));
    // The registration serves the next one too, which shares nothing else with it.
    let next = in_a_browser(&world);
    assert!(next.state() != sign_in.state() && next.verifier() != sign_in.verifier());
    let shown = format!("{sign_in:?} {sign_in:#?}");
    for secret in [sign_in.state(), sign_in.verifier().expose(), "CS"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_browser_comes_back() {
    let sign_in = in_a_browser(&world(&[], [registers()]));
    let state = sign_in.state();
    let check = |query: String, expected: Result<&str, &str>| match (sign_in.code_from_callback(&query), expected) {
        (Ok(code), Ok(expected)) => assert_eq!(code.expose(), expected),
        (Err(error), Err(words)) => {
            assert_eq!(error.kind(), ErrorKind::Denied);
            assert_eq!(error.hint(), Some("sign in: aws sso login --sso-session my-sso"));
            assert!(error.to_string().contains(words) && !error.report().contains("SEKRIT"), "{}", error.report());
        }
        (answer, _) => panic!("{query}: {answer:?}"),
    };
    check(format!("code=a%2Fb&state={state}"), Ok("a/b"));
    check(format!("?state={state}&more=x&code=c"), Ok("c"));
    check("code=SEKRIT&state=other".into(), Err("belongs to another sign-in"));
    check("code=SEKRIT".into(), Err("belongs to another sign-in"));
    check(String::new(), Err("belongs to another sign-in"));
    check(format!("state=other&code=SEKRIT&state={state}"), Err("belongs to another sign-in"));
    check(format!("state={state}&code=SEKRIT&state=other"), Err("belongs to another sign-in"));
    check(format!("state={state}&code=SEKRIT&code=SEKRIT2"), Err("has no code"));
    check(format!("state={state}"), Err("has no code"));
    check(format!("state={state}&code="), Err("has no code"));
    check(format!("state={state}&code=%ff"), Err("has no code"));
    check(format!("state={state}&error=access_denied&code=SEKRIT"), Err("refused (access_denied)"));
    check(format!("state={state}&error=SEKRIT%20SEKRIT"), Err("refused"));
}

#[test]
fn a_code_becomes_a_sign_in_that_is_kept() {
    let redeems = Exchange::post(format!("{OIDC}/token"))
        .with_body(r#""grantType":"authorization_code""#)
        .with_body(r#""code":"c0de""#)
        .with_body(r#""redirectUri":"http://127.0.0.1:4711/oauth/callback""#)
        .answers(200, GRANTED);
    let world = world(&[], [registers(), redeems]);
    let sign_in = in_a_browser(&world);
    block_on(sign_in.redeem(&"c0de".into())).unwrap();
    world.http.assert_done();
    let verifier = format!(r#""codeVerifier":"{}""#, sign_in.verifier().expose());
    assert!(String::from_utf8(world.http.seen()[1].body.to_vec()).unwrap().contains(&verifier));
    assert_eq!(world.kept(TOKEN_FILE), the_file_that_the_aws_cli_writes("C", "CS", "2026-04-01T00:00:00Z"));
}

#[test]
fn a_code_that_counts_no_more() {
    let check = |status: u16, body: &str, kind: ErrorKind, registration_stays: bool| {
        let world = world(&[], [registers(), Exchange::post(format!("{OIDC}/token")).answers(status, body)]);
        let error = block_on(in_a_browser(&world).redeem(&"c0de".into())).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let left = block_on(world.context.fs().list(Path::new(CACHE))).unwrap_or_default();
        assert_eq!(!left.is_empty(), registration_stays, "{body}");
    };
    check(400, r#"{"error":"invalid_grant"}"#, ErrorKind::Denied, true);
    check(401, r#"{"error":"invalid_client"}"#, ErrorKind::Denied, false);
    check(500, "", ErrorKind::Unavailable, true);
}

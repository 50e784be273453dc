//! Signing in, keeping it, using it, and logging out.
#![cfg(all(feature = "sign-in", any(feature = "ring", feature = "aws-lc-rs")))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tucuxi_core::{Context, Env, ErrorKind, Fs, HttpOptions, ProvideCredentials, Region, Secret};
use tucuxi_provider_login::{EndpointOptions, LoginProvider, LoginSettings, SignIn, token_file};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, context};

const SESSION: &str = "arn:aws:iam::123456789012:user/me";
const HOST: &str = "https://eu-west-1.signin.aws.amazon.com";

fn region() -> Region {
    Region::new("eu-west-1").unwrap()
}

fn same_device() -> SignIn {
    SignIn::same_device(&region(), &EndpointOptions::default(), 4711).unwrap()
}

fn cross_device() -> SignIn {
    SignIn::cross_device(&region(), &EndpointOptions::default()).unwrap()
}

fn world(script: impl IntoIterator<Item = Exchange>) -> (Context, ScriptedHttp) {
    let http = ScriptedHttp::new(script);
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake::<&str, &str>([]))
        .with_clock(FakeClock::new().at("2026-01-01T00:00:00Z"))
        .with_http(http.clone());
    (context, http)
}

fn granted(subject: &str) -> String {
    let payload = Base64UrlUnpadded::encode_string(json!({"sub": subject}).to_string().as_bytes());
    json!({
        "accessToken": {"accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t"}, "tokenType": "aws_sigv4",
        "expiresIn": 900, "refreshToken": "RT", "idToken": format!("e30.{payload}.sig")
    })
    .to_string()
}

#[test]
fn the_url_asks_as_the_service_expects() {
    let check = |sign_in: SignIn, client: &str, redirect: &str| {
        let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(sign_in.verifier().expose().as_bytes()));
        let expected = format!(
            "{HOST}/v1/authorize?response_type=code&client_id={client}&state={}&code_challenge_method=SHA-256&scope=openid&redirect_uri={redirect}&code_challenge={challenge}",
            sign_in.state()
        );
        assert_eq!(sign_in.authorize_url(), expected);
        assert_eq!(sign_in.verifier().expose().len(), 64);
    };
    check(
        same_device(),
        "arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fsame-device",
        "http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback",
    );
    check(
        cross_device(),
        "arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fcross-device",
        "https%3A%2F%2Feu-west-1.signin.aws.amazon.com%2Fv1%2Fsessions%2Fconfirmation",
    );
}

#[test]
fn no_two_sign_ins_share_a_secret() {
    let (one, two) = (same_device(), same_device());
    assert!(one.state() != two.state() && one.verifier() != two.verifier());
    let shown = format!("{one:?}");
    assert!(!shown.contains(one.state()) && !shown.contains(one.verifier().expose()), "{shown}");
}

#[test]
fn a_code_comes_back_by_the_browser() {
    let sign_in = same_device();
    let state = sign_in.state();
    let check = |query: String, expected: Result<&str, &str>| match (sign_in.code_from_callback(&query), expected) {
        (Ok(code), Ok(expected)) => assert_eq!(code.expose(), expected),
        (Err(error), Err(words)) => {
            assert_eq!(error.kind(), ErrorKind::Denied);
            assert!(error.to_string().contains(words) && !error.report().contains("SEKRIT"), "{}", error.report());
        }
        (answer, _) => panic!("{query}: {answer:?}"),
    };
    check(format!("code=a%2Fb&state={state}"), Ok("a/b"));
    check(format!("?state={state}&more=x&code=c"), Ok("c"));
    check("code=SEKRIT&state=other".into(), Err("belongs to another sign-in"));
    check("code=SEKRIT".into(), Err("belongs to another sign-in"));
    check(format!("state=other&code=SEKRIT&state={state}"), Err("belongs to another sign-in"));
    check(format!("state={state}&code=SEKRIT&code=SEKRIT2"), Err("has no code"));
    check(format!("state={state}"), Err("has no code"));
    check(format!("state={state}&code="), Err("has no code"));
    check(format!("state={state}&error=access_denied&code=SEKRIT"), Err("refused (access_denied)"));
    check(format!("state={state}&error=SEKRIT%20SEKRIT"), Err("refused"));
}

#[test]
fn a_code_comes_back_by_hand() {
    let sign_in = cross_device();
    let plain = format!("state={}&code=c0de??>>", sign_in.state());
    let encoded = Base64::encode_string(plain.as_bytes());
    let broken = format!("  {}\n{}\n", &encoded[..20], &encoded[20..]);
    let other = encoded.replace('+', "-").replace('/', "_");
    for pasted in [&encoded, &broken, &other, encoded.trim_end_matches('=')] {
        assert_eq!(sign_in.code_from_paste(pasted).unwrap().expose(), "c0de??>>", "{pasted}");
    }
    for bad in ["", "SEKRIT!", &plain, &Base64::encode_string(b"SEKRIT"), &encoded[1..]] {
        let error = sign_in.code_from_paste(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{bad}: {error}");
        assert!(!error.report().contains("SEKRIT"), "{}", error.report());
    }
    let foreign = Base64::encode_string(b"state=other&code=c");
    assert_eq!(sign_in.code_from_paste(&foreign).unwrap_err().kind(), ErrorKind::Denied);
}

#[test]
fn a_code_is_redeemed_within_the_given_limits() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let (context, http) = world([Exchange::post(format!("{HOST}/v1/token")).answers(200, granted(SESSION))]);
    block_on(same_device().with_limits(limits).redeem(&context, &Secret::new("CODE"))).unwrap();
    assert_eq!(http.seen()[0].options, limits.with_body_limit(64 * 1024).with_whole(Duration::from_secs(5)));
}

#[test]
fn a_code_becomes_a_sign_in_that_is_kept_used_and_forgotten() {
    let sign_in = same_device();
    let asked = Exchange::post(format!("{HOST}/v1/token"))
        .with_body(r#""code":"CODE""#)
        .with_body(format!(r#""codeVerifier":"{}""#, sign_in.verifier().expose()))
        .with_body(r#""redirectUri":"http://127.0.0.1:4711/oauth/callback""#)
        .with_body(r#""grantType":"authorization_code""#)
        .answers(200, granted(SESSION));
    let refreshed = Exchange::post(format!("{HOST}/v1/token"))
        .with_body(r#""clientId":"arn:aws:signin:::devtools/same-device""#)
        .answers(200, granted(SESSION).replace("ASIA", "ASIANEW"));
    let (context, http) = world([asked, refreshed]);
    let clock = FakeClock::new().at("2026-01-01T00:00:00Z");
    let context = context.with_clock(clock.clone());

    let signed_in = block_on(sign_in.redeem(&context, &Secret::new("CODE"))).unwrap();
    assert_eq!(signed_in.session, SESSION);
    let file = token_file(&context, &signed_in.session);
    block_on(file.write(&signed_in.token)).unwrap();
    let written: Value =
        serde_json::from_slice(&block_on(context.fs().read(&file.path().unwrap(), 1 << 16)).unwrap()).unwrap();
    assert_eq!(written["accessToken"]["accountId"], "123456789012");
    assert_eq!(written["accessToken"]["expiresAt"], "2026-01-01T00:15:00Z");
    assert!(written["dpopKey"].as_str().unwrap().starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
    let mut fields: Vec<&String> = written.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["accessToken", "clientId", "dpopKey", "idToken", "refreshToken", "tokenType"]);

    let provider = LoginProvider::new(&context, LoginSettings::new(SESSION).with_region(region()));
    assert_eq!(block_on(provider.provide_credentials()).unwrap().access_key_id(), "ASIA");
    clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(block_on(provider.provide_credentials()).unwrap().access_key_id(), "ASIANEW");
    let proofs: Vec<String> = http.seen().iter().map(|seen| seen.header("dpop").unwrap().to_owned()).collect();
    assert_eq!(proofs[0].split('.').next(), proofs[1].split('.').next(), "the same key for every proof");
    http.assert_done();

    block_on(file.remove()).unwrap();
    block_on(file.remove()).unwrap();
    assert!(block_on(file.read()).unwrap().is_none());
}

#[test]
fn a_code_that_is_refused_says_why() {
    let check = |status: u16, body: &str, kind: ErrorKind, words: &str| {
        let canary = Canary::new("code");
        let answer = body.replace("CANARY", canary.value());
        let (context, _) = world([Exchange::post(format!("{HOST}/v1/token")).answers(status, answer)]);
        let error = block_on(cross_device().redeem(&context, &Secret::new(canary.value()))).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.report().contains(words), "{}", error.report());
        assert_no_leak(&[canary], "the error", &format!("{error} {error:?} {}", error.report()));
    };
    check(401, r#"{"error":"AUTHCODE_EXPIRED","message":"CANARY"}"#, ErrorKind::Denied, "sign in again");
    check(403, r#"{"error":"INSUFFICIENT_PERMISSIONS"}"#, ErrorKind::Denied, "signin:CreateOAuth2Token");
    check(500, "CANARY", ErrorKind::Unavailable, "500");
    check(200, &granted("CANARY"), ErrorKind::Unavailable, "does not say who signed in");
}

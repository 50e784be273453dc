//! Signing in, in a browser here or elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tucuxi_core::{Context, Env, Error, ErrorKind, Fs, HttpErrorKind, HttpOptions, ProvideCredentials, Region};
use tucuxi_provider_sso::{BrowserSignIn, DeviceSignIn, SignInSettings, SsoProvider, SsoSettings, Token, sign_out};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, capture, context};

const CACHE: &str = "/home/u/.aws/sso/cache";
const TOKEN_FILE: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";
/// Of the scope `sso:account:access`.
const CLIENT_FILE: &str = "e83b78ff73aa2ebd41812af5abcc466dca567738.json";
const OIDC: &str = "https://oidc.us-east-1.amazonaws.com";
const REGISTERED: &str =
    r#"{"clientId":"C","clientSecret":"CS","clientIdIssuedAt":1767225600,"clientSecretExpiresAt":1775001600}"#;
const KEPT_CLIENT: &str =
    r#"{"clientId":"K","clientSecret":"KS","expiresAt":"2026-04-01T00:00:00Z","scopes":["sso:account:access"]}"#;
const GRANTED: &str = r#"{"accessToken":"AT","tokenType":"Bearer","expiresIn":28800,"refreshToken":"RT"}"#;

fn settings() -> SignInSettings {
    SignInSettings::new("https://example.awsapps.com/start", Region::new("us-east-1").unwrap())
        .with_session("my-sso")
        .with_scopes(["sso:account:access"])
}

struct World {
    context: Context,
    clock: FakeClock,
    http: ScriptedHttp,
}

fn world(files: &[(&str, &str)], script: impl IntoIterator<Item = Exchange>) -> World {
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let http = ScriptedHttp::new(script);
    let files = files.iter().map(|(name, text)| (format!("{CACHE}/{name}"), *text));
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(clock.clone())
        .with_http(http.clone());
    World { context, clock, http }
}

impl World {
    fn kept(&self, name: &str) -> Value {
        let path = Path::new(CACHE).join(name);
        serde_json::from_slice(&block_on(self.context.fs().read(&path, 1 << 16)).unwrap()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let paths = block_on(self.context.fs().list(Path::new(CACHE))).unwrap();
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn on_another_device(&self) -> Result<Token, Error> {
        let answer = block_on(async { DeviceSignIn::start(&self.context, settings()).await?.wait().await });
        self.http.assert_done();
        answer
    }
}

fn registers() -> Exchange {
    Exchange::post(format!("{OIDC}/client/register")).without("authorization").answers(200, REGISTERED)
}

fn authorizes() -> Exchange {
    let device = json!({"deviceCode": "DC", "userCode": "ABCD-EFGH", "expiresIn": 600, "interval": 1,
        "verificationUri": "https://device.sso.us-east-1.amazonaws.com/",
        "verificationUriComplete": "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH"});
    Exchange::post(format!("{OIDC}/device_authorization"))
        .with_body(r#""startUrl":"https://example.awsapps.com/start""#)
        .answers(200, device.to_string())
}

fn polls() -> Exchange {
    Exchange::post(format!("{OIDC}/token")).with_body(r#""deviceCode":"DC""#)
}

fn refuses(code: &str) -> Exchange {
    polls().answers(400, json!({"error": code, "error_description": "x"}).to_string())
}

fn the_file_that_the_aws_cli_writes(client: &str, secret: &str, registration_ends: &str) -> Value {
    json!({"startUrl": "https://example.awsapps.com/start", "region": "us-east-1", "accessToken": "AT",
        "expiresAt": "2026-01-01T08:00:00Z", "clientId": client, "clientSecret": secret,
        "registrationExpiresAt": registration_ends, "refreshToken": "RT"})
}

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
fn a_sign_in_that_cannot_be_written_is_an_error() {
    let world = world(&[(CLIENT_FILE, KEPT_CLIENT)], [authorizes(), polls().answers(200, GRANTED)]);
    world.context.fs().set_error(Path::new(CACHE).join(TOKEN_FILE), std::io::ErrorKind::PermissionDenied);
    let error = world.on_another_device().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains(TOKEN_FILE), "{error}");
}

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
fn without_scopes_the_usual_one_is_asked_for() {
    let world = world(&[], [registers().with_body(r#""scopes":["sso:account:access"]"#)]);
    let settings = SignInSettings::new("https://example.awsapps.com/start", settings().region).with_session("my-sso");
    let sign_in = block_on(BrowserSignIn::start(&world.context, settings, 1)).unwrap();
    assert!(sign_in.authorize_url().contains("&scopes=sso%3Aaccount%3Aaccess&"));
    assert_eq!(world.names(), ["9065e9472ec6b87bbc18bb77fc3c3016d8d42df9.json"], "the name is that of no scopes");
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
    check(format!("state={state}"), Err("has no code"));
    check(format!("state={state}&code="), Err("has no code"));
    check(format!("state={state}&code=%ff"), Err("has no code"));
    check(format!("state={state}&error=access_denied&code=SEKRIT"), Err("refused (access_denied)"));
    check(format!("state={state}&error=SEKRIT%20SEKRIT"), Err("refused"));
}

#[test]
fn every_request_takes_as_long_as_the_settings_say() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let settings = settings().with_limits(limits);
    let redeems = || Exchange::post(format!("{OIDC}/token")).answers(200, GRANTED);
    let leaves = Exchange::post("https://portal.sso.us-east-1.amazonaws.com/logout").answers(200, "");
    let world = world(&[], [registers(), redeems(), registers(), authorizes(), redeems(), leaves]);
    block_on(async {
        let here = BrowserSignIn::start(&world.context, settings.clone(), 4711).await.unwrap();
        here.redeem(&"c0de".into()).await.unwrap();
        DeviceSignIn::start(&world.context, settings.clone()).await.unwrap().wait().await.unwrap();
        sign_out(&world.context, &settings).await.unwrap();
    });
    world.http.assert_done();
    for seen in world.http.seen() {
        assert_eq!(seen.options, limits.with_body_limit(64 * 1024), "{}", seen.url);
    }
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

#[test]
fn no_secret_leaves_by_an_error_or_the_log() {
    let names = ["device code", "client secret", "access token", "refresh token"];
    let canaries = names.map(Canary::new);
    let [device, client, access, refresh] = canaries.each_ref().map(|canary| Value::from(canary.value()).to_string());
    let echo =
        format!(r#"{{"error":{device},"error_description":{client},"accessToken":{access},"expiresIn":{refresh}}}"#);
    let registered = REGISTERED.replace(r#""CS""#, &client);
    let authorized =
        format!(r#"{{"deviceCode":{device},"userCode":"U","verificationUri":"https://d","expiresIn":600}}"#);
    for (register, authorize, poll) in [
        ((400, &echo), (200, &authorized), (200, &echo)),
        ((200, &registered), (400, &echo), (200, &echo)),
        ((200, &registered), (200, &authorized), (400, &echo)),
        ((200, &registered), (200, &authorized), (200, &echo)),
        ((200, &registered), (200, &echo), (200, &echo)),
    ] {
        let answers = [("register", register), ("authorization", authorize), ("token", poll)]
            .map(|(end, (status, body))| (end, status, body.clone()));
        let http = ScriptedHttp::from_fn(move |seen| {
            let (_, status, body) = answers.iter().find(|(end, ..)| seen.url.ends_with(end)).unwrap();
            Ok(http::Response::builder().status(*status).body(body.clone().into()).unwrap())
        });
        let context = world(&[], []).context.with_http(http);
        let mut shown = String::new();
        let (answer, logs) = capture(|| {
            block_on(async {
                let sign_in = DeviceSignIn::start(&context, settings()).await?;
                shown = format!("{sign_in:?}");
                sign_in.wait().await
            })
        });
        let error = answer.unwrap_err();
        assert_no_leak(&canaries, "error", &format!("{error} {error:?} {}", error.report()));
        assert_no_leak(&canaries, "log", &logs);
        assert_no_leak(&canaries, "Debug", &shown);
    }
}

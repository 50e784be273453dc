//! From a cached console sign-in to credentials.
#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use tucuxi_core::{
    Context, Credentials, Env, Error, ErrorKind, Fs, HttpErrorKind, HttpOptions, ProvideCredentials, Region,
};
use tucuxi_provider_login::{EndpointOptions, LoginProvider, LoginSettings, Service, Token};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, block_on, capture, context, contract, shared_vectors};

const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
const FILE: &str = "/home/u/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
const TOKEN: &str = "https://us-east-1.signin.aws.amazon.com/v1/token";
const GRANTED: &str = r#"{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s2","sessionToken":"t2"},
    "tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"RT2"}"#;
/// The private number is 1122..9900 repeated: a test key, nobody's.
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABEioAoGCCqGSM49
AwEHoUQDQgAEZBPjcDGKkizs+qlLohiN1Bn1hjVvp3THZs1sRQKV/uldzpzgVXsK
jxzvXGY/Niz//JEOMJSvyCu7x6CpKwtr2w==
-----END EC PRIVATE KEY-----
";

fn settings() -> LoginSettings {
    LoginSettings::new(SESSION).with_region(Region::new("us-east-1").unwrap())
}

/// A sign-in whose keys end at the given time of 2026-01-01.
fn sign_in(ends: &str) -> String {
    json!({
        "accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "s1", "sessionToken": "t1",
            "accountId": "012345678910", "expiresAt": format!("2026-01-01T{ends}Z"), "inner": 1},
        "tokenType": "aws_sigv4", "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": "RT1",
        "idToken": "ID1", "dpopKey": KEY, "extra": {"by": "another tool"}
    })
    .to_string()
}

struct Setup {
    context: Context,
    http: ScriptedHttp,
    clock: FakeClock,
    provider: LoginProvider,
}

/// It is midnight; the keys end when the file says so.
fn setup_with(settings: LoginSettings, file: Option<&str>, http: ScriptedHttp) -> Setup {
    let files: Vec<(&str, &str)> = file.map(|text| (FILE, text)).into_iter().collect();
    let clock = FakeClock::new().at("2026-01-01T00:00:00Z");
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(clock.clone())
        .with_http(http.clone());
    let provider = LoginProvider::new(&context, settings);
    Setup { context, http, clock, provider }
}

fn setup(file: Option<&str>, script: impl IntoIterator<Item = Exchange>) -> Setup {
    setup_with(settings(), file, ScriptedHttp::new(script))
}

impl Setup {
    fn ask(&self) -> Result<Credentials, Error> {
        block_on(self.provider.provide_credentials())
    }

    fn provide(&self) -> Result<Credentials, Error> {
        let answer = self.ask();
        self.http.assert_done();
        answer
    }

    fn kept(&self) -> Value {
        serde_json::from_slice(&block_on(self.context.fs().read(Path::new(FILE), 1 << 16)).unwrap()).unwrap()
    }
}

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
fn each_request_has_a_proof_of_its_own_by_the_same_key() {
    let http = ScriptedHttp::from_fn(|_| Ok(http::Response::new(GRANTED.into())));
    let test = setup_with(settings(), Some(&sign_in("00:00:00")), http);
    test.ask().unwrap();
    test.clock.advance(Duration::from_secs(600));
    test.ask().unwrap();
    let proofs: Vec<(Value, Value)> =
        test.http.seen().iter().map(|seen| verified(seen.header("dpop").unwrap())).collect();
    let [first, second] = &proofs[..] else { panic!("{} requests", proofs.len()) };
    assert_eq!((&first.0["typ"], &first.0["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    assert_eq!(first.0["jwk"], second.0["jwk"]);
    assert_ne!(first.1["jti"], second.1["jti"]);
    assert_eq!((&first.1["htm"], &first.1["htu"]), (&json!("POST"), &json!(TOKEN)));
    assert_eq!((&first.1["iat"], &second.1["iat"]), (&json!(1_767_225_600), &json!(1_767_226_200)));
}

/// The header and the payload of a proof whose signature is that of the key in its header.
fn verified(proof: &str) -> (Value, Value) {
    let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
    let (signed, signature) = proof.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let [header, payload] = [header, payload].map(|part| serde_json::from_slice::<Value>(&decode(part)).unwrap());
    let [x, y] = ["x", "y"].map(|name| decode(header["jwk"][name].as_str().unwrap()));
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], x, y].concat());
    public.verify(signed.as_bytes(), &decode(signature)).unwrap();
    (header, payload)
}

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
fn keys_that_cannot_be_kept_are_used() {
    // Reading works the first time; the write finds a directory that may not be written to.
    let test = setup(Some(&sign_in("00:00:00")), []);
    let fs = test.context.fs().clone();
    let http = ScriptedHttp::from_fn(move |_| {
        fs.set_error(FILE, io::ErrorKind::PermissionDenied);
        Ok(http::Response::new(GRANTED.into()))
    });
    let provider = LoginProvider::new(&test.context.clone().with_http(http), settings());
    let (answer, logs) = capture(|| block_on(provider.provide_credentials()));
    assert_eq!(answer.unwrap().access_key_id(), "ASIANEW");
    assert!(logs.contains(FILE) && logs.contains("was not kept"), "{logs}");
}

#[test]
fn a_refresh_token_that_cannot_be_kept_is_remembered() {
    let test = setup(Some(&sign_in("00:00:00")), []);
    let fs = test.context.fs().clone();
    let (read_only, answers) = (fs.clone(), std::sync::atomic::AtomicUsize::new(2));
    let http = ScriptedHttp::from_fn(move |_| {
        read_only.set_error(FILE, io::ErrorKind::PermissionDenied);
        let number = answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(http::Response::new(
            GRANTED.replace("NEW", &number.to_string()).replace("RT2", &format!("RT{number}")).into(),
        ))
    });
    let provider = LoginProvider::new(&test.context.clone().with_http(http.clone()), settings());
    let ask = |file: &str| {
        // It can be read, but not written.
        fs.set(FILE, file, std::time::SystemTime::UNIX_EPOCH);
        block_on(provider.provide_credentials()).unwrap().access_key_id().to_owned()
    };
    let token_of = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["refreshToken"].to_string();
    let used = || http.seen().iter().map(|seen| token_of(&seen.body).replace(['"', 'R', 'T'], "")).collect::<String>();
    let old = sign_in("00:00:00");
    assert_eq!((ask(&old), ask(&old), used()), ("ASIA2".into(), "ASIA2".into(), "1".into()));
    test.clock.advance(Duration::from_secs(600));
    assert_eq!((ask(&old), used()), ("ASIA3".into(), "12".into()));
    test.clock.advance(Duration::from_secs(600));
    assert_eq!((ask(&old), used()), ("ASIA4".into(), "123".into()));
    // Whoever signs in again is believed.
    let again = sign_in("00:40:00").replace("RT1", "RT9");
    assert_eq!((ask(&again), used()), ("ASIAOLD".into(), "123".into()));
    test.clock.advance(Duration::from_secs(1200));
    assert_eq!((ask(&again), used()), ("ASIA5".into(), "1239".into()));
}

#[test]
fn what_a_cache_file_can_be() {
    let check = |file: Option<&str>, kind: ErrorKind, words: &[&str]| {
        let error = setup(file, []).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for word in words {
            assert!(error.report().contains(word), "{word}: {}", error.report());
        }
    };
    let ended = sign_in("00:00:00");
    check(None, ErrorKind::InvalidConfig, &["nobody is signed in as arn:aws:sts", FILE, "sign in: aws login"]);
    check(Some(""), ErrorKind::InvalidConfig, &[FILE, "not JSON", "sign in again: aws login"]);
    check(Some("{}"), ErrorKind::InvalidConfig, &[FILE, "has no accessToken"]);
    check(Some(&ended.replace("dpopKey", "x")), ErrorKind::InvalidConfig, &[FILE, "has no dpopKey"]);
    check(Some(&ended.replace("00:00Z", "")), ErrorKind::InvalidConfig, &[FILE, "expiresAt"]);
    check(Some(&ended.replace("MHcC", "AAAA")), ErrorKind::InvalidConfig, &[FILE, "dpopKey", "aws login"]);
    check(Some(&ended.replace("ASIAOLD", &"x".repeat(1 << 16))), ErrorKind::InvalidConfig, &[FILE, "cannot be read"]);
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

#[test]
fn the_contract_of_every_provider() {
    let world = |file: String, http: ScriptedHttp| {
        context()
            .with_env(Env::fake([("HOME", "/home/u")]))
            .with_fs(Fs::fake([(FILE, file)]))
            .with_clock(FakeClock::new().at("2026-01-01T00:00:00Z"))
            .with_http(http)
    };
    let answering = |status: u16, body: String| {
        ScriptedHttp::from_fn(move |_| Ok(http::Response::builder().status(status).body(body.clone().into()).unwrap()))
    };
    let file = |ends: &str, secrets: &[Canary]| {
        let mut file = sign_in(ends);
        for (place, secret) in [r#""s1""#, r#""t1""#, r#""RT1""#, r#""ID1""#].iter().zip(secrets) {
            file = file.replace(place, &json!(secret.value()).to_string());
        }
        file.replace("another tool", secrets[3].value())
    };
    let names = ["secret", "session token", "refresh token", "identity"];
    let refusal = |secrets: &[Canary]| json!({"error": secrets[2].value(), "message": secrets[1].value()}).to_string();
    contract("login", |context| {
        // Without a sign-in there is nothing that would need the network.
        let context = match context.env().home() {
            Some(_) => context.clone(),
            None => context
                .clone()
                .with_env(Env::fake([("HOME", "/home/u")]))
                .with_fs(Fs::fake([(FILE, sign_in("00:00:00"))])),
        };
        Arc::new(LoginProvider::new(&context, settings()))
    })
    .asked_for()
    .configured("keys that last", &names, |secrets| world(file("00:10:00", secrets), ScriptedHttp::new([])))
    .configured("a failed refresh", &names, |secrets| {
        world(file("00:01:00", secrets), answering(500, refusal(secrets)))
    })
    .configured("a refresh", &names, |secrets| {
        let grant = json!({
            "accessToken": {"accessKeyId": "A", "secretAccessKey": secrets[0].value(), "sessionToken": secrets[1].value()},
            "expiresIn": 900, "refreshToken": secrets[2].value()
        });
        world(sign_in("00:00:00"), answering(200, grant.to_string()))
    })
    .broken("a refusal", ErrorKind::Denied, &names, |secrets| {
        world(file("00:00:00", secrets), answering(403, refusal(secrets)))
    })
    .broken("an answer that cannot be read", ErrorKind::Unavailable, &names, |secrets| {
        world(file("00:00:00", secrets), answering(200, refusal(secrets)))
    })
    .broken("a file that cannot be read", ErrorKind::InvalidConfig, &names, |secrets| {
        world(file("00:00:00", secrets).replace("}", ""), ScriptedHttp::new([]))
    })
    .broken("a key that is none", ErrorKind::InvalidConfig, &names, |secrets| {
        let file = file("00:00:00", secrets).replace("-----BEGIN", &json!(secrets[0].value()).to_string().replace('"', ""));
        world(file, ScriptedHttp::new([]))
    })
    .run();
}

#[test]
fn a_token_shows_no_secret() {
    let token = Token::parse(sign_in("00:00:00").as_bytes()).unwrap();
    let shown = format!("{token:?} {:?}", token.clone());
    assert!(!shown.contains("MHcC") && !shown.contains("RT1") && !shown.contains("another tool"), "{shown}");
}

#[test]
fn endpoint_cases() {
    let Some(json) = shared_vectors(env!("CARGO_MANIFEST_DIR"), "endpoints/signin.json", 22) else { return };
    let document: Value = serde_json::from_str(&json).unwrap();
    let cases = document["testCases"].as_array().unwrap();
    assert_eq!(cases.len(), 22);
    for case in cases {
        let expected = case["expect"]["endpoint"]["url"].as_str().map(str::to_owned);
        assert_eq!(resolve(&case["params"]), expected, "{case:#}");
    }
}

fn resolve(params: &Value) -> Option<String> {
    let flag = |name: &str| params[name].as_bool().unwrap_or_default();
    let mut options = EndpointOptions::default();
    (options.fips, options.dual_stack) = (flag("UseFIPS"), flag("UseDualStack"));
    options.url = params["Endpoint"].as_str().map(str::to_owned);
    let region = params["Region"].as_str().map(|region| Region::new(region).unwrap());
    let service = match (flag("IsControlPlane"), flag("IsOAuthEndpoint")) {
        (true, _) => Service::ControlPlane,
        (_, true) => Service::OAuth,
        _ => Service::SignIn,
    };
    options.base_url(service, region.as_ref()).ok()
}

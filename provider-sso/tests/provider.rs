//! From a cached sign-in to the credentials of a role.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tucuxi_core::{
    Context, Credentials, Env, Error, ErrorKind, Fs, HttpErrorKind, HttpOptions, ProvideCredentials, Region,
};
use tucuxi_provider_sso::{EndpointOptions, SsoProvider, SsoSettings, Token};
use tucuxi_testkit::{
    Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, context, contract, shared_vectors,
};

const FILE: &str = "/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const ROLE: &str =
    "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=ReadOnly&account_id=123456789012";
const TOKEN: &str = "https://oidc.us-east-1.amazonaws.com/token";
const GRANTED: &str =
    r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;

fn settings() -> SsoSettings {
    let region = Region::new("us-east-1").unwrap();
    SsoSettings::new("https://e.awsapps.com/start", region, "123456789012", "ReadOnly").with_session("my-sso")
}

/// A sign-in that ends at the given time of 2026-01-01.
fn sign_in(ends: &str) -> String {
    format!(
        r#"{{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"OLD","expiresAt":"2026-01-01T{ends}Z",
        "clientId":"C","clientSecret":"CS","registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT","extra":1}}"#
    )
}

struct Setup {
    context: Context,
    http: ScriptedHttp,
}

/// It is midnight; the sign-in ends when the file says so.
fn setup(file: Option<&str>, script: impl IntoIterator<Item = Exchange>) -> Setup {
    let http = ScriptedHttp::new(script);
    let files: Vec<(&str, &str)> = file.map(|text| (FILE, text)).into_iter().collect();
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
        .with_http(http.clone());
    Setup { context, http }
}

impl Setup {
    fn provide(&self) -> Result<Credentials, Error> {
        let answer = block_on(SsoProvider::new(&self.context, settings()).provide_credentials());
        self.http.assert_done();
        answer
    }

    fn kept(&self) -> Token {
        Token::parse(&block_on(self.context.fs().read(Path::new(FILE), 1 << 16)).unwrap()).unwrap()
    }
}

#[test]
fn a_sign_in_that_lasts_is_used_as_it_is() {
    let asked = Exchange::get(ROLE).with("x-amz-sso_bearer_token", "OLD").answers(200, GRANTED);
    let credentials = setup(Some(&sign_in("08:00:00")), [asked]).provide().unwrap();
    assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIA", Some("123456789012")));
    assert_eq!(credentials.provenance().to_string(), "sso-session my-sso");
}

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
    assert_eq!(kept.expires_at.as_deref(), Some("2026-01-01T01:00:00Z"));
    assert_eq!(kept.refresh_token.as_ref().map(|token| token.expose()), Some("RT2"));
    assert!(String::from_utf8(kept.to_json().unwrap()).unwrap().contains("\"extra\":1"));
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
fn one_request_takes_as_long_as_the_settings_say() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let script = [Exchange::post(TOKEN).answers(503, ""), Exchange::get(ROLE).answers(200, GRANTED)];
    let test = setup(Some(&sign_in("00:04:00")), script);
    let provider = SsoProvider::new(&test.context, settings()).with_limits(limits);
    block_on(provider.provide_credentials()).unwrap();
    let options: Vec<_> = test.http.seen().iter().map(|seen| seen.options).collect();
    // A refresh is limited as a whole too: what takes its place must be kept before the fetch is given up.
    let limits = limits.with_body_limit(64 * 1024);
    assert_eq!(options, [limits.with_whole(Duration::from_secs(3)), limits]);
    assert_eq!(provider.time_limit(), Duration::from_secs(20 + 2 * 3 + 2).max(Duration::from_secs(30)));
}

#[test]
fn a_fetch_is_not_given_up_between_a_refresh_and_its_keeping() {
    let test = setup(None, []);
    let turn_refresh_and_keeping = Duration::from_secs(20 + 2) + Duration::from_millis(33_100);
    assert!(SsoProvider::new(&test.context, settings()).time_limit() >= turn_refresh_and_keeping);
    let mut legacy = settings();
    legacy.session = None;
    assert_eq!(SsoProvider::new(&test.context, legacy).time_limit(), Duration::from_secs(30), "it is never refreshed");
}

#[test]
fn an_answer_that_nests_without_end_is_not_read() {
    let deep = format!(r#"{{"roleCredentials":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let script = (0..1).map(|_| Exchange::get(ROLE).answers(200, &*deep));
    let error = setup(Some(&sign_in("08:00:00")), script).provide().unwrap_err();
    assert_eq!(error.to_string(), "the answer of portal.sso.us-east-1.amazonaws.com has JSON that nests too deep");
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
fn what_a_cache_file_can_be() {
    let check = |file: Option<&str>, kind: ErrorKind, words: &[&str]| {
        let error = setup(file, []).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for word in words {
            assert!(error.report().contains(word), "{word}: {}", error.report());
        }
    };
    check(
        None,
        ErrorKind::InvalidConfig,
        &["nobody is signed in to my-sso", FILE, "aws sso login --sso-session my-sso"],
    );
    check(Some(""), ErrorKind::InvalidConfig, &[FILE, "not JSON", "aws sso login"]);
    check(Some("{}"), ErrorKind::InvalidConfig, &[FILE]);
    check(Some(r#"{"accessToken":"AT"}"#), ErrorKind::InvalidConfig, &["expiresAt"]);
    check(Some(r#"{"accessToken":"AT","expiresAt":"soon"}"#), ErrorKind::InvalidConfig, &["expiresAt"]);
    let ended = r#"{"accessToken":"AT","expiresAt":"2025-12-31T23:59:59Z"}"#;
    check(Some(ended), ErrorKind::Denied, &["has ended", "aws sso login"]);
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

const REFRESHED: &str = r#"{"accessToken":"NEW","tokenType":"Bearer","expiresIn":3600,"refreshToken":"RT2"}"#;
const UNKNOWN: &str = r#"{"message":"Session token not found or invalid"}"#;

fn asks(token: &str) -> Exchange {
    Exchange::get(ROLE).with("x-amz-sso_bearer_token", token)
}

#[test]
fn a_sign_in_that_the_portal_does_not_know_is_refreshed_once() {
    let refreshes = || Exchange::post(TOKEN).with_body(r#""refreshToken":"RT""#);
    let test = setup(
        Some(&sign_in("08:00:00")),
        [asks("OLD").answers(401, UNKNOWN), refreshes().answers(200, REFRESHED), asks("NEW").answers(200, GRANTED)],
    );
    assert_eq!(test.provide().unwrap().access_key_id(), "ASIA");
    assert_eq!(test.kept().refresh_token.as_ref().map(|token| token.expose()), Some("RT2"));

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

#[test]
fn a_profile_without_a_session_is_never_refreshed() {
    let url = "https://e.awsapps.com/start";
    let region = Region::new("us-east-1").unwrap();
    let provide = |ends: &str, script: &[Exchange]| {
        let test = setup(None, script.to_vec());
        let path = tucuxi_provider_sso::TokenFile::new(&test.context, url).path().unwrap();
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

#[test]
fn no_secret_leaves_by_an_error() {
    for (status, body) in [(401, "CANARY"), (200, "CANARY"), (403, r#"{"__type":"CANARY CANARY"}"#), (500, "CANARY")] {
        let canary = Canary::new("token");
        // Nothing to refresh with, so that a refusal is the end.
        let file = sign_in("08:00:00").replace("OLD", canary.value()).replace("refreshToken", "another");
        let asked = || Exchange::get(ROLE).answers(status, body.replace("CANARY", canary.value()));
        let times = if status == 500 { 3 } else { 1 };
        let error = setup(Some(&file), (0..times).map(|_| asked())).provide().unwrap_err();
        assert_no_leak(&[canary], "error", &format!("{error} {error:?} {}", error.report()));
    }
}

#[test]
fn the_contract_of_every_provider() {
    let world = |file: String, http: ScriptedHttp| {
        context()
            .with_env(Env::fake([("HOME", "/home/u")]))
            .with_fs(Fs::fake([(FILE, file)]))
            .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
            .with_http(http)
    };
    let answering = |status: u16, body: String| {
        ScriptedHttp::from_fn(move |_| Ok(http::Response::builder().status(status).body(body.clone().into()).unwrap()))
    };
    let file = |ends: &str, secrets: &[Canary]| {
        let places = [r#""OLD""#, r#""RT""#, r#""CS""#];
        places
            .iter()
            .zip(&secrets[2..])
            .fold(sign_in(ends), |file, (place, secret)| file.replace(place, &Value::from(secret.value()).to_string()))
    };
    let names = ["secret", "session token", "access token", "refresh token", "client secret"];
    let granted = |secrets: &[Canary]| {
        GRANTED
            .replace(r#""s""#, &Value::from(secrets[0].value()).to_string())
            .replace(r#""t""#, &Value::from(secrets[1].value()).to_string())
    };
    let echo = |secrets: &[Canary]| {
        serde_json::json!({"error": secrets[2].value(), "message": secrets[3].value(), "x": secrets[4].value()})
            .to_string()
    };
    contract("sso", |context| {
        // Without a sign-in there is nothing that would need the network.
        let context = match context.env().home() {
            Some(_) => context.clone(),
            None => context
                .clone()
                .with_env(Env::fake([("HOME", "/home/u")]))
                .with_fs(Fs::fake([(FILE, sign_in("08:00:00"))]))
                .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z")),
        };
        Arc::new(SsoProvider::new(&context, settings()))
    })
    .asked_for()
    .configured("a sign-in that lasts", &names, |secrets| {
        world(file("08:00:00", secrets), answering(200, granted(secrets)))
    })
    .configured("a refresh that fails", &names, |secrets| {
        let (granted, echo) = (granted(secrets), echo(secrets));
        let http = ScriptedHttp::from_fn(move |seen| {
            let (status, body) = if seen.url == TOKEN { (400, &echo) } else { (200, &granted) };
            Ok(http::Response::builder().status(status).body(body.clone().into()).unwrap())
        });
        world(file("00:04:00", secrets), http)
    })
    .broken("a refusal", ErrorKind::Denied, &names, |secrets| {
        world(file("08:00:00", secrets), answering(403, echo(secrets)))
    })
    .broken("a revoked sign-in", ErrorKind::Denied, &names, |secrets| {
        world(file("08:00:00", secrets), answering(401, echo(secrets)))
    })
    .broken("an outage", ErrorKind::Unavailable, &names, |secrets| {
        world(file("08:00:00", secrets), answering(500, echo(secrets)))
    })
    .broken("an unreadable file", ErrorKind::InvalidConfig, &names, |secrets| {
        world(file("08:00:00", secrets).replace('}', ""), ScriptedHttp::new([]))
    })
    .run();
}

#[test]
fn endpoint_cases() {
    for (file, portal) in [("sso.json", true), ("sso-oidc.json", false)] {
        let path = format!("endpoints/{file}");
        let Some(json) = shared_vectors(env!("CARGO_MANIFEST_DIR"), &path, 40) else { continue };
        let document: Value = serde_json::from_str(&json).unwrap();
        let cases = document["testCases"].as_array().unwrap();
        assert_eq!(cases.len(), 40, "{file}");
        for case in cases {
            let expected = case["expect"]["endpoint"]["url"].as_str().map(str::to_owned);
            assert_eq!(resolve(&case["params"], portal), expected, "{case:#}");
        }
    }
}

fn resolve(params: &Value, portal: bool) -> Option<String> {
    let flag = |name: &str| params[name].as_bool().unwrap_or_default();
    let mut options = EndpointOptions::default();
    (options.fips, options.dual_stack) = (flag("UseFIPS"), flag("UseDualStack"));
    let own = params["Endpoint"].as_str().map(str::to_owned);
    // Without a region only an endpoint of one's own can be reached; settings cannot be made without one.
    let region = match (params["Region"].as_str(), &own) {
        (Some(region), _) => Region::new(region).unwrap(),
        (None, Some(_)) => Region::new("us-east-1").unwrap(),
        (None, None) => return None,
    };
    (options.portal_url, options.oidc_url) = (own.clone(), own);
    if portal { options.portal(&region).ok() } else { options.oidc(&region).ok() }
}

//! What a sign-in opens, and its end.

#![cfg(feature = "sign-in")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::ErrorKind::{NotFound, PermissionDenied};
use std::path::{Path, PathBuf};
use std::pin::pin;

use futures_core::Stream;
use tucuxi_core::{Context, Env, ErrorKind, Fs, HttpErrorKind, Region};
use tucuxi_provider_sso::{Portal, SignInSettings, sign_out};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, capture, context};

const TOKEN_FILE: &str = "/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const SIGN_IN: &str = r#"{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"AT","expiresAt":"2026-01-01T08:00:00Z"}"#;
const PORTAL: &str = "https://portal.sso.us-east-1.amazonaws.com";

fn settings() -> SignInSettings {
    SignInSettings::new("https://e.awsapps.com/start", Region::new("us-east-1").unwrap()).with_session("my-sso")
}

fn world(files: &[(&str, &str)], script: impl IntoIterator<Item = Exchange>) -> (Context, ScriptedHttp) {
    let http = ScriptedHttp::new(script);
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files.iter().copied()))
        .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
        .with_http(http.clone());
    (context, http)
}

fn asks(path: &str) -> Exchange {
    Exchange::get(format!("{PORTAL}{path}")).with("x-amz-sso_bearer_token", "AT")
}

/// The numbers of the accounts, and why there are no more.
fn accounts(script: impl IntoIterator<Item = Exchange>) -> (Vec<String>, Option<(ErrorKind, String)>) {
    let (context, http) = world(&[(TOKEN_FILE, SIGN_IN)], script);
    let mut accounts = Portal::new(&context, settings()).accounts();
    let mut ids = Vec::new();
    let end = block_on(async {
        loop {
            match accounts.try_next().await {
                Ok(Some(account)) => ids.push(account.id),
                Ok(None) => return None,
                Err(error) => {
                    assert!(accounts.try_next().await.unwrap().is_none(), "nothing comes after an error");
                    return Some((error.kind(), error.to_string()));
                }
            }
        }
    });
    http.assert_done();
    (ids, end)
}

fn page(ids: &[&str], next: &str) -> String {
    let items: Vec<String> = ids.iter().map(|id| format!(r#"{{"accountId":"{id}","accountName":"n"}}"#)).collect();
    format!(r#"{{"accountList":[{}]{next}}}"#, items.join(","))
}

#[test]
fn accounts_come_page_after_page() {
    let first = || asks("/assignment/accounts?max_result=100");
    let second = || asks("/assignment/accounts?max_result=100&next_token=N1");
    let next = r#","nextToken":"N1""#;
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(accounts([first().answers(200, page(&[], ""))]), (ids(&[]), None));
    let pages = [first().answers(200, page(&["1", "2"], next)), second().answers(200, page(&["3"], ""))];
    assert_eq!(accounts(pages), (ids(&["1", "2", "3"]), None));
    let empty = [first().answers(200, page(&[], next)), second().answers(200, page(&["3"], r#","nextToken":"""#))];
    assert_eq!(accounts(empty), (ids(&["3"]), None));
    let busy = [first().answers(429, ""), first().answers(429, ""), first().answers(200, page(&["1"], ""))];
    assert_eq!(accounts(busy), (ids(&["1"]), None));

    let fails = |script: Vec<Exchange>, expected: &[&str], kind: ErrorKind, words: &str| {
        let (found, end) = accounts(script);
        let (found_kind, message) = end.unwrap();
        assert_eq!((found, found_kind), (ids(expected), kind), "{message}");
        assert!(message.contains(words), "{message}");
    };
    let circle = vec![first().answers(200, page(&["1"], next)), second().answers(200, page(&["2"], next))];
    fails(circle, &["1", "2"], ErrorKind::Unavailable, "has no end");
    let broken = vec![first().answers(200, page(&["1"], next)), second().answers(200, "{}")];
    fails(broken, &["1"], ErrorKind::Unavailable, "lacks a field");
    fails(vec![first().answers(401, "")], &[], ErrorKind::Denied, "answered 401");
    fails(vec![first().fails(HttpErrorKind::Connect); 3], &[], ErrorKind::Unavailable, "portal.sso");
}

#[test]
fn roles_are_those_of_the_account() {
    let answer = r#"{"roleList":[{"roleName":"Admin","accountId":"1"},{"roleName":"Reader","accountId":"1"}]}"#;
    let asked = asks("/assignment/roles?account_id=1%2F2&max_result=100").answers(200, answer);
    let (context, http) = world(&[(TOKEN_FILE, SIGN_IN)], [asked]);
    let mut roles = pin!(Portal::new(&context, settings()).roles("1/2"));
    let mut found = Vec::new();
    while let Some(role) = block_on(std::future::poll_fn(|cx| roles.as_mut().poll_next(cx))) {
        let role = role.unwrap();
        assert_eq!(role.account_id, "1/2");
        found.push(role.name);
    }
    http.assert_done();
    assert_eq!(found, ["Admin", "Reader"]);
}

#[test]
fn nobody_signed_in_is_said_with_the_cure() {
    let (context, _) = world(&[], []);
    let error = block_on(Portal::new(&context, settings()).accounts().try_next()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert_eq!(error.hint(), Some("sign in: aws sso login --sso-session my-sso"));
}

const OTHER: &str = "/home/u/.aws/sso/cache/other.json";
const ROLE: &str = "/home/u/.aws/cli/cache/31b260dab331b2af063485cea75f7b8b3cf54c71.json";
const ASSUMED: &str = "/home/u/.aws/cli/cache/c03ce438bc208f6214854d85d3ca930ff73e3004.json";
const CONSOLE: &str = "/home/u/.aws/cli/cache/console.json";
const ODD: &str = "/home/u/.aws/cli/cache/odd";

fn everything() -> Vec<(&'static str, &'static str)> {
    vec![
        (TOKEN_FILE, SIGN_IN),
        (OTHER, SIGN_IN),
        (ROLE, r#"{"ProviderType":"sso","Credentials":{"AccessKeyId":"A","SecretAccessKey":"S"}}"#),
        (ASSUMED, r#"{"Credentials":{"AccessKeyId":"A"},"AssumedRoleUser":{}}"#),
        (CONSOLE, r#"{"ProviderType":"login","Credentials":{}}"#),
        (ODD, "not JSON"),
    ]
}

fn left(context: &Context) -> Vec<PathBuf> {
    let list = |directory: &str| block_on(context.fs().list(Path::new(directory))).unwrap_or_default();
    [list("/home/u/.aws/sso/cache"), list("/home/u/.aws/cli/cache")].concat()
}

fn logs_out() -> Exchange {
    Exchange::post(format!("{PORTAL}/logout")).with("x-amz-sso_bearer_token", "AT")
}

#[test]
fn signing_out_takes_away_the_sign_in_and_what_came_of_it() {
    let check = |files: &[(&str, &str)], script: Vec<Exchange>, expected: Result<bool, ErrorKind>, stays: &[&str]| {
        let (context, http) = world(files, script);
        let answer = block_on(sign_out(&context, &settings()));
        http.assert_done();
        assert_eq!(answer.map_err(|error| error.kind()), expected);
        assert_eq!(left(&context), stays.iter().map(PathBuf::from).collect::<Vec<_>>());
    };
    let stays = [OTHER, ASSUMED, CONSOLE, ODD];
    check(&everything(), vec![logs_out()], Ok(true), &stays);
    check(&everything(), vec![logs_out().answers(401, "")], Ok(true), &stays);
    check(&everything(), vec![logs_out().answers(500, "")], Err(ErrorKind::Unavailable), &stays);
    check(&everything(), vec![logs_out().fails(HttpErrorKind::Connect)], Err(ErrorKind::Unavailable), &stays);
    check(&everything()[1..], vec![], Ok(false), &stays);
    check(&[(TOKEN_FILE, "broken")], vec![], Ok(true), &[]);
    check(&[], vec![], Ok(false), &[]);
}

#[test]
fn a_file_that_stays_is_an_error() {
    let (context, _) = world(&everything(), [logs_out()]);
    context.fs().set_error("/home/u/.aws/cli/cache", PermissionDenied);
    let error = block_on(sign_out(&context, &settings())).unwrap_err();
    assert!(error.to_string().contains("/home/u/.aws/cli/cache cannot be listed"), "{error}");
    assert_eq!(block_on(context.fs().info(Path::new(TOKEN_FILE))).unwrap_err().kind(), NotFound);
    let homeless = context.with_env(Env::fake::<&str, &str>([]));
    let error = block_on(sign_out(&homeless, &settings())).unwrap_err();
    assert_eq!((error.kind(), error.hint()), (ErrorKind::InvalidConfig, Some("set HOME")));
}

#[test]
fn no_secret_leaves_when_signing_out() {
    let canary = Canary::new("access token");
    let sign_in = SIGN_IN.replace("AT", canary.value());
    for (status, file) in
        [(200, sign_in.clone()), (401, sign_in.clone()), (500, sign_in.clone()), (200, sign_in.replace('}', ""))]
    {
        let echo = canary.value().to_owned();
        let http = ScriptedHttp::from_fn(move |_| {
            Ok(http::Response::builder().status(status).body(echo.clone().into()).unwrap())
        });
        let (context, _) = world(&[(TOKEN_FILE, &file)], []);
        let context = context.with_http(http);
        let (answer, logs) = capture(|| block_on(sign_out(&context, &settings())));
        let shown = answer.map_or_else(|error| format!("{error} {error:?} {}", error.report()), |_| String::new());
        assert_no_leak(std::slice::from_ref(&canary), "error", &shown);
        assert_no_leak(std::slice::from_ref(&canary), "log", &logs);
    }
}

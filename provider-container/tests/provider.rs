//! The order of events, the addresses that are asked, and what each failure means.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tucuxi_core::{Context, Credentials, Env, Error, ErrorKind, Fs, HttpErrorKind, ProvideCredentials};
use tucuxi_provider_container::ContainerProvider;
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, block_on, context, contract};

const DOCUMENT: &str =
    r#"{"AccessKeyId":"ASIA","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T06:00:00Z"}"#;

fn ecs() -> Exchange {
    Exchange::get("http://169.254.170.2/role").with("accept", "application/json").without("authorization")
}

fn local() -> Exchange {
    Exchange::get("http://localhost:8080/role")
}

fn relative(context: &Context) -> Context {
    context.clone().with_env(Env::fake([(RELATIVE, "/role")]))
}

fn full(context: &Context, url: &str) -> Context {
    context.clone().with_env(Env::fake([(FULL, url)]))
}

fn ask(context: &Context) -> Result<Credentials, Error> {
    block_on(ContainerProvider::new(context).provide_credentials())
}

#[track_caller]
fn check(script: impl IntoIterator<Item = Exchange>, expected: Result<&str, (ErrorKind, &str)>, pauses: usize) {
    let (http, clock) = (ScriptedHttp::new(script), FakeClock::auto());
    let answer = ask(&relative(&context().with_http(http.clone()).with_clock(clock.clone())));
    http.assert_done();
    let shown = answer.map(|credentials| credentials.provenance().to_string());
    let shown = shown.map_err(|error| (error.kind(), error.to_string()));
    assert_eq!(shown, expected.map(str::to_owned).map_err(|(kind, message)| (kind, message.to_owned())));
    assert_eq!(clock.slept(), vec![Duration::from_secs(1); pauses]);
}

#[test]
fn one_request_within_its_limits() {
    check([ecs().answers(200, DOCUMENT)], Ok("container-role 169.254.170.2"), 0);
    let http = ScriptedHttp::new([ecs().answers(200, DOCUMENT)]);
    ask(&relative(&context().with_http(http.clone()))).unwrap();
    let options = http.seen()[0].options;
    assert_eq!((options.connect, options.first_byte), (Duration::from_secs(2), Duration::from_secs(5)));
    assert_eq!(options.connect_to, Some("169.254.170.2:80".parse().unwrap()));
}

#[test]
fn what_may_pass_is_tried_three_times() {
    let found = Ok("container-role 169.254.170.2");
    check([ecs().fails(HttpErrorKind::Timeout), ecs().answers(503, ""), ecs().answers(200, DOCUMENT)], found, 2);
    check([ecs().answers(200, "{"), ecs().answers(200, DOCUMENT)], found, 1);
    let lost = (ErrorKind::Unavailable, "no answer from 169.254.170.2");
    check((0..3).map(|_| ecs().fails(HttpErrorKind::Connect)), Err(lost), 2);
    let strange = (ErrorKind::Unavailable, "169.254.170.2: the answer has no AccessKeyId");
    check((0..3).map(|_| ecs().answers(200, "{}")), Err(strange), 2);
    let redirected = (ErrorKind::Unavailable, "169.254.170.2 gives no credentials (status 302)");
    let redirect = || ecs().answers(302, "").answer_header("location", "http://evil.example/");
    check((0..3).map(|_| redirect()), Err(redirected), 2);
}

#[test]
fn a_refusal_is_not_repeated() {
    for status in [400, 401, 403, 404] {
        let message = format!("169.254.170.2 gives no credentials (status {status})");
        check([ecs().answers(status, "")], Err((ErrorKind::Denied, &message)), 0);
    }
}

#[test]
fn the_request_goes_to_the_address_that_was_checked() {
    let v4: IpAddr = "127.0.0.1".parse().unwrap();
    let v6: IpAddr = "::1".parse().unwrap();
    let http = ScriptedHttp::new([local().fails(HttpErrorKind::Connect), local().answers(200, DOCUMENT)])
        .with_addresses("localhost", [v6, v4]);
    ask(&full(&context().with_http(http.clone()), "http://localhost:8080/role")).unwrap();
    http.assert_done();
    let asked: Vec<_> = http.seen().iter().map(|seen| seen.options.connect_to.unwrap().to_string()).collect();
    assert_eq!(asked, ["[::1]:8080", "127.0.0.1:8080"]);
    assert_eq!(http.resolved(), ["localhost"]);
}

#[test]
fn one_strange_address_is_enough_to_refuse() {
    let addresses = ["127.0.0.1", "169.254.169.254"].map(|address| address.parse().unwrap());
    let http = ScriptedHttp::new([]).with_addresses("rebind.example", addresses);
    let error = ask(&full(&context().with_http(http.clone()), "http://rebind.example/role?token=SEKRIT")).unwrap_err();
    http.assert_done();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    let message = "AWS_CONTAINER_CREDENTIALS_FULL_URI names rebind.example, which resolves to 169.254.169.254, \
                   where plain http is not allowed";
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_name_without_addresses_is_an_outage() {
    let clock = FakeClock::auto();
    let http = ScriptedHttp::new([]).with_addresses("empty", []);
    let base = context().with_http(http.clone()).with_clock(clock.clone());
    for host in ["absent", "empty"] {
        let error = ask(&full(&base, &format!("http://{host}/role"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    }
    assert_eq!((http.resolved().len(), clock.slept().len()), (6, 4));
    http.assert_done();
}

#[test]
fn tls_may_go_anywhere_but_through_no_proxy() {
    let anywhere = "192.0.2.7".parse().unwrap();
    let http = ScriptedHttp::new([Exchange::get("https://any.example/role").answers(200, DOCUMENT)]);
    let http = http.with_addresses("any.example", [anywhere]);
    ask(&full(&context().with_http(http.clone()), "https://any.example/role")).unwrap();
    http.assert_done();
    // An address to connect to leaves no room for a proxy.
    assert_eq!(http.seen()[0].options.connect_to, Some((anywhere, 443).into()));
}

#[test]
fn the_token_file_is_read_at_each_call_and_only_when_a_uri_is_set() {
    let fs = Fs::fake([("/token", "first\n")]);
    let url = "http://169.254.170.23/v1/credentials";
    let with = |token: &str| Exchange::get(url).with("authorization", token).answers(200, DOCUMENT);
    let http = ScriptedHttp::new([with("first"), with("second")]);
    let env = Env::fake([(FULL, url), (TOKEN_FILE, "/token")]);
    let provider = ContainerProvider::new(&context().with_http(http.clone()).with_fs(fs.clone()).with_env(env));
    block_on(provider.provide_credentials()).unwrap();
    fs.set("/token", "second", SystemTime::UNIX_EPOCH);
    block_on(provider.provide_credentials()).unwrap();
    http.assert_done();

    let error = ask(&context().with_env(Env::fake([(TOKEN_FILE, "/absent")]))).unwrap_err();
    assert!(error.is_not_configured(), "{error:?}");
    let error = ask(&context().with_env(Env::fake([(RELATIVE, "/role"), (TOKEN_FILE, "/absent")]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
}

#[test]
fn offline_is_said_at_once() {
    let clock = FakeClock::auto();
    for url in ["http://localhost/role", "https://any.example/role", "http://127.0.0.1/role"] {
        let error = ask(&full(&context().with_clock(clock.clone()).offline(), url)).unwrap_err();
        assert!(error.is_offline(), "{error:?}");
    }
    assert!(clock.slept().is_empty());
}

#[test]
fn the_contract() {
    let world = |secrets: &[Canary], break_it: fn(&str) -> String| {
        let token = secrets[2].value();
        let document = DOCUMENT.replace(r#":"s""#, &format!(r#":"{}""#, secrets[0].value()));
        let document = break_it(&document.replace(r#":"t""#, &format!(r#":"{}""#, secrets[1].value())));
        let url = "http://169.254.170.23/v1/credentials";
        let exchange = || Exchange::get(url).with("authorization", token).answers(200, document.clone());
        context()
            .with_http(ScriptedHttp::new([exchange(), exchange(), exchange()]))
            .with_fs(Fs::fake([("/token", format!("{token}\n"))]))
            .with_env(Env::fake([(FULL, url), (TOKEN_FILE, "/token")]))
    };
    let names = ["secret", "token", "authorization"];
    contract("container", |context| Arc::new(ContainerProvider::new(context)))
        .configured("a role", &names, |secrets| world(secrets, str::to_owned))
        .broken("half a document", ErrorKind::Unavailable, &names, |secrets| {
            world(secrets, |document| document[..document.len() - 2].to_owned())
        })
        .broken("a secret as the expiry", ErrorKind::Unavailable, &names, |secrets| {
            world(secrets, |document| document.replace("2026-01-01T06:00:00Z", &document[40..80]))
        })
        .broken("two lines in the token", ErrorKind::InvalidConfig, &["token"], |secrets| {
            let token = format!("{}\nx", secrets[0].value());
            context().with_env(Env::fake([(RELATIVE, "/role"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &token)]))
        })
        .broken("a secret in the path", ErrorKind::InvalidConfig, &["path"], |secrets| {
            full(&context(), &format!("http://10.0.0.1/{}", secrets[0].value()))
        })
        .broken("a secret in the user name", ErrorKind::InvalidConfig, &["user"], |secrets| {
            full(&context(), &format!("http://x:{}@127.0.0.1/", secrets[0].value().replace('/', "_")))
        })
        .broken("a refusal with a secret in it", ErrorKind::Denied, &["body"], |secrets| {
            let body = format!(r#"{{"code":"{0}","message":"{0}"}}"#, secrets[0].value());
            relative(&context().with_http(ScriptedHttp::new([ecs().answers(403, body)])))
        })
        .run();
}

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

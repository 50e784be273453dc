//! The order of events: token, role, credentials; and what each failure on the way means.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, Env, ErrorKind, HttpErrorKind, ProvideCredentials, format_rfc3339};
use tucuxi_provider_imds::{EndpointMode, ImdsClient, ImdsProvider};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, block_on, capture, context, contract};

fn token() -> Exchange {
    Exchange::put(format!("{BASE}/latest/api/token")).with("x-aws-ec2-metadata-token-ttl-seconds", "21600")
}

fn grant(token_: &str) -> Exchange {
    token().answers(200, token_).answer_header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
}

fn roles() -> Exchange {
    Exchange::get(format!("{BASE}{ROLES}")).with("x-aws-ec2-metadata-token", "t1")
}

fn role() -> Exchange {
    Exchange::get(format!("{BASE}{ROLES}web")).with("x-aws-ec2-metadata-token", "t1")
}

fn document(secret: &str, token: &str) -> String {
    format!(
        r#"{{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIA",
            "SecretAccessKey":"{secret}","Token":"{token}","Expiration":"2026-01-01T06:00:00Z"}}"#
    )
}

fn good() -> [Exchange; 3] {
    [grant("t1"), roles().answers(200, "web\n"), role().answers(200, document("secret", "token"))]
}

struct Fixture {
    http: ScriptedHttp,
    clock: FakeClock,
    context: Context,
}

fn with(script: impl IntoIterator<Item = Exchange>) -> Fixture {
    let (http, clock) = (ScriptedHttp::new(script), FakeClock::auto());
    let context = context().with_http(http.clone()).with_clock(clock.clone());
    Fixture { http, clock, context }
}

#[track_caller]
fn check_error(script: impl IntoIterator<Item = Exchange>, kind: ErrorKind, message: &str) {
    let Fixture { http, context, .. } = with(script);
    let error = block_on(ImdsProvider::new(&context).provide_credentials()).unwrap_err();
    http.assert_done();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message), "{}", error.report());
}

#[test]
fn token_role_credentials() {
    let Fixture { http, context, .. } = with(good());
    let credentials = block_on(ImdsProvider::new(&context).provide_credentials()).unwrap();
    http.assert_done();
    assert_eq!(
        (credentials.access_key_id(), credentials.secret_access_key(), credentials.session_token()),
        ("ASIA", "secret", Some("token"))
    );
    assert_eq!(credentials.expires_at().map(format_rfc3339).as_deref(), Some("2026-01-01T06:00:00Z"));
    assert_eq!(credentials.provenance().to_string(), "iam-role web");
    for seen in http.seen() {
        assert_eq!((seen.options.connect, seen.options.first_byte), (Duration::from_secs(1), Duration::from_secs(1)));
        assert_eq!(seen.options.whole, Some(Duration::from_secs(2)));
    }
}

#[test]
fn the_session_token_is_kept_and_renewed_early() {
    let again = [roles().answers(200, "web"), role().answers(200, document("s", "t"))];
    let renewed = [
        grant("t2"),
        Exchange::get(format!("{BASE}{ROLES}")).with("x-aws-ec2-metadata-token", "t2").answers(200, "web"),
        Exchange::get(format!("{BASE}{ROLES}web"))
            .with("x-aws-ec2-metadata-token", "t2")
            .answers(200, document("s", "t")),
    ];
    let Fixture { http, clock, context } = with(good().into_iter().chain(again).chain(renewed));
    let provider = ImdsProvider::new(&context);
    for wait in [0, 21_479, 1] {
        clock.advance(Duration::from_secs(wait));
        block_on(provider.provide_credentials()).unwrap();
    }
    http.assert_done();
}

#[test]
fn a_token_that_is_not_accepted_is_asked_anew_once() {
    let t2 = |path: &str| Exchange::get(format!("{BASE}{path}")).with("x-aws-ec2-metadata-token", "t2");
    let Fixture { http, context, .. } = with([
        grant("t1"),
        roles().answers(401, ""),
        grant("t2"),
        t2(ROLES).answers(200, "web"),
        t2(&format!("{ROLES}web")).answers(200, document("s", "t")),
    ]);
    block_on(ImdsProvider::new(&context).provide_credentials()).unwrap();
    http.assert_done();
    check_error(
        [grant("t1"), roles().answers(401, ""), grant("t2"), t2(ROLES).answers(401, "")],
        ErrorKind::Denied,
        "169.254.169.254 refused the name of the role (status 401)",
    );
}

#[test]
fn silence_before_the_first_answer_means_no_instance() {
    for (kind, message) in [
        (HttpErrorKind::Connect, "no answer from 169.254.169.254, so this is no EC2 instance"),
        (HttpErrorKind::Timeout, "no answer from 169.254.169.254 in time"),
    ] {
        check_error([token().fails(kind)], ErrorKind::NotConfigured, message);
    }
    for status in [400, 404, 405] {
        let message = format!(
            "169.254.169.254 gives no session token (status {status}), so it is no instance metadata version 2"
        );
        check_error([token().answers(status, "")], ErrorKind::NotConfigured, &message);
    }
}

#[test]
fn silence_afterwards_is_an_outage() {
    let outage = [
        grant("t1"),
        roles().fails(HttpErrorKind::Timeout),
        roles().fails(HttpErrorKind::Connect),
        roles().answers(500, "<html>"),
    ];
    let message = "169.254.169.254 answered status 500 when asked for the name of the role";
    check_error(outage, ErrorKind::Unavailable, message);

    let later = (0..3).map(|_| token().fails(HttpErrorKind::Connect));
    let Fixture { http, clock, context } = with(good().into_iter().chain(later));
    let provider = ImdsProvider::new(&context);
    block_on(provider.provide_credentials()).unwrap();
    clock.advance(Duration::from_secs(22_000));
    let error = block_on(provider.provide_credentials()).unwrap_err();
    http.assert_done();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, "no answer from 169.254.169.254"));
    let slept = clock.slept();
    assert!(slept.len() == 2 && slept.iter().all(|pause| *pause <= Duration::from_millis(400)), "{slept:?}");
}

#[test]
fn silence_at_an_address_that_somebody_chose_is_an_outage() {
    let dead = || Exchange::put("http://dead:1/latest/api/token").fails(HttpErrorKind::Connect);
    let variables =
        [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://dead:1"), ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2")];
    let Fixture { http, context, .. } = with([dead(), dead()]);
    let provider = ImdsProvider::new(&context.with_env(Env::fake(variables)));
    let error = block_on(provider.provide_credentials()).unwrap_err();
    http.assert_done();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, "no answer from dead:1"));
}

#[test]
fn the_set_number_of_attempts_counts_for_the_probe_too() {
    let Fixture { http, context, .. } = with((0..4).map(|_| token().fails(HttpErrorKind::Connect)));
    let provider = ImdsProvider::from(ImdsClient::new(&context).with_attempts(4));
    assert!(block_on(provider.provide_credentials()).unwrap_err().is_not_configured());
    http.assert_done();
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_again() {
    let broken = "{\"AccessKeyId\":\"ASIA\",";
    let Fixture { http, context, .. } = with([
        grant("t1"),
        roles().answers(200, "web"),
        role().answers(200, broken),
        role().fails(HttpErrorKind::Closed),
        role().answers(200, document("s", "t")),
    ]);
    block_on(ImdsProvider::new(&context).provide_credentials()).unwrap();
    http.assert_done();
    let large = "x".repeat(64 * 1024 + 1);
    let script = [grant("t1")].into_iter().chain((0..3).map(|_| roles().answers(200, large.clone())));
    check_error(script, ErrorKind::Unavailable, "the body is larger than 65536 bytes");
}

#[test]
fn refusals_are_not_repeated() {
    let denied = "169.254.169.254 refused a session token (status 403)";
    check_error([token().answers(403, "")], ErrorKind::Denied, denied);
    let denied = "169.254.169.254 refused the credentials of role web (status 403)";
    let script = [grant("t1"), roles().answers(200, "web"), role().answers(403, "")];
    check_error(script, ErrorKind::Denied, denied);
    let nobody = "no role is attached to this instance";
    check_error([grant("t1"), roles().answers(404, "")], ErrorKind::NotConfigured, nobody);
    check_error([grant("t1"), roles().answers(200, "")], ErrorKind::NotConfigured, nobody);
}

#[test]
fn switched_off_means_no_traffic() {
    let variables = [("AWS_EC2_METADATA_DISABLED", "TRUE"), ("AWS_METADATA_SERVICE_TIMEOUT", "rubbish")];
    let Fixture { http, context, .. } = with([]);
    let provider = ImdsProvider::new(&context.with_env(Env::fake(variables)));
    let error = block_on(provider.provide_credentials()).unwrap_err();
    http.assert_done();
    assert!(error.is_not_configured() && error.to_string() == "AWS_EC2_METADATA_DISABLED is true", "{error:?}");
}

#[test]
fn version_1_only_when_allowed() {
    let without = |path: &str| Exchange::get(format!("{BASE}{path}")).without("x-aws-ec2-metadata-token");
    for status in [403, 404, 405] {
        let Fixture { http, context, .. } = with([
            token().answers(status, ""),
            without(ROLES).answers(200, "web"),
            without(&format!("{ROLES}web")).answers(200, document("s", "t")),
        ]);
        let provider = ImdsProvider::from(ImdsClient::new(&context).allow_v1());
        let (answer, logs) = capture(|| block_on(provider.provide_credentials()));
        answer.unwrap();
        http.assert_done();
        assert!(logs.contains("version 1 is used"), "{logs}");
    }
    // Neither silence nor a broken answer is a reason to downgrade.
    for exchange in [token().fails(HttpErrorKind::Timeout), token().answers(400, ""), token().answers(500, "")] {
        let Fixture { http, context, .. } = with([exchange]);
        let provider = ImdsProvider::from(ImdsClient::new(&context).allow_v1());
        block_on(provider.provide_credentials()).unwrap_err();
        http.assert_done();
    }
    let Fixture { http, context, .. } = with([token().answers(403, "")]);
    let context = context.with_env(Env::fake([("AWS_EC2_METADATA_V1_DISABLED", "true")]));
    let provider = ImdsProvider::from(ImdsClient::new(&context).allow_v1());
    assert_eq!(block_on(provider.provide_credentials()).unwrap_err().kind(), ErrorKind::Denied);
    http.assert_done();
}

#[test]
fn region_and_identity_share_the_token() {
    let get = |path: &str| Exchange::get(format!("http://[fd00:ec2::254]{path}")).with("x-aws-ec2-metadata-token", "t");
    let Fixture { http, context, .. } = with([
        Exchange::put("http://[fd00:ec2::254]/latest/api/token").answers(200, "t"),
        get("/latest/meta-data/placement/region").answers(200, "eu-west-1"),
        get("/latest/dynamic/instance-identity/document")
            .answers(200, r#"{"accountId":"123456789012","instanceId":"i-1","region":"eu-west-1"}"#),
    ]);
    let client = ImdsClient::new(&context).with_endpoint_mode(EndpointMode::IPv6);
    assert_eq!(block_on(client.region()).unwrap().as_str(), "eu-west-1");
    let identity = block_on(client.clone().instance_identity()).unwrap();
    assert_eq!((identity.account_id(), identity.instance_id()), ("123456789012", "i-1"));
    http.assert_done();
}

#[test]
fn the_contract() {
    let world = |secrets: &[Canary], break_it: fn(&str) -> String| {
        let session = secrets[2].value().to_owned();
        let document = break_it(&document(secrets[0].value(), secrets[1].value()));
        with([
            grant(&session),
            Exchange::get(format!("{BASE}{ROLES}")).with("x-aws-ec2-metadata-token", &session).answers(200, "web"),
            Exchange::get(format!("{BASE}{ROLES}web")).answers(200, document.clone()),
            Exchange::get(format!("{BASE}{ROLES}web")).answers(200, document.clone()),
            Exchange::get(format!("{BASE}{ROLES}web")).answers(200, document),
        ])
        .context
    };
    let names = ["secret", "token", "session"];
    contract("imds", |context| Arc::new(ImdsProvider::new(context)))
        .probes(1)
        .configured("a role", &names, |secrets| world(secrets, str::to_owned))
        .broken("half a document", ErrorKind::Unavailable, &names, |secrets| {
            world(secrets, |document| document[..document.len() - 2].to_owned())
        })
        .broken("a number for a secret", ErrorKind::Unavailable, &names, |secrets| {
            world(secrets, |document| document.replace("\"SecretAccessKey\":", "\"SecretAccessKey\":1,\"X\":"))
        })
        .broken("a secret as the code", ErrorKind::Unavailable, &names, |secrets| {
            world(secrets, |document| {
                document.replace("\"Code\":\"Success\",", "").replace("\"SecretAccessKey\"", "\"Code\"")
            })
        })
        .broken("a secret as the role", ErrorKind::Unavailable, &names, |secrets| {
            let strange = format!("/{}", secrets[0].value());
            let roles = || Exchange::get(format!("{BASE}{ROLES}")).answers(200, strange.clone());
            with([grant(secrets[2].value()), roles(), roles(), roles()]).context
        })
        .run();
}

const BASE: &str = "http://169.254.169.254";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

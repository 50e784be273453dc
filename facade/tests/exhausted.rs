//! Nobody set anything up, or nobody answers: what the chain says, and how long that takes.
#![cfg(feature = "default-chain")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::time::Duration;

use tucuxi::{Env, Error, ErrorKind, Fs, HttpError, HttpErrorKind, Session};
use tucuxi_testkit::{FakeClock, ScriptedHttp, block_on};

const KEYS: &str = "run `aws configure` to keep the keys of a user";
const SIGN_IN: &str = "run `aws configure sso` to sign in through IAM Identity Center";
const VARIABLES: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// What the chain says over these files, when requests fail like this, and how long it may have taken.
fn exhausted(config: &str, kind: HttpErrorKind) -> (Error, Duration) {
    let http = ScriptedHttp::from_fn(move |seen| Err(HttpError::new(kind, format!("{}: nothing", seen.url))));
    let clock = FakeClock::auto();
    let context = common::context(&[], config, "").with_http(http.clone()).with_clock(clock.clone());
    let session = block_on(Session::builder().context(context).load()).unwrap();
    let error = block_on(session.credentials().provide_credentials()).unwrap_err();
    let slept: Duration = clock.slept().iter().sum();
    let seen = http.seen();
    let asked = seen.iter().map(|seen| match kind {
        HttpErrorKind::Connect => seen.options.connect,
        // Connected at the last moment, and then nothing came.
        _ => seen.options.whole.unwrap_or(seen.options.connect + seen.options.first_byte),
    });
    (error, slept + asked.sum::<Duration>())
}

#[test]
fn silence_everywhere_takes_two_seconds_at_most() {
    for kind in [HttpErrorKind::Connect, HttpErrorKind::Timeout] {
        let (error, took) = exhausted("", kind);
        assert!(error.is_not_configured(), "{kind:?}: {}", error.report());
        assert!(took <= Duration::from_secs(2), "{kind:?}: {took:?}");
    }
}

/// Real HTTP on a paused clock, which jumps to the next limit when no socket is ready.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_takes_connections_and_never_answers_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("http://{address}"))];
    let context = tucuxi::system().with_env(Env::fake(variables)).with_fs(Fs::fake::<&str, &str>([]));
    let session = Session::builder().context(context).load().await.unwrap();

    let begun = tokio::time::Instant::now();
    let error = session.credentials().provide_credentials().await.unwrap_err();
    let took = begun.elapsed();
    let said = (error.kind(), error.to_string());
    assert_eq!(said, (ErrorKind::Unavailable, format!("iam-role: no answer from {address}")), "{}", error.report());
    assert!(took >= Duration::from_secs(1) && took <= Duration::from_secs(2), "{took:?}");
    // The system took the connection for the listener, and one attempt was all.
    listener.accept().unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn every_source_says_why_and_three_cures_follow() {
    let (error, _) = exhausted("", HttpErrorKind::Connect);
    let absent = "/h/.aws/config (absent), /h/.aws/credentials (absent)";
    let no_profile = format!("no profile is chosen, and there is no \"default\" in {absent}");
    let expected = [
        "no source of credentials is configured".to_owned(),
        "  env: AWS_ACCESS_KEY_ID is not set".to_owned(),
        format!("  assume-role: {no_profile}"),
        format!(
            "  assume-role-with-web-identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set, and profile \"default\" has no \
             web_identity_token_file in {absent}"
        ),
        format!("  sso: {no_profile}"),
        format!("  shared-credentials-file: {no_profile}"),
        format!("  login: {no_profile}"),
        format!("  custom-process: {no_profile}"),
        format!("  config-file: {no_profile}"),
        "  ec2-credentials-file: AWS_CREDENTIAL_FILE is not set".to_owned(),
        "  boto-config: no [Credentials] with aws_access_key_id in /etc/boto.cfg or ~/.boto".to_owned(),
        "  container-role: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set, and AWS_CONTAINER_CREDENTIALS_FULL_URI is not set"
            .to_owned(),
        "  iam-role: no answer from 169.254.169.254, so this is no EC2 instance".to_owned(),
        format!("  try: {KEYS}"),
        format!("   or: {SIGN_IN}"),
        format!("   or: {VARIABLES}"),
    ];
    let report = error.report();
    assert_eq!(report.lines().collect::<Vec<_>>(), expected.iter().map(String::as_str).collect::<Vec<_>>(), "{report}");
}

#[test]
fn what_is_there_already_is_the_first_cure() {
    let (error, _) =
        exhausted("[profile prod]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1", HttpErrorKind::Connect);
    let hints: Vec<&str> = error.hints().collect();
    assert_eq!(hints, ["choose a profile with AWS_PROFILE: dev, prod", KEYS, SIGN_IN]);
    let (error, _) = exhausted("", HttpErrorKind::Timeout);
    assert_eq!(error.hint(), Some("in a container on EC2, raise the instance's metadata hop limit to 2"));
}

#[test]
#[cfg(feature = "s3")]
fn a_client_tells_the_same() {
    let http = ScriptedHttp::refusing();
    let context = common::context(&[("AWS_REGION", "eu-west-1")], "", "").with_http(http);
    let session = block_on(Session::builder().context(context).load()).unwrap();
    let error = block_on(session.s3().head_object("bucket", "key").into_future()).unwrap_err();
    let report = error.report();
    let told = report.lines().filter(|line| line.starts_with("  try: ") || line.starts_with("   or: "));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [format!("  try: {KEYS}"), format!("   or: {SIGN_IN}"), format!("   or: {VARIABLES}")]
    );
    assert!(report.contains("\n  iam-role: "), "{report}");
}

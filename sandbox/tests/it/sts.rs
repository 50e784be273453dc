//! STS checks signatures and sessions, and speaks as AWS does.

use std::time::Duration;

use crate::common::{Answer, http, now, send, send_to, signed};
use http::Request;
use tucuxi_core::{Credentials, parse_timestamp};
use tucuxi_sandbox::Sandbox;
use tucuxi_sigv4::Signer;
use tucuxi_testkit::FakeClock;

const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const HOUR: Duration = Duration::from_secs(3600);

async fn call(sandbox: &Sandbox, credentials: &Credentials, body: &'static str) -> Answer {
    let signer = Signer::new(sandbox.region(), "sts");
    send_to(&http(), signed(&signer, post(sandbox), body, credentials, now())).await
}

fn post(sandbox: &Sandbox) -> http::request::Builder {
    Request::post(format!("{}/", sandbox.sts_endpoint())).header("content-type", "application/x-www-form-urlencoded")
}

fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.element("Code")), (status, code), "{}", answer.body);
    assert!(answer.body.starts_with("<ErrorResponse "), "{}", answer.body);
    assert!(!answer.element("RequestId").is_empty() && !answer.element("Message").is_empty(), "{}", answer.body);
    assert_eq!(answer.element("Type"), "Sender");
}

#[tokio::test]
async fn a_right_signature_is_told_whose_it_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let answer = call(&sandbox, sandbox.credentials(), IDENTITY).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml"), "{}", answer.body);
    assert_eq!(answer.element("Arn"), "arn:aws:iam::123456789012:user/sandbox");
    assert_eq!(answer.element("Account"), "123456789012");
    assert!(!answer.element("RequestId").is_empty() && !answer.header("x-amzn-requestid").is_empty());
    let session = sandbox.session(HOUR);
    let answer = call(&sandbox, &session, IDENTITY).await;
    assert_eq!(answer.element("Arn"), "arn:aws:sts::123456789012:assumed-role/sandbox/tests");
}

#[tokio::test]
async fn wrong_keys_are_refused_with_the_codes_of_aws() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let pair = sandbox.credentials();
    let session = sandbox.session(HOUR);
    let with = |id: &str, secret: &str| Credentials::new(id, secret);
    let (id, secret) = (session.access_key_id(), session.secret_access_key());
    for (credentials, code) in [
        (with(pair.access_key_id(), "wrong"), "SignatureDoesNotMatch"),
        (with("AKIANOBODY", "secret"), "InvalidClientTokenId"),
        (with(id, secret), "InvalidClientTokenId"),
        (with(id, secret).with_session_token("wrong"), "InvalidClientTokenId"),
        (pair.clone().with_session_token("stale"), "InvalidClientTokenId"),
    ] {
        check(&call(&sandbox, &credentials, IDENTITY).await, 403, code);
    }
    assert_eq!(call(&sandbox, &session, IDENTITY).await.status, 200);
    clock.advance(HOUR);
    check(&call(&sandbox, &session, IDENTITY).await, 403, "ExpiredToken");
}

#[tokio::test]
async fn wrong_requests_are_refused_with_the_codes_of_aws() {
    let sandbox = Sandbox::start().await.unwrap();
    let pair = sandbox.credentials();
    check(&send(post(&sandbox), IDENTITY).await, 403, "MissingAuthenticationToken");
    check(&call(&sandbox, pair, "Action=GetNothing&Version=2011-06-15").await, 400, "InvalidAction");
    check(&call(&sandbox, pair, "Action=GetCallerIdentity").await, 400, "NoSuchVersion");
    for (signer, at) in [
        (Signer::new("us-east-1", "sts"), now() - HOUR),
        (Signer::new("us-east-1", "sts"), now() + HOUR),
        (Signer::new("eu-west-1", "sts"), now()),
        (Signer::new("us-east-1", "s3"), now()),
        (Signer::new("us-east-1", "iam"), now()),
    ] {
        let answer = send_to(&http(), signed(&signer, post(&sandbox), IDENTITY, pair, at)).await;
        check(&answer, 403, "SignatureDoesNotMatch");
    }
    let changed = signed(&Signer::new("us-east-1", "sts"), post(&sandbox), IDENTITY, pair, now());
    let changed = changed.map(|_| "Action=GetCallerIdentity&Version=2011-06-16".into());
    check(&send_to(&http(), changed).await, 403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn a_role_gives_a_session_that_works_until_it_ends() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let body = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me%40home&DurationSeconds=900\
                &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox";
    let answer = call(&sandbox, sandbox.credentials(), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body.matches("<Arn>arn:aws:sts::123456789012:assumed-role/sandbox/me@home</Arn>").count(), 1);
    assert_eq!(parse_timestamp(answer.element("Expiration")), parse_timestamp("2026-01-01T00:15:00Z"));
    let session = Credentials::new(answer.element("AccessKeyId"), answer.element("SecretAccessKey"))
        .with_session_token(answer.element("SessionToken"));
    assert_eq!(call(&sandbox, &session, IDENTITY).await.status, 200);
    let again = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=again&DurationSeconds=7200\
                 &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox";
    check(&call(&sandbox, &session, again).await, 400, "ValidationError");
    clock.advance(Duration::from_secs(900));
    check(&call(&sandbox, &session, IDENTITY).await, 403, "ExpiredToken");
}

#[tokio::test]
async fn a_role_is_not_given_to_a_wrong_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let role = "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox";
    for (fields, status, code) in [
        ("&RoleSessionName=me".to_owned(), 400, "ValidationError"),
        (role.to_owned(), 400, "ValidationError"),
        (format!("{role}&RoleSessionName=a%20b"), 400, "ValidationError"),
        (format!("{role}&RoleSessionName=me&DurationSeconds=899"), 400, "ValidationError"),
        (format!("{role}&RoleSessionName=me&DurationSeconds=43201"), 400, "ValidationError"),
        (format!("{role}&RoleSessionName=me&DurationSeconds=x"), 400, "ValidationError"),
        (format!("{role}-2&RoleSessionName=me"), 403, "AccessDenied"),
        ("&RoleArn=%3Cr%3E&RoleSessionName=me".to_owned(), 403, "AccessDenied"),
    ] {
        let body = format!("Action=AssumeRole&Version=2011-06-15{fields}").leak();
        let answer = call(&sandbox, sandbox.credentials(), body).await;
        check(&answer, status, code);
        assert!(!answer.body.contains("<r>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_web_identity_needs_no_keys_but_its_token() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let body = |token: &str| {
        format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=pod&WebIdentityToken={token}\
             &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox"
        )
    };
    let token = sandbox.web_identity_token(HOUR);
    assert_eq!(token.split('.').count(), 3);
    let answer = send(post(&sandbox), body(&token)).await;
    assert_eq!((answer.status, answer.element("Audience")), (200, "sts.amazonaws.com"), "{}", answer.body);
    let session = Credentials::new(answer.element("AccessKeyId"), answer.element("SecretAccessKey"))
        .with_session_token(answer.element("SessionToken"));
    let caller = call(&sandbox, &session, IDENTITY).await;
    assert_eq!(caller.element("Arn"), "arn:aws:sts::123456789012:assumed-role/sandbox/pod");
    check(&send(post(&sandbox), body("a.b.c")).await, 400, "InvalidIdentityToken");
    clock.advance(HOUR);
    check(&send(post(&sandbox), body(&token)).await, 400, "ExpiredTokenException");
    let unsigned = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me\
                    &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox";
    check(&send(post(&sandbox), unsigned).await, 403, "MissingAuthenticationToken");
}

//! STS checks signatures and sessions, and speaks as AWS does.

use std::time::Duration;

use crate::common::{Answer, http, now, send, send_to, signed};
use http::Request;
use serde_json::json;
use tucuxi_core::{Credentials, parse_timestamp};
use tucuxi_sandbox::{Role, Sandbox};
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
        // Or whoever takes secrets out of messages would take this out.
        let mut pieces = sandbox.credentials().secret_access_key().as_bytes().windows(8);
        assert!(pieces.all(|piece| !answer.body.contains(str::from_utf8(piece).unwrap())), "{}", answer.body);
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
    let token = sandbox.web_identity_token(HOUR).unwrap();
    assert_eq!(token.split('.').count(), 3);
    let answer = send(post(&sandbox), body(&token)).await;
    assert_eq!((answer.status, answer.element("Audience")), (200, "sts.amazonaws.com"), "{}", answer.body);
    let session = Credentials::new(answer.element("AccessKeyId"), answer.element("SecretAccessKey"))
        .with_session_token(answer.element("SessionToken"));
    let caller = call(&sandbox, &session, IDENTITY).await;
    assert_eq!(caller.element("Arn"), "arn:aws:sts::123456789012:assumed-role/sandbox/pod");
    assert_eq!(answer.element("SubjectFromWebIdentityToken"), "system:serviceaccount:default:sandbox");
    assert_eq!(answer.element("Provider"), "https://oidc.sandbox.test");
    let claims =
        |audience: &str| json!({"iss": "https://oidc.sandbox.test", "sub": "s", "aud": audience, "exp": 1_767_229_200});
    let elsewhere = sandbox.sign_identity(&claims("elsewhere")).unwrap();
    let stranger = Sandbox::start().await.unwrap().sign_identity(&claims("sts.amazonaws.com")).unwrap();
    for token in ["a.b.c", &token[..token.len() - 4], &elsewhere, &stranger] {
        check(&send(post(&sandbox), body(token)).await, 400, "InvalidIdentityToken");
    }
    for token in ["", "abc", &"x".repeat(20_001)] {
        check(&send(post(&sandbox), body(token)).await, 400, "ValidationError");
    }
    clock.advance(HOUR);
    check(&send(post(&sandbox), body(&token)).await, 400, "ExpiredTokenException");
    let unsigned = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me\
                    &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsandbox";
    check(&send(post(&sandbox), unsigned).await, 403, "MissingAuthenticationToken");
}

#[tokio::test]
async fn a_saml_assertion_counts_for_its_role_until_it_ends() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).with_role(Role::new("other")).start().await.unwrap();
    let ask = async |role: &str, provider: &str, assertion: &str| {
        let assertion = tucuxi_core::encode::escape(assertion);
        let body = format!(
            "Action=AssumeRoleWithSAML&Version=2011-06-15&SAMLAssertion={assertion}\
             &RoleArn=arn:aws:iam::123456789012:role/{role}&PrincipalArn={provider}"
        );
        send(post(&sandbox), body).await
    };
    let (own, role) = (sandbox.saml_provider_arn(), sandbox.role_arn());
    let assertion = sandbox.saml_assertion(&role, HOUR);
    let answer = ask("sandbox", &own, &assertion).await;
    assert_eq!((answer.status, answer.element("Subject")), (200, "somebody"), "{}", answer.body);
    let session = Credentials::new(answer.element("AccessKeyId"), answer.element("SecretAccessKey"))
        .with_session_token(answer.element("SessionToken"));
    let caller = call(&sandbox, &session, IDENTITY).await;
    assert_eq!(caller.element("Arn"), "arn:aws:sts::123456789012:assumed-role/sandbox/somebody");
    check(&ask("other", &own, &assertion).await, 400, "InvalidIdentityToken");
    check(&ask("sandbox", &own.replace("/sandbox", "/other"), &assertion).await, 403, "AccessDenied");
    check(&ask("sandbox", &own, &assertion[..assertion.len() - 4]).await, 400, "InvalidIdentityToken");
    check(&ask("sandbox", &own, "abc").await, 400, "ValidationError");
    let nowhere = sandbox.saml_assertion("arn:aws:iam::123456789012:role/nowhere", HOUR);
    check(&ask("nowhere", &own, &nowhere).await, 403, "AccessDenied");
    clock.advance(HOUR);
    check(&ask("sandbox", &own, &assertion).await, 400, "ExpiredTokenException");
}

/// A body with these fields for a role of the sandbox's account.
fn asking(action: &str, role: &str, fields: &str) -> &'static str {
    let role = format!("&RoleSessionName=me&RoleArn=arn:aws:iam::123456789012:role/{role}{fields}");
    format!("Action={action}&Version=2011-06-15{role}").leak()
}

#[tokio::test]
async fn a_role_is_given_to_whom_it_trusts_and_on_its_conditions() {
    let sandbox = Sandbox::builder()
        .with_role(Role::new("ours").with_external_id("corp/7"))
        .with_role(Role::new("next").trusting("arn:aws:iam::123456789012:role/sandbox"))
        .with_role(Role::new("short").with_longest_session(HOUR))
        .start()
        .await
        .unwrap();
    let session = sandbox.session(HOUR);
    let (user, role) = (sandbox.credentials(), &session);
    for (caller, role, fields, refused) in [
        (user, "ours", "&ExternalId=corp/7", None),
        (user, "ours", "&ExternalId=corp/8", Some((403, "AccessDenied"))),
        (user, "ours", "", Some((403, "AccessDenied"))),
        (user, "ours", "&ExternalId=x", Some((400, "ValidationError"))),
        (user, "ours", "&ExternalId=a%20b", Some((400, "ValidationError"))),
        (user, "sandbox", "&ExternalId=any", None),
        (user, "next", "", Some((403, "AccessDenied"))),
        (role, "next", "", None),
        (user, "short", "&DurationSeconds=3600", None),
        (user, "short", "&DurationSeconds=3601", Some((400, "ValidationError"))),
    ] {
        let answer = call(&sandbox, caller, asking("AssumeRole", role, fields)).await;
        match refused {
            None => assert_eq!(answer.status, 200, "{role} {fields}: {}", answer.body),
            Some((status, code)) => check(&answer, status, code),
        }
    }
}

#[tokio::test]
async fn a_code_of_the_mfa_device_counts_once() {
    let clock = FakeClock::new();
    let roles = Sandbox::builder().with_role(Role::new("admin").with_mfa());
    let sandbox = roles.clock(clock.clone()).start().await.unwrap();
    let ask = async |serial: &str, code: &str| {
        let fields = format!("&SerialNumber={serial}&TokenCode={code}");
        call(&sandbox, sandbox.credentials(), asking("AssumeRole", "admin", &fields)).await
    };
    let (serial, code) = (sandbox.mfa_serial(), sandbox.mfa_code());
    check(&call(&sandbox, sandbox.credentials(), asking("AssumeRole", "admin", "")).await, 403, "AccessDenied");
    let lonely = asking("AssumeRole", "admin", "&TokenCode=123456");
    check(&call(&sandbox, sandbox.credentials(), lonely).await, 400, "ValidationError");
    check(&ask(serial, "12345").await, 400, "ValidationError");
    check(&ask(serial, "12345x").await, 400, "ValidationError");
    check(&ask("arn:aws:iam::123456789012:mfa/other", &code).await, 403, "AccessDenied");
    assert_eq!(ask(serial, &code).await.status, 200);
    let again = ask(serial, &code).await;
    check(&again, 403, "AccessDenied");
    assert!(again.element("Message").contains("MultiFactorAuthentication failed"), "{}", again.body);
    clock.advance(Duration::from_secs(30));
    assert_eq!(ask(serial, &sandbox.mfa_code()).await.status, 200);
    clock.advance(Duration::from_secs(300));
    check(&ask(serial, &code).await, 403, "AccessDenied");
}

#[tokio::test]
async fn a_user_gets_a_session_and_a_session_gets_none() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let body = "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900";
    let answer = call(&sandbox, sandbox.credentials(), body).await;
    let session = Credentials::new(answer.element("AccessKeyId"), answer.element("SecretAccessKey"))
        .with_session_token(answer.element("SessionToken"));
    let caller = call(&sandbox, &session, IDENTITY).await;
    assert_eq!(caller.element("Arn"), "arn:aws:iam::123456789012:user/sandbox", "{}", answer.body);
    check(&call(&sandbox, &session, body).await, 403, "AccessDenied");
    check(&call(&sandbox, &sandbox.session(HOUR), body).await, 403, "AccessDenied");
    for fields in ["&DurationSeconds=899", "&DurationSeconds=129601", "&SerialNumber=x&TokenCode=1"] {
        let body = format!("Action=GetSessionToken&Version=2011-06-15{fields}").leak();
        check(&call(&sandbox, sandbox.credentials(), body).await, 400, "ValidationError");
    }
    check(&send(post(&sandbox), body).await, 403, "MissingAuthenticationToken");
    clock.advance(Duration::from_secs(900));
    check(&call(&sandbox, &session, IDENTITY).await, 403, "ExpiredToken");
}

#[tokio::test]
async fn other_issuers_and_subjects_can_be_trusted() {
    let issuer = Sandbox::start().await.unwrap();
    let sandbox = Sandbox::builder()
        .with_role(Role::new("pod").with_subject("system:serviceaccount:app:api"))
        .with_identity_provider("https://issuer.example.com", "sandbox", issuer.jwks())
        .start()
        .await
        .unwrap();
    let ask = async |role: &str, subject: &str, audience: &str| {
        let claims =
            json!({"iss": "https://issuer.example.com", "sub": subject, "aud": audience, "exp": 4_102_444_800_u64});
        let fields = format!("&WebIdentityToken={}", issuer.sign_identity(&claims).unwrap());
        send(post(&sandbox), asking("AssumeRoleWithWebIdentity", role, &fields)).await
    };
    let subject = "system:serviceaccount:app:api";
    assert_eq!(ask("pod", subject, "sandbox").await.status, 200);
    check(&ask("pod", "system:serviceaccount:app:web", "sandbox").await, 403, "AccessDenied");
    check(&ask("pod", subject, "sts.amazonaws.com").await, 400, "InvalidIdentityToken");
    let odd = ask("sandbox", "<s>&", "sandbox").await;
    assert_eq!((odd.status, odd.element("SubjectFromWebIdentityToken")), (200, "&lt;s&gt;&amp;"));
    let broken = Sandbox::builder().with_identity_provider("https://i", "a", "no keys").start().await;
    assert_eq!(broken.unwrap_err().kind(), tucuxi_core::ErrorKind::InvalidConfig);
}

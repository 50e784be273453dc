//! Identities that code asks for: roles, tokens, assertions, temporary sessions, and none at all.
#![cfg(feature = "sts")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

#[cfg(feature = "sts-operations")]
use tucuxi::Verdict;
#[cfg(feature = "sts-operations")]
use tucuxi::sts::AssumeRoleWithSaml;
use tucuxi::sts::TokenSource;
use tucuxi::{Error, ErrorKind, Secret, Session, SessionBuilder};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const STS: &str = "https://sts.eu-west-1.amazonaws.com/";
const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
#[cfg(feature = "sts-operations")]
const MFA: &str = "arn:aws:iam::123456789012:mfa/me";
const FILE: &str = "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret";

fn answered(action: &str, body: &str, key: &str) -> Exchange {
    let answer = format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    );
    Exchange::post(STS).with_body(body).answers(200, answer)
}

fn load(http: &ScriptedHttp, code: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Result<Session, Error> {
    let variables = [("AWS_REGION", "eu-west-1"), ("AWS_ROLE_SESSION_NAME", "me")];
    let context = common::context(&variables, "", FILE).with_http(http.clone());
    block_on(code(Session::builder()).context(context).load())
}

/// Key id and provenance of what the session gives.
#[track_caller]
fn check(
    script: impl IntoIterator<Item = Exchange>,
    code: impl FnOnce(SessionBuilder) -> SessionBuilder,
    expected: (&str, &str),
) {
    let http = ScriptedHttp::new(script);
    let session = load(&http, code).unwrap();
    assert!(http.seen().is_empty(), "loading asks nobody");
    let credentials = block_on(session.credentials().provide_credentials()).unwrap();
    assert_eq!((credentials.access_key_id(), credentials.provenance().to_string().as_str()), expected);
    http.assert_done();
}

#[test]
fn a_role_is_taken_on_over_explicit_keys() {
    let role = || answered("AssumeRole", "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader", "ASIA");
    let keys = |builder: SessionBuilder| builder.access_key("AKID", "secret").role_arn(ROLE);
    check([role()], keys, ("ASIA", "explicit keys > assume-role reader"));
}

#[test]
#[cfg(feature = "default-chain")]
fn a_role_is_taken_on_over_whatever_the_chain_gives() {
    let role = answered("AssumeRole", "RoleArn=", "ASIA");
    let provenance = "shared-credentials-file /h/.aws/credentials:2 > assume-role reader";
    check([role], |builder| builder.role_arn(ROLE), ("ASIA", provenance));
}

#[test]
fn a_role_is_taken_on_with_a_token() {
    let token = || answered("AssumeRoleWithWebIdentity", "WebIdentityToken=eyJ", "ASIA");
    let callback = || TokenSource::from_fn(|| async { Ok(Secret::new("eyJ")) });
    check(
        [token()],
        |builder| builder.web_identity(ROLE, callback()),
        ("ASIA", "assume-role-with-web-identity reader"),
    );
    let second = answered("AssumeRole", "RoleArn=", "ASIATWO");
    let both = |builder: SessionBuilder| builder.web_identity(ROLE, callback()).role_arn(ROLE);
    check([token(), second], both, ("ASIATWO", "assume-role-with-web-identity reader > assume-role reader"));
}

#[test]
#[cfg(feature = "sts-operations")]
fn a_role_is_taken_on_with_an_assertion() {
    let assertion = answered("AssumeRoleWithSAML", "SAMLAssertion=PHNhbWw%2B", "ASIA");
    let role = AssumeRoleWithSaml::new(ROLE, "arn:aws:iam::123456789012:saml-provider/corp");
    let saml =
        |builder: SessionBuilder| builder.saml(role, TokenSource::from_fn(|| async { Ok(Secret::new("PHNhbWw+\n")) }));
    check([assertion], saml, ("ASIA", "assume-role-with-saml reader"));
}

#[test]
#[cfg(feature = "sts-operations")]
fn a_closure_gives_the_code_of_the_mfa_device() {
    let http = ScriptedHttp::new([
        answered("GetSessionToken", "MinimumSessionTokenSize=2048&SerialNumber=", "ASIASESSION"),
        answered("AssumeRole", "TokenCode=123456", "ASIAROLE"),
    ]);
    let ask = |serial: String| async move {
        assert_eq!(serial, MFA);
        Ok(Secret::new("123456"))
    };
    let session = load(&http, |builder| builder.access_key("AKID", "secret").mfa(ask)).unwrap();
    let temporary = session.session_token().minimum_session_token_size(2048).mfa_serial(MFA).session();
    let credentials = block_on(temporary.credentials().provide_credentials()).unwrap();
    assert_eq!(credentials.provenance().to_string(), "explicit keys > get-session-token");
    let role = session.assume_role(ROLE).mfa_serial(MFA).session();
    assert_eq!(block_on(role.credentials().provide_credentials()).unwrap().access_key_id(), "ASIAROLE");
    http.assert_done();
    let trace = block_on(role.trace_offline());
    assert_eq!(
        trace.verdicts().map(|(attempt, verdict)| (attempt.id().to_owned(), verdict)).collect::<Vec<_>>(),
        [("assume-role".to_owned(), Verdict::NotAsked)]
    );
    assert!(trace.to_string().contains("would ask sts.eu-west-1.amazonaws.com"), "{trace}");
}

#[test]
fn a_session_without_an_identity_has_no_credentials() {
    let session = load(&ScriptedHttp::new([]), SessionBuilder::anonymous).unwrap();
    assert!(session.is_anonymous());
    let error = block_on(session.credentials().provide_credentials()).unwrap_err();
    assert!(error.is_not_configured());
    assert_eq!(error.attempts()[0].to_string(), "anonymous: the session was told in code to sign nothing");
}

#[test]
#[cfg(feature = "s3")]
fn a_session_without_an_identity_reads_public_buckets() {
    let http = ScriptedHttp::new([Exchange::new("HEAD", "https://bucket.s3.eu-west-1.amazonaws.com/key")
        .without("authorization")
        .answers(200, "")]);
    let session = load(&http, SessionBuilder::anonymous).unwrap();
    block_on(session.s3().head_object("bucket", "key").into_future()).unwrap();
    http.assert_done();
}

#[test]
fn two_identities_exclude_each_other() {
    let check = |code: fn(SessionBuilder) -> SessionBuilder, expected: &str| {
        let error = load(&ScriptedHttp::new([]), code).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidConfig, expected));
    };
    check(|b| b.access_key("A", "s").anonymous(), "access_key and anonymous were both given in code");
    check(|b| b.anonymous().role_arn(ROLE), "anonymous and role_arn were both given in code");
    check(|b| b.web_identity(ROLE, "/t").anonymous(), "web_identity and anonymous were both given in code");
}

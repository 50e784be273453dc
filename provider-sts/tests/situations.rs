//! The operations behind two sources that are asked for in code, each in every situation: a role by a SAML assertion, and
//! a session of one's own.
#![cfg(feature = "operations")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tucuxi_core::{Credentials, Error, ErrorKind, HttpErrorKind, Secret};
use tucuxi_provider_sts::{AssumeRoleWithSaml, SessionToken, Sts, StsSettings};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, context};

const URL: &str = "https://sts.eu-west-1.amazonaws.com/";
const HOST: &str = "sts.eu-west-1.amazonaws.com";
const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
const IDP: &str = "arn:aws:iam::123456789012:saml-provider/corp";

#[derive(Clone, Copy, Debug)]
enum Operation {
    Saml,
    SessionToken,
}

use Operation::{Saml, SessionToken as OwnSession};

impl Operation {
    fn action(self) -> &'static str {
        match self {
            Saml => "AssumeRoleWithSAML",
            OwnSession => "GetSessionToken",
        }
    }

    /// Asks with what may not be shown: the assertion, or the code of the MFA device.
    fn ask(self, sts: &Sts, secret: &str) -> Result<Credentials, Error> {
        let keys = Credentials::new("AKIDEXAMPLE", "secretsecretsecret");
        match self {
            Saml => block_on(sts.assume_role_with_saml(&AssumeRoleWithSaml::new(ROLE, IDP), &Secret::from(secret))),
            OwnSession => block_on(sts.session_token(&SessionToken::new().mfa("serial", secret), &keys)),
        }
    }

    fn answer(self) -> String {
        let action = self.action();
        format!(
            "<{action}Response><{action}Result><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
             <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
        )
    }
}

fn refusal(code: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
}

/// Every answer is used, and no more is asked; the secret is shown nowhere.
#[track_caller]
fn check(operation: Operation, answers: impl IntoIterator<Item = Exchange>, expected: Result<&str, (ErrorKind, &str)>) {
    let http = ScriptedHttp::new(answers);
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let world = context().with_http(http.clone()).with_clock(clock);
    let sts = Sts::new(&world, StsSettings::in_region("eu-west-1".parse().unwrap()));
    let secret = Canary::new("proof");
    let answer = operation.ask(&sts, secret.value());
    http.assert_done();
    match (answer, expected) {
        (Ok(found), Ok(source)) => assert_eq!(found.provenance().last().unwrap().to_string(), source),
        (Err(error), Err((kind, says))) => {
            assert_eq!(error.kind(), kind, "{operation:?}: {error}");
            assert!(error.report().contains(says), "{operation:?}: {}", error.report());
            assert_no_leak(&[secret], "the error", &format!("{error:?} {}", error.report()));
        }
        (answer, _) => panic!("{operation:?}: {answer:?}, expected {expected:?}"),
    }
}

fn post() -> Exchange {
    Exchange::post(URL)
}

#[test]
fn success() {
    check(Saml, [post().answers(200, Saml.answer())], Ok("assume-role-with-saml reader"));
    check(OwnSession, [post().answers(200, OwnSession.answer())], Ok("get-session-token"));
}

#[test]
fn misconfiguration() {
    let world = context().with_http(ScriptedHttp::new([]));
    let sts = Sts::new(&world, StsSettings::in_region("eu-west-1".parse().unwrap()));
    let assertion = Secret::from("PHNhbWw+");
    let incomplete = [
        Saml.ask(&sts, " "),
        OwnSession.ask(&sts, ""),
        block_on(sts.assume_role_with_saml(&AssumeRoleWithSaml::new(" ", IDP), &assertion)),
        block_on(sts.assume_role_with_saml(&AssumeRoleWithSaml::new(ROLE, ""), &assertion)),
        block_on(sts.session_token(&SessionToken::new().mfa(" ", "123456"), &Credentials::new("AKID", "s"))),
    ];
    for answer in incomplete {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
        assert!(error.report().contains("try: "), "{}", error.report());
    }
    for operation in [Saml, OwnSession] {
        let refused = post().answers(400, refusal("ValidationError"));
        check(operation, [refused], Err((ErrorKind::InvalidConfig, "ValidationError")));
    }
}

#[test]
fn denial() {
    for code in ["InvalidIdentityToken", "ExpiredTokenException", "IDPRejectedClaim", "AccessDenied"] {
        check(Saml, [post().answers(403, refusal(code))], Err((ErrorKind::Denied, code)));
    }
    for code in ["AccessDenied", "InvalidClientTokenId", "ExpiredToken"] {
        check(OwnSession, [post().answers(403, refusal(code))], Err((ErrorKind::Denied, code)));
    }
}

#[test]
fn outage() {
    for operation in [Saml, OwnSession] {
        let down = || post().answers(503, refusal("ServiceUnavailable"));
        check(operation, [down(), down(), down()], Err((ErrorKind::Unavailable, HOST)));
        let dead = || post().fails(HttpErrorKind::Connect);
        check(operation, [dead(), dead(), dead()], Err((ErrorKind::Unavailable, HOST)));
        check(operation, [post().answers(200, "<html>")], Err((ErrorKind::Unavailable, HOST)));
        let back = post().answers(200, operation.answer());
        let name = if matches!(operation, Saml) { "assume-role-with-saml reader" } else { "get-session-token" };
        check(operation, [down(), back], Ok(name));
    }
}

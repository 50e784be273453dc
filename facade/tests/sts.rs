//! The Security Token Service of a session, and sessions of roles.
#![cfg(feature = "sts")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::time::Duration;

use async_trait::async_trait;
use tucuxi::sts::MfaPrompt;
use tucuxi::{Error, ErrorKind, RoleBuilder, Secret, Session};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const ROLE: &str = "arn:aws:iam::123456789012:role/reader";

fn assumed(key: &str) -> String {
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

fn session(http: &ScriptedHttp, variables: &[(&str, &str)]) -> Session {
    let context = common::context(variables, "", "").with_http(http.clone());
    block_on(Session::builder().context(context).access_key("AKID", "secret").mfa_prompt(Code).load()).unwrap()
}

#[derive(Debug)]
struct Code;

#[async_trait]
impl MfaPrompt for Code {
    async fn code(&self, _: &str) -> Result<Secret, Error> {
        Ok(Secret::new("123456"))
    }
}

#[test]
fn the_service_says_who_a_session_is() {
    let answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>\
        <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let check = |variables: &[(&str, &str)], url: &str| {
        let http = ScriptedHttp::new([Exchange::post(url).answers(200, answer)]);
        let identity = block_on(session(&http, variables).caller_identity()).unwrap();
        assert_eq!(identity.account(), "123456789012");
        http.assert_done();
    };
    let region = ("AWS_REGION", "eu-west-1");
    check(&[], "https://sts.amazonaws.com/");
    check(&[region], "https://sts.eu-west-1.amazonaws.com/");
    check(&[region, ("AWS_STS_REGIONAL_ENDPOINTS", "legacy")], "https://sts.amazonaws.com/");
    check(&[region, ("AWS_USE_FIPS_ENDPOINT", "true")], "https://sts-fips.eu-west-1.amazonaws.com/");
    check(&[region, ("AWS_USE_DUALSTACK_ENDPOINT", "true")], "https://sts.eu-west-1.api.aws/");
    check(&[region, ("AWS_ENDPOINT_URL_STS", "http://sts:1")], "http://sts:1/");
}

#[test]
fn a_session_of_a_role_has_its_own_credentials_and_the_same_settings() {
    let http = ScriptedHttp::new([
        Exchange::post("https://sts.eu-west-1.amazonaws.com/")
            .with_body("ExternalId=x")
            .answers(200, assumed("ASIAONE")),
        Exchange::post("https://sts.eu-west-1.amazonaws.com/")
            .with_body("TokenCode=123456")
            .answers(200, assumed("ASIATWO")),
    ]);
    let session = session(&http, &[("AWS_REGION", "eu-west-1")]);
    let one = session.assume_role(ROLE).external_id("x").session_name("me").session();
    let two = one.assume_role(ROLE).mfa_serial("arn:aws:iam::123456789012:mfa/me").session();
    assert!(http.seen().is_empty());
    let credentials = block_on(two.credentials().provide_credentials()).unwrap();
    assert_eq!(credentials.access_key_id(), "ASIATWO");
    assert_eq!(credentials.provenance().to_string(), "explicit keys > assume-role reader > assume-role reader");
    assert_eq!(block_on(one.credentials().provide_credentials()).unwrap().access_key_id(), "ASIAONE");
    assert_eq!(two.region(), session.region());
    http.assert_done();
}

#[test]
fn every_parameter_of_a_role_is_sent() {
    let check = |build: fn(RoleBuilder) -> RoleBuilder, sent: &str| {
        let http = ScriptedHttp::new([Exchange::post("https://sts.eu-west-1.amazonaws.com/")
            .with_body(sent)
            .answers(200, assumed("ASIAONE"))]);
        let session = session(&http, &[("AWS_REGION", "eu-west-1")]);
        let role = build(session.assume_role(ROLE)).session();
        block_on(role.credentials().provide_credentials()).unwrap();
        http.assert_done();
    };
    check(|role| role.session_name("me"), "RoleSessionName=me");
    check(|role| role.duration(Duration::from_secs(900)), "DurationSeconds=900");
    check(|role| role.minimum_session_token_size(2048), "MinimumSessionTokenSize=2048");
    check(|role| role.external_id("x"), "ExternalId=x");
    check(|role| role.mfa_serial("m"), "SerialNumber=m&TokenCode=123456");
    check(|role| role.source_identity("who"), "SourceIdentity=who");
    check(|role| role.policy("{}"), "Policy=%7B%7D");
    check(|role| role.policy_arn("a").policy_arn("b"), "PolicyArns.member.1.arn=a&PolicyArns.member.2.arn=b");
    check(|role| role.tag("k", "v"), "Tags.member.1.Key=k&Tags.member.1.Value=v");
    check(|role| role.transitive_tag_key("k"), "TransitiveTagKeys.member.1=k");
    check(
        |role| role.provided_context("arn:p", "text"),
        "ProvidedContexts.member.1.ProviderArn=arn%3Ap&ProvidedContexts.member.1.ContextAssertion=text",
    );
}

#[test]
fn what_cannot_be_used_is_the_error_of_whoever_needs_it() {
    let http = ScriptedHttp::new([]);
    let session = session(&http, &[("AWS_ENDPOINT_URL_STS", "nonsense")]);
    let error = session.sts().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().starts_with("AWS_ENDPOINT_URL_STS: "), "{error}");
    let role = session.assume_role(ROLE).session();
    let error = block_on(role.credentials().provide_credentials()).unwrap_err();
    assert!(error.to_string().contains("AWS_ENDPOINT_URL_STS: "), "{error}");
}

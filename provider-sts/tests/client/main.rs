//! Every operation over a scripted service: what is sent, what is read, what is tried again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "operations")]
mod operations;
mod trouble;

use std::time::Duration;

use tucuxi_core::retry::RetryPolicy;
use tucuxi_core::{Context, Credentials, Error, ErrorKind, HttpErrorKind, Secret, Source, format_rfc3339};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleWithWebIdentity, Sts, StsSettings};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on, context};

const URL: &str = "https://sts.eu-west-1.amazonaws.com/";
const ROLE: &str = "arn:aws:iam::123456789012:role/team/reader";

fn keys() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret").with_source(Source::Profile("dev".into()))
}

fn settings() -> StsSettings {
    StsSettings::in_region("eu-west-1".parse().unwrap())
}

fn sts(http: &ScriptedHttp) -> Sts {
    Sts::new(&world(http), settings())
}

fn world(http: &ScriptedHttp) -> Context {
    context().with_http(http.clone()).with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
}

fn result(action: &str, inside: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{inside}\
         </{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    )
}

fn session(action: &str, user: &str) -> String {
    result(
        action,
        &format!(
            "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey>\
             <SessionToken>to/ken==</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials>{user}"
        ),
    )
}

fn refusal(code: &str, message: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>")
}

/// One exchange whose body must be exactly this.
#[track_caller]
fn check_sent<T>(call: impl AsyncFnOnce(Sts) -> Result<T, Error>, answer: String, signed: bool, body: &str) -> T {
    let http = ScriptedHttp::new([Exchange::post(URL).answers(200, answer)]);
    let output = block_on(call(sts(&http))).unwrap();
    http.assert_done();
    let seen = &http.seen()[0];
    assert_eq!(std::str::from_utf8(&seen.body).unwrap(), body);
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded; charset=utf-8"));
    assert_eq!(seen.options.body_limit, 64 * 1024);
    assert_eq!((seen.options.connect, seen.options.first_byte), (Duration::from_millis(3100), Duration::from_secs(30)));
    // A server that sends a byte now and then keeps all the other limits.
    assert_eq!(seen.options.whole, Some(Duration::from_millis(63_100)));
    match signed {
        true => assert_eq!(
            seen.header("authorization").unwrap().split(", Signature=").next().unwrap(),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/sts/aws4_request, \
             SignedHeaders=accept;content-type;host;x-amz-date"
        ),
        false => assert_eq!(seen.header("authorization"), None),
    }
    output
}

#[track_caller]
fn check_session(found: &Credentials, account: Option<&str>, provenance: &str) {
    assert_eq!(found.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(found.secret_access_key(), "a&b");
    assert_eq!(found.session_token(), Some("to/ken=="));
    assert_eq!(found.expires_at().map(format_rfc3339).as_deref(), Some("2026-01-01T01:00:00Z"));
    assert_eq!((found.account_id(), found.provenance().to_string().as_str()), (account, provenance));
}

const ASSUMED: &str = "<AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>\
                       <Arn>arn:aws:sts::123456789012:assumed-role/reader/me</Arn></AssumedRoleUser>";

#[test]
fn caller_identity() {
    let inside = "<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account>";
    let found = check_sent(
        async |sts: Sts| sts.caller_identity(&keys()).await,
        result("GetCallerIdentity", inside),
        true,
        "Action=GetCallerIdentity&Version=2011-06-15",
    );
    assert_eq!(
        (found.arn(), found.user_id(), found.account()),
        ("arn:aws:iam::123456789012:user/me", "AIDA", "123456789012")
    );
}

#[test]
fn assume_role_with_everything() {
    let role = AssumeRole::new(ROLE)
        .session_name("me")
        .duration(Duration::from_secs(900))
        .external_id("x/1")
        .mfa_serial("arn:aws:iam::1:mfa/me")
        .token_code("123456")
        .source_identity("alice")
        .policy("{}")
        .policy_arn("p1")
        .policy_arn("p2")
        .tag("team", "a b")
        .transitive_tag_key("team")
        .provided_context("arn:p", "assertion");
    let found = check_sent(
        async |sts: Sts| sts.assume_role(&role, &keys()).await,
        session("AssumeRole", ASSUMED),
        true,
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Freader\
         &RoleSessionName=me&DurationSeconds=900&ExternalId=x%2F1&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme\
         &TokenCode=123456&SourceIdentity=alice&Policy=%7B%7D&PolicyArns.member.1.arn=p1&PolicyArns.member.2.arn=p2\
         &Tags.member.1.Key=team&Tags.member.1.Value=a%20b&TransitiveTagKeys.member.1=team\
         &ProvidedContexts.member.1.ProviderArn=arn%3Ap&ProvidedContexts.member.1.ContextAssertion=assertion",
    );
    check_session(&found, Some("123456789012"), "profile dev > assume-role reader");
}

#[test]
fn a_role_by_token_is_not_signed() {
    let role = AssumeRoleWithWebIdentity::new("R")
        .session_name("me")
        .provider_id("www.example.com")
        .policy("{}")
        .policy_arn("p")
        .duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.assume_role_with_web_identity(&role, &Secret::from("t.o.k")).await,
        session("AssumeRoleWithWebIdentity", ASSUMED),
        false,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=R&RoleSessionName=me&WebIdentityToken=t.o.k\
         &ProviderId=www.example.com&Policy=%7B%7D&PolicyArns.member.1.arn=p&DurationSeconds=900",
    );
    check_session(&found, Some("123456789012"), "assume-role-with-web-identity R");
}

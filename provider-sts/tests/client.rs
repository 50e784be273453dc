//! Every operation over a scripted service: what is sent, what is read, what is tried again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use tucuxi_core::retry::RetryPolicy;
use tucuxi_core::{Context, Credentials, Error, ErrorKind, HttpErrorKind, Secret, Source, format_rfc3339};
use tucuxi_provider_sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, FederationToken, SessionToken, Sts,
    StsSettings,
};
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
fn roles_by_token_and_by_assertion_are_not_signed() {
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

    let role = AssumeRoleWithSaml::new("R", "P").policy("{}").policy_arn("p").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.assume_role_with_saml(&role, &Secret::from("PHNhbWw+")).await,
        session("AssumeRoleWithSAML", ASSUMED),
        false,
        "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=R&PrincipalArn=P&SAMLAssertion=PHNhbWw%2B\
         &Policy=%7B%7D&PolicyArns.member.1.arn=p&DurationSeconds=900",
    );
    check_session(&found, Some("123456789012"), "assume-role-with-saml R");
}

#[test]
fn sessions_of_ones_own_and_for_others() {
    let asked = SessionToken::new().duration(Duration::from_secs(900)).mfa("serial", "123456");
    let found = check_sent(
        async |sts: Sts| sts.session_token(&asked, &keys().with_account_id("123456789012")).await,
        session("GetSessionToken", ""),
        true,
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900&SerialNumber=serial&TokenCode=123456",
    );
    check_session(&found, Some("123456789012"), "profile dev > get-session-token");

    let user = "<FederatedUser><Arn>arn:aws:sts::123456789012:federated-user/bob</Arn></FederatedUser>";
    let asked =
        FederationToken::new("bob").policy("{}").policy_arn("p").tag("k", "v").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.federation_token(&asked, &keys()).await,
        session("GetFederationToken", user),
        true,
        "Action=GetFederationToken&Version=2011-06-15&Name=bob&DurationSeconds=900&Policy=%7B%7D\
         &PolicyArns.member.1.arn=p&Tags.member.1.Key=k&Tags.member.1.Value=v",
    );
    check_session(&found, Some("123456789012"), "profile dev > get-federation-token");

    let asked = AssumeRoot::new("210987654321", "p").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.assume_root(&asked, &keys()).await,
        session("AssumeRoot", "<SourceIdentity>alice</SourceIdentity>"),
        true,
        "Action=AssumeRoot&Version=2011-06-15&TargetPrincipal=210987654321&TaskPolicyArn.arn=p&DurationSeconds=900",
    );
    check_session(&found, Some("210987654321"), "profile dev > assume-root");
}

#[test]
fn questions_for_a_doctor() {
    let account = check_sent(
        async |sts: Sts| sts.account_of_key("AKIAOTHER", &keys()).await,
        result("GetAccessKeyInfo", "<Account>123456789012</Account>"),
        true,
        "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAOTHER",
    );
    assert_eq!(account, "123456789012");
    let message = check_sent(
        async |sts: Sts| sts.decode_authorization_message("abc", &keys()).await,
        result("DecodeAuthorizationMessage", "<DecodedMessage>{&quot;allowed&quot;:false}</DecodedMessage>"),
        true,
        "Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage=abc",
    );
    assert_eq!(message, "{\"allowed\":false}");
}

fn whoami(http: &ScriptedHttp, settings: StsSettings) -> (Result<String, Error>, Vec<Duration>) {
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let sts = Sts::new(&context().with_http(http.clone()).with_clock(clock.clone()), settings);
    let answer = block_on(sts.caller_identity(&keys()));
    (answer.map(|identity| identity.account().to_owned()), clock.slept())
}

fn fine() -> Exchange {
    let inside = "<Arn>a</Arn><UserId>u</UserId><Account>123456789012</Account>";
    Exchange::post(URL).answers(200, result("GetCallerIdentity", inside))
}

#[test]
fn what_passes_is_tried_again_and_signed_again() {
    for failing in [
        Exchange::post(URL).answers(500, ""),
        Exchange::post(URL).answers(503, refusal("ServiceUnavailable", "later")),
        Exchange::post(URL).answers(400, refusal("Throttling", "slower")),
        Exchange::post(URL).answers(400, refusal("IDPCommunicationError", "no answer")),
        Exchange::post(URL).fails(HttpErrorKind::Connect),
        Exchange::post(URL).fails(HttpErrorKind::Timeout),
        Exchange::post(URL).fails(HttpErrorKind::Closed),
    ] {
        let slow = failing.clone().answer_header("x-amz-retry-after", "2000");
        let http = ScriptedHttp::new([failing.clone(), slow, fine()]);
        let (answer, slept) = whoami(&http, settings());
        assert_eq!(answer.unwrap(), "123456789012", "{failing:?}");
        http.assert_done();
        assert_eq!(slept.len(), 2);
        let dates: Vec<_> = http.seen().iter().map(|seen| seen.header("x-amz-date").unwrap().to_owned()).collect();
        assert_eq!(dates[0], "20260101T000000Z");
        if slept[0] + slept[1] >= Duration::from_secs(1) {
            assert_ne!(dates[0], dates[2], "{slept:?}");
        }
    }
}

#[test]
fn the_service_may_ask_for_a_delay() {
    let slow = Exchange::post(URL).answers(503, "").answer_header("x-amz-retry-after", "2000");
    let (answer, slept) = whoami(&ScriptedHttp::new([slow, fine()]), settings());
    assert_eq!((answer.unwrap().as_str(), slept.as_slice()), ("123456789012", &[Duration::from_secs(2)][..]));
}

#[test]
fn retries_end() {
    let down = || Exchange::post(URL).answers(503, "");
    let http = ScriptedHttp::new([down(), down(), down()]);
    let error = whoami(&http, settings()).0.unwrap_err();
    http.assert_done();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.to_string(), "sts.eu-west-1.amazonaws.com answered GetCallerIdentity with status 503");
    let http = ScriptedHttp::new([down()]);
    whoami(&http, settings().with_retry(RetryPolicy::with_max_attempts(1))).0.unwrap_err();
    http.assert_done();
}

#[track_caller]
fn check_failure(exchange: Exchange, kind: ErrorKind, code: Option<&str>, says: &str) {
    let http = ScriptedHttp::new([exchange]);
    let error = whoami(&http, settings()).0.unwrap_err();
    http.assert_done();
    assert_eq!((error.kind(), error.code()), (kind, code), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn what_does_not_pass_is_asked_once() {
    let post = || Exchange::post(URL);
    let host = "sts.eu-west-1.amazonaws.com";
    check_failure(post().answers(403, refusal("AccessDenied", "no")), ErrorKind::Denied, Some("AccessDenied"), host);
    check_failure(
        post().answers(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
        ErrorKind::Denied,
        Some("SignatureDoesNotMatch"),
        host,
    );
    check_failure(
        post().answers(400, refusal("ValidationError", "bad")),
        ErrorKind::InvalidConfig,
        Some("ValidationError"),
        "bad",
    );
    check_failure(post().answers(302, ""), ErrorKind::Unavailable, None, "302");
    check_failure(post().answers(200, "<html>"), ErrorKind::Unavailable, None, host);
    check_failure(post().answers(200, result("GetCallerIdentity", "")), ErrorKind::Unavailable, None, "has no Account");
    check_failure(
        post().answers(200, result("Other", "<Account>1</Account>")),
        ErrorKind::Unavailable,
        None,
        "no Account",
    );
    check_failure(post().answers(200, vec![b' '; 70_000]), ErrorKind::Unavailable, None, "larger than 65536");
    check_failure(post().fails(HttpErrorKind::Tls), ErrorKind::Unavailable, None, "");
}

#[test]
fn an_offline_context_is_respected() {
    let sts = Sts::new(&context().offline(), settings());
    let error = block_on(sts.caller_identity(&keys())).unwrap_err();
    assert!(error.is_offline() && error.to_string().contains("sts.eu-west-1.amazonaws.com"), "{error:?}");
}

#[test]
fn what_is_incomplete_is_not_sent() {
    let http = ScriptedHttp::new([]);
    let sts = sts(&http);
    let named = || AssumeRole::new(ROLE).session_name("me");
    for role in [
        AssumeRole::new(" ").session_name("me"),
        AssumeRole::new(ROLE),
        named().mfa_serial("serial"),
        named().token_code("123456"),
    ] {
        let error = block_on(sts.assume_role(&role, &keys())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
        assert!(!error.to_string().contains("123456 "), "{error}");
    }
    let long = AssumeRoot::new("1", "p").duration(Duration::from_secs(901));
    assert_eq!(block_on(sts.assume_root(&long, &keys())).unwrap_err().kind(), ErrorKind::InvalidConfig);
    for global in [StsSettings::default(), settings().with_global_endpoint(true)] {
        let sts = Sts::new(&world(&http), global);
        let error = block_on(sts.assume_root(&AssumeRoot::new("1", "p"), &keys())).unwrap_err();
        assert!(error.to_string().contains("regional"), "{error}");
    }
    http.assert_done();
}

#[test]
fn a_service_that_repeats_secrets_does_not_make_them_visible() {
    let [secret, token, code] = ["secret", "token", "code"].map(Canary::new);
    let canaries = [secret.clone(), token.clone(), code.clone()];
    for leaked in &canaries {
        let said = refusal("AccessDenied", &format!("you sent {}", leaked.value()));
        let http = ScriptedHttp::new([Exchange::post(URL).answers(403, said)]);
        let keys = Credentials::new("AKID", secret.value()).with_session_token(token.value());
        let role = AssumeRole::new(ROLE).session_name("me").mfa_serial("s").token_code(code.value());
        let error = block_on(sts(&http).assume_role(&role, &keys)).unwrap_err();
        assert_eq!(error.code(), Some("AccessDenied"));
        assert_no_leak(&canaries, "the error", &format!("{error:?} {} {role:?}", error.report()));
    }
}

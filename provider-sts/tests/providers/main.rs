//! Roles as sources of credentials.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "operations")]
mod operations;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tucuxi_core::{
    Context, Credentials, Env, Error, ErrorKind, Fs, ProvideCredentials, Secret, SharedProvider, from_fn,
};
use tucuxi_provider_sts::{
    AssumeRole, AssumeRoleProvider, AssumeRoleWithWebIdentity, MfaPrompt, Sts, StsSettings, TokenSource,
    WebIdentityProvider,
};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, block_on, context, contract};

const URL: &str = "https://sts.amazonaws.com/";
const ROLE: &str = "arn:aws:iam::123456789012:role/pod";

fn session(action: &str, secret: &str) -> String {
    format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
         <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{secret}</SessionToken>\
         <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    )
}

fn world(exchanges: impl IntoIterator<Item = Exchange>) -> (Context, ScriptedHttp) {
    let http = ScriptedHttp::new(exchanges);
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let context = context().with_http(http.clone()).with_clock(clock).with_env(Env::fake([("USER", "alice")]));
    (context, http)
}

fn role_provider(context: &Context, role: AssumeRole, source: SharedProvider) -> AssumeRoleProvider {
    AssumeRoleProvider::new(context, Sts::new(context, StsSettings::default()), role, source)
}

fn keys() -> SharedProvider {
    Arc::new(Credentials::new("AKIDEXAMPLE", "secret"))
}

#[test]
fn a_session_without_a_name_says_who_acts() {
    for (role, name) in [
        (AssumeRole::new(ROLE), "RoleSessionName=tucuxi-alice-1767225600"),
        (AssumeRole::new(ROLE).session_name("named"), "RoleSessionName=named"),
    ] {
        let answered = Exchange::post(URL).with_body(name).answers(200, session("AssumeRole", "s"));
        let (context, http) = world([answered]);
        let found = block_on(role_provider(&context, role, keys()).provide_credentials()).unwrap();
        http.assert_done();
        assert_eq!(found.provenance().to_string(), "explicit keys > assume-role pod");
    }
}

#[test]
fn roles_follow_roles() {
    let answered = |key: &str| {
        Exchange::post(URL).with_body(format!("RoleSessionName={key}")).answers(200, session("AssumeRole", key))
    };
    let (context, http) = world([answered("one"), answered("two")]);
    let first = role_provider(&context, AssumeRole::new("arn:aws:iam::1:role/a").session_name("one"), keys());
    let second = role_provider(&context, AssumeRole::new(ROLE).session_name("two"), Arc::new(first));
    let found = block_on(second.provide_credentials()).unwrap();
    http.assert_done();
    assert_eq!(found.provenance().to_string(), "explicit keys > assume-role a > assume-role pod");
    assert_eq!(http.seen()[1].header("x-amz-security-token"), Some("one"));
}

#[test]
fn a_source_that_is_not_configured_is_a_mistake_here() {
    for (error, kind) in [
        (Error::not_configured("nothing"), ErrorKind::InvalidConfig),
        (Error::denied("no"), ErrorKind::Denied),
        (Error::unavailable("later"), ErrorKind::Unavailable),
    ] {
        let source = from_fn("source", move || {
            let error = error.clone();
            async move { Err(error) }
        });
        let (context, http) = world([]);
        let provider = role_provider(&context, AssumeRole::new(ROLE), Arc::new(source));
        assert_eq!(block_on(provider.provide_credentials()).unwrap_err().kind(), kind);
        http.assert_done();
    }
}

#[derive(Debug)]
struct Prompt(Result<&'static str, Error>);

#[async_trait]
impl MfaPrompt for Prompt {
    async fn code(&self, serial: &str) -> Result<Secret, Error> {
        assert_eq!(serial, "arn:aws:iam::1:mfa/me");
        self.0.clone().map(Secret::from)
    }
}

#[test]
fn the_mfa_code_is_asked_for_at_each_fetch() {
    let role = || AssumeRole::new(ROLE).mfa_serial("arn:aws:iam::1:mfa/me");
    let answered = || Exchange::post(URL).with_body("TokenCode=123456").answers(200, session("AssumeRole", "s"));
    let (context, http) = world([answered(), answered()]);
    let provider = role_provider(&context, role(), keys()).with_mfa(Arc::new(Prompt(Ok("123456"))));
    block_on(provider.provide_credentials()).unwrap();
    block_on(provider.provide_credentials()).unwrap();
    http.assert_done();

    let (context, http) = world([]);
    let nobody = role_provider(&context, role(), keys());
    assert_eq!(block_on(nobody.provide_credentials()).unwrap_err().kind(), ErrorKind::Denied);
    let silent = role_provider(&context, role(), keys()).with_mfa(Arc::new(Prompt(Err(Error::denied("no code")))));
    assert_eq!(block_on(silent.provide_credentials()).unwrap_err().to_string(), "no code");
    http.assert_done();
}

/// A source that takes its time.
#[derive(Debug)]
struct Slow(u64);

#[async_trait]
impl ProvideCredentials for Slow {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        Ok(Credentials::new("AKID", "s"))
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(self.0)
    }
}

#[test]
fn a_cache_waits_for_the_slowest_step_and_for_a_person() {
    let (context, _) = world([]);
    let limit = |role: AssumeRole, source| role_provider(&context, role, Arc::new(Slow(source))).time_limit().as_secs();
    assert_eq!(limit(AssumeRole::new(ROLE), 5), 30);
    assert_eq!(limit(AssumeRole::new(ROLE), 62), 62);
    assert_eq!(limit(AssumeRole::new(ROLE).mfa_serial("arn:aws:iam::1:mfa/me"), 62), 122);
}

fn with_variables(context: Context, variables: &[(&str, &str)]) -> Context {
    context.with_env(Env::fake(variables.iter().copied()))
}

fn from_env(context: &Context) -> WebIdentityProvider {
    WebIdentityProvider::from_env(context, Sts::new(context, StsSettings::default()))
}

#[test]
fn the_token_file_is_read_again_at_each_fetch() {
    let answered = |token: &str| {
        Exchange::post(URL)
            .without("authorization")
            .with_body(format!("&WebIdentityToken={token}"))
            .with_body("&RoleSessionName=pod-1")
            .answers(200, session("AssumeRoleWithWebIdentity", "s"))
    };
    let (context, http) = world([answered("first"), answered("second")]);
    let files = Fs::fake([("/token", "first\n")]);
    let context = context.with_fs(files.clone());
    let role = AssumeRoleWithWebIdentity::new(ROLE).session_name("pod-1");
    let provider = WebIdentityProvider::new(&context, Sts::new(&context, StsSettings::default()), role, "/token");
    let found = block_on(provider.provide_credentials()).unwrap();
    assert_eq!(found.provenance().to_string(), "assume-role-with-web-identity pod");
    files.set("/token", " second ", SystemTime::UNIX_EPOCH);
    block_on(provider.provide_credentials()).unwrap();
    http.assert_done();
}

#[cfg(unix)]
#[test]
fn whoever_cannot_be_named_spends_no_token() {
    use std::os::unix::ffi::OsStringExt;

    let (context, http) = world([]);
    let context = context.with_env(Env::fake([("USER", std::ffi::OsString::from_vec(vec![0xff]))]));
    let token = TokenSource::from_fn(|| async { panic!("the token was asked for") });
    let role = AssumeRoleWithWebIdentity::new(ROLE);
    let provider = WebIdentityProvider::new(&context, Sts::new(&context, StsSettings::default()), role, token);
    let error = block_on(provider.provide_credentials()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("USER is not UTF-8"), "{error}");
    http.assert_done();
}

#[track_caller]
fn check_env(variables: &[(&str, &str)], files: &[(&str, &str)], kind: ErrorKind, says: &str) {
    let (context, http) = world([]);
    let context = with_variables(context, variables).with_fs(Fs::fake(files.iter().copied()));
    let error = block_on(from_env(&context).provide_credentials()).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    http.assert_done();
}

#[test]
fn variables_and_files_that_do_not_suffice() {
    let file = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    let role = ("AWS_ROLE_ARN", ROLE);
    check_env(&[], &[], ErrorKind::NotConfigured, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    check_env(&[role], &[], ErrorKind::NotConfigured, "AWS_WEB_IDENTITY_TOKEN_FILE");
    check_env(&[role, (file.0, " ")], &[], ErrorKind::NotConfigured, "AWS_WEB_IDENTITY_TOKEN_FILE is blank, which");
    check_env(&[file], &[("/token", "t")], ErrorKind::InvalidConfig, "without AWS_ROLE_ARN");
    let blank = "without AWS_ROLE_ARN, which is blank";
    check_env(&[file, (role.0, "")], &[("/token", "t")], ErrorKind::InvalidConfig, blank);
    check_env(&[file, role], &[], ErrorKind::InvalidConfig, "/token cannot be read");
    check_env(&[file, role], &[("/token", " \n")], ErrorKind::InvalidConfig, "/token is empty");
    check_env(&[file, role], &[("/token", "a\nb")], ErrorKind::InvalidConfig, "more than a token");
    check_env(&[file, role], &[("/token", &"x".repeat(140_000))], ErrorKind::InvalidConfig, "cannot be read");
}

#[test]
fn what_holds_for_every_provider() {
    let pod = |exchange: Exchange, token: &Canary| {
        let variables = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", ROLE)];
        let (context, _) = world([exchange]);
        with_variables(context, &variables).with_fs(Fs::fake([("/token", token.value())]))
    };
    contract("web-identity", |context| Arc::new(from_env(context)))
        .configured("a token", &["secret", "token"], |secrets| {
            let answer = session("AssumeRoleWithWebIdentity", secrets[0].value());
            pod(Exchange::post(URL).answers(200, answer), &secrets[1])
        })
        .broken("a refusal that repeats the token", ErrorKind::Denied, &["token"], |secrets| {
            let said = format!(
                "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>bad: {}</Message></Error></ErrorResponse>",
                secrets[0].value()
            );
            pod(Exchange::post(URL).answers(400, said), &secrets[0])
        })
        .broken("half an answer", ErrorKind::Unavailable, &["secret", "token"], |secrets| {
            let answer = session("AssumeRoleWithWebIdentity", secrets[0].value());
            pod(Exchange::post(URL).answers(200, &answer.as_bytes()[..answer.len() - 60]), &secrets[1])
        })
        .run();
}

#[test]
fn what_holds_for_a_role() {
    let keys = |secret: &Canary| -> SharedProvider { Arc::new(Credentials::new("AKIDEXAMPLE", secret.value())) };
    let source = Canary::new("source");
    let role = |context: &Context| Arc::new(role_provider(context, AssumeRole::new(ROLE), keys(&source)));
    contract("assume-role", role)
        .asked_for()
        .configured("a session", &["secret"], |secrets| {
            world([Exchange::post(URL).answers(200, session("AssumeRole", secrets[0].value()))]).0
        })
        .broken("a refusal that repeats the key", ErrorKind::Denied, &["source"], |_| {
            let code = "<Code>AccessDenied</Code>";
            let said =
                format!("<ErrorResponse><Error>{code}<Message>{}</Message></Error></ErrorResponse>", source.value());
            world([Exchange::post(URL).answers(403, said)]).0
        })
        .broken("half an answer", ErrorKind::Unavailable, &["secret"], |secrets| {
            let answer = session("AssumeRole", secrets[0].value());
            world([Exchange::post(URL).answers(200, &answer.as_bytes()[..answer.len() - 60])]).0
        })
        .run();
}

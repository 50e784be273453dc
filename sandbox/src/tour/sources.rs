//! Every source of credentials, each set up as on the machine where it belongs.

use std::future::{Future, ready};
use std::path::Path;
use std::time::Duration;

use tucuxi::sts::{AssumeRoleWithSaml, TokenSource};
use tucuxi::{Attempt, Context, Env, Fs, Secret, Session, SessionBuilder, Verdict};
use tucuxi_core::{BoxFuture, Error};

use super::people::{self, PATIENCE};
use super::{Link, Stop};
use crate::Sandbox;

/// A source, and the session that finds its credentials there.
pub(super) struct Source {
    pub(super) name: &'static str,
    session: SessionBuilder,
    /// What a person does first.
    before: BoxFuture<'static, Result<(), Error>>,
    /// Whether it needs a code that counts once.
    asked_once: bool,
    /// What is made of the session once it is loaded.
    then: fn(Session) -> Session,
}

impl Source {
    pub(super) fn new(name: &'static str, session: SessionBuilder) -> Self {
        let before = Box::pin(ready(Ok(())));
        Self { name, session, before, asked_once: false, then: |session| session }
    }

    /// The same source, whose links are shown without asking it a second time.
    pub(super) fn asked_once(mut self) -> Self {
        self.asked_once = true;
        self
    }

    /// The same source once this is done.
    pub(super) fn after(mut self, done: impl Future<Output = Result<(), Error>> + Send + 'static) -> Self {
        self.before = Box::pin(done);
        self
    }
}

/// The sources in the order of the chain. `helper` is a program that prints credentials when called with
/// the argument `credentials`.
pub(super) fn all(sandbox: &Sandbox, helper: Option<&Path>) -> Vec<Source> {
    let (id, secret) = (sandbox.credentials().access_key_id(), sandbox.credentials().secret_access_key());
    let role = sandbox.role_arn();
    let keys = vec![("AWS_ACCESS_KEY_ID", id.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret.to_owned())];
    let file = keys_file(sandbox);
    let ec2_file = format!("AWSAccessKeyId={id}\nAWSSecretKey={secret}\n");
    let boto_file = format!("[Credentials]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let container = sandbox.container_environment();
    let container = container.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let web = vec![("AWS_ROLE_ARN", role.clone()), ("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN_FILE.to_owned())];
    // Without a token the source says that it was refused.
    let token = sandbox.web_identity_token(Duration::from_secs(3600)).unwrap_or_default();
    let (sign_in_name, sign_in) = sandbox.sso_sign_in();
    let sign_in_file = format!("{SIGN_INS}/{sign_in_name}");

    // Its keys have ended, so that it is refreshed first. Without a file the source says that nobody has signed in.
    let (console_name, console_sign_in) = sandbox.console_sign_in().unwrap_or_else(|_| (String::new(), "".into()));
    let console_file = format!("{CONSOLE_SIGN_INS}/{console_name}");
    let console = format!("[default]\nlogin_session = {}\n", sandbox.login_session());

    let explicit = Session::builder().context(context(sandbox, keys.clone(), &[])).access_key(id, secret);
    let found = |name, variables, files: &[(&str, &str)]| {
        Source::new(name, Session::builder().context(context(sandbox, variables, files)))
    };
    let session_token =
        Source { then: |session| session.session_token().session(), ..found("session token", keys.clone(), &[]) };
    let mut sources = vec![
        Source::new("keys given in code", explicit),
        found("environment variables", keys, &[]),
        session_token,
        found(
            "role of a profile",
            vec![("AWS_PROFILE", "deploy".to_owned())],
            &[
                (CONFIG_FILE, &format!("[profile deploy]\nrole_arn = {role}\nsource_profile = default\n")),
                (CREDENTIALS_FILE, &file),
            ],
        ),
        chain_of_roles(sandbox, &role),
        people::role_with_mfa(sandbox),
        found("web identity token", web, &[(TOKEN_FILE, &token)]),
        saml(sandbox, &role),
        found(
            "IAM Identity Center",
            vec![("AWS_PROFILE", "sso".to_owned())],
            &[(CONFIG_FILE, &sandbox.profiles()), (&sign_in_file, sign_in.expose())],
        ),
        people::by_code(sandbox),
        people::in_browser(sandbox),
        found("credentials file", vec![], &[(CREDENTIALS_FILE, &file)]),
        found("console sign-in", vec![], &[(CONFIG_FILE, &console), (&console_file, console_sign_in.expose())]),
        people::on_another_device(sandbox),
    ];
    if let Some(helper) = helper {
        let config = format!("[default]\ncredential_process = \"{}\" credentials\n", helper.display());
        sources.push(found("helper program", vec![], &[(CONFIG_FILE, &config)]));
    }
    sources.extend([
        found("config file", vec![], &[(CONFIG_FILE, &file)]),
        found("EC2 tools' file", vec![("AWS_CREDENTIAL_FILE", EC2_FILE.to_owned())], &[(EC2_FILE, &ec2_file)]),
        found("Boto 2 file", vec![], &[(BOTO_FILE, &boto_file)]),
        found("container", container, &[]),
        pod_identity(sandbox),
        found("instance metadata", vec![], &[]),
    ]);
    sources
}

/// A role that is taken on with a role, on top of a sign-in.
fn chain_of_roles(sandbox: &Sandbox, role: &str) -> Source {
    let (name, sign_in) = sandbox.sso_sign_in();
    let (file, sso) = (format!("{SIGN_INS}/{name}"), sandbox.profiles());
    let step = |profile, source| format!("[profile {profile}]\nrole_arn = {role}\nsource_profile = {source}\n\n");
    let config = [step("deploy", "read"), step("read", "sso"), sso].concat();
    let variables = vec![("AWS_PROFILE", "deploy".to_owned())];
    let context = context(sandbox, variables, &[(CONFIG_FILE, &config), (&file, sign_in.expose())]);
    Source::new("chain of roles", Session::builder().context(context))
}

/// The assertion comes from a callback, as from a browser or an agent.
fn saml(sandbox: &Sandbox, role: &str) -> Source {
    let assertion = sandbox.saml_assertion(role, Duration::from_secs(300));
    let token = TokenSource::from_fn(move || {
        let assertion = Secret::from(assertion.clone());
        async move { Ok(assertion) }
    });
    let saml = AssumeRoleWithSaml::new(role, sandbox.saml_provider_arn());
    Source::new("SAML assertion", Session::builder().context(context(sandbox, vec![], &[])).saml(saml, token))
}

/// A pod has the container's endpoint, and its token in a file.
fn pod_identity(sandbox: &Sandbox) -> Source {
    let mut variables = Vec::new();
    let mut files = Vec::new();
    for (name, value) in sandbox.container_environment() {
        match name.as_str() {
            "AWS_CONTAINER_AUTHORIZATION_TOKEN" => {
                variables.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", POD_TOKEN_FILE.to_owned()));
                files.push((POD_TOKEN_FILE, value));
            }
            _ => variables.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", value)),
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    Source::new("EKS Pod Identity", Session::builder().context(context(sandbox, variables, &files)))
}

impl Source {
    /// Asks for the credentials, and for what every link of the chain says.
    pub(super) async fn visit(self) -> (Stop, Option<Session>) {
        let done = tokio::time::timeout(PATIENCE, self.before).await.unwrap_or_else(|_| Err(too_slow()));
        let loaded = match done {
            Ok(()) => self.session.load().await,
            Err(error) => Err(error),
        };
        match loaded {
            Ok(session) => {
                let session = (self.then)(session);
                let answer = session.credentials().provide_credentials().await;
                let trace = if self.asked_once { session.trace_offline().await } else { session.trace().await };
                let links = trace.verdicts().map(|(attempt, verdict)| link(attempt, verdict)).collect();
                let found = answer
                    .as_ref()
                    .map(|found| (found.access_key_id().to_owned(), found.provenance().to_string().replace(HOME, "~")))
                    .map_err(Error::report);
                (Stop { name: self.name, answer: found, links }, answer.is_ok().then_some(session))
            }
            Err(error) => (Stop { name: self.name, answer: Err(error.report()), links: Vec::new() }, None),
        }
    }
}

/// A file of the user's long-term keys.
pub(super) fn keys_file(sandbox: &Sandbox) -> String {
    let (id, secret) = (sandbox.credentials().access_key_id(), sandbox.credentials().secret_access_key());
    format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

/// A machine with this region, these endpoints, variables and files, and nothing of the real one.
pub(super) fn context(sandbox: &Sandbox, variables: Vec<(&str, String)>, files: &[(&str, &str)]) -> Context {
    let endpoints = [
        ("AWS_ENDPOINT_URL_S3", sandbox.s3_endpoint()),
        ("AWS_ENDPOINT_URL_SIGNIN", sandbox.signin_endpoint()),
        ("AWS_ENDPOINT_URL_SSO", sandbox.sso_endpoint()),
        ("AWS_ENDPOINT_URL_SSO_OIDC", sandbox.sso_oidc_endpoint()),
        ("AWS_ENDPOINT_URL_STS", sandbox.sts_endpoint()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", sandbox.imds_endpoint()),
        ("AWS_REGION", sandbox.region().to_owned()),
        ("HOME", HOME.to_owned()),
    ];
    tucuxi::system()
        .with_env(Env::fake(endpoints.into_iter().chain(variables)))
        .with_fs(Fs::fake(files.iter().map(|(path, text)| (*path, *text))))
}

fn too_slow() -> Error {
    Error::unavailable(format!("nobody was signed in within {PATIENCE:?}"))
}

fn link(attempt: &Attempt, verdict: Verdict) -> Link {
    let id = attempt.id().to_owned();
    let reason = match (attempt.credentials(), attempt.error()) {
        (Some(credentials), _) => credentials.provenance().to_string(),
        (None, Some(error)) => {
            let text = error.to_string();
            text.strip_prefix(&format!("{id}: ")).map_or_else(|| text.clone(), str::to_owned)
        }
        (None, None) => String::new(),
    };
    let verdict = match verdict {
        Verdict::Used => "used",
        Verdict::Shadowed => "not needed",
        Verdict::NotConfigured => "skipped",
        Verdict::Failed | Verdict::ShadowedFailure => "failed",
        _ => "not asked",
    };
    Link { id, verdict, reason: reason.replace(HOME, "~") }
}

/// Where the files of the tour seem to lie; shown as `~`.
const HOME: &str = "/home/tour";
pub(super) const CONFIG_FILE: &str = "/home/tour/.aws/config";
pub(super) const CREDENTIALS_FILE: &str = "/home/tour/.aws/credentials";
const CONSOLE_SIGN_INS: &str = "/home/tour/.aws/login/cache";
const SIGN_INS: &str = "/home/tour/.aws/sso/cache";
const EC2_FILE: &str = "/home/tour/ec2.credentials";
const BOTO_FILE: &str = "/home/tour/.boto";
const POD_TOKEN_FILE: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token";
const TOKEN_FILE: &str = "/var/run/secrets/token";

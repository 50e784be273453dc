//! Every source of credentials, each set up as on the machine where it belongs.

use std::path::Path;
use std::time::Duration;

use tucuxi::{Attempt, Context, Env, Fs, Session, SessionBuilder, Verdict};
use tucuxi_core::Error;

use super::{Link, Stop};
use crate::Sandbox;

/// A source, and the session that finds its credentials there.
pub(super) struct Source {
    pub(super) name: &'static str,
    session: SessionBuilder,
}

/// The sources in the order of the chain. `helper` is a program that prints credentials when called with
/// the argument `credentials`.
pub(super) fn all(sandbox: &Sandbox, helper: Option<&Path>) -> Vec<Source> {
    let (id, secret) = (sandbox.credentials().access_key_id(), sandbox.credentials().secret_access_key());
    let role = sandbox.role_arn();
    let keys = vec![("AWS_ACCESS_KEY_ID", id.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret.to_owned())];
    let file = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let container = sandbox.container_environment();
    let container = container.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let web = vec![("AWS_ROLE_ARN", role.clone()), ("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN_FILE.to_owned())];
    let token = sandbox.web_identity_token(Duration::from_secs(3600));

    let explicit = Session::builder().context(context(sandbox, keys.clone(), &[])).access_key(id, secret);
    let found = |name, variables, files: &[(&str, &str)]| Source {
        name,
        session: Session::builder().context(context(sandbox, variables, files)),
    };
    let mut sources = vec![
        Source { name: "keys given in code", session: explicit },
        found("environment variables", keys, &[]),
        found(
            "role of a profile",
            vec![("AWS_PROFILE", "deploy".to_owned())],
            &[
                (CONFIG_FILE, &format!("[profile deploy]\nrole_arn = {role}\nsource_profile = default\n")),
                (CREDENTIALS_FILE, &file),
            ],
        ),
        found("web identity token", web, &[(TOKEN_FILE, &token)]),
        found("credentials file", vec![], &[(CREDENTIALS_FILE, &file)]),
    ];
    if let Some(helper) = helper {
        let config = format!("[default]\ncredential_process = \"{}\" credentials\n", helper.display());
        sources.push(found("helper program", vec![], &[(CONFIG_FILE, &config)]));
    }
    sources.extend([
        found("config file", vec![], &[(CONFIG_FILE, &file)]),
        found("container", container, &[]),
        found("instance metadata", vec![], &[]),
    ]);
    sources
}

impl Source {
    /// Asks for the credentials, and for what every link of the chain says.
    pub(super) async fn visit(self) -> (Stop, Option<Session>) {
        match self.session.load().await {
            Ok(session) => {
                let answer = session.credentials().provide_credentials().await;
                let links = session.trace().await.verdicts().map(|(attempt, verdict)| link(attempt, verdict)).collect();
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

/// A machine with this region, these endpoints, variables and files, and nothing of the real one.
fn context(sandbox: &Sandbox, variables: Vec<(&str, String)>, files: &[(&str, &str)]) -> Context {
    let endpoints = [
        ("AWS_ENDPOINT_URL_S3", sandbox.s3_endpoint()),
        ("AWS_ENDPOINT_URL_STS", sandbox.sts_endpoint()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", sandbox.imds_endpoint()),
        ("AWS_REGION", sandbox.region().to_owned()),
        ("HOME", HOME.to_owned()),
    ];
    tucuxi::system()
        .with_env(Env::fake(endpoints.into_iter().chain(variables)))
        .with_fs(Fs::fake(files.iter().map(|(path, text)| (*path, *text))))
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
const CONFIG_FILE: &str = "/home/tour/.aws/config";
const CREDENTIALS_FILE: &str = "/home/tour/.aws/credentials";
const TOKEN_FILE: &str = "/var/run/secrets/token";

//! Which variables, in which order.

use std::sync::Arc;
use std::time::SystemTime;

use tucuxi_core::{
    BoxFuture, Context, Credentials, Env, Error, ErrorKind, ProvideCredentials, Secret, SharedProvider, Source,
    failure, format_rfc3339, parse_timestamp,
};

use crate::value::{check, check_id};

/// Credentials from environment variables.
///
/// What a shell, a container or a CI job exports. A variable that is empty or blank counts as unset.
///
/// - Reads, at each call: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; `AWS_SESSION_TOKEN`, else
///   `AWS_SECURITY_TOKEN`; `AWS_CREDENTIAL_EXPIRATION`; `AWS_ACCOUNT_ID`
/// - Network: none
/// - Lifetime: `AWS_CREDENTIAL_EXPIRATION`, an RFC 3339 time with a zone; without it the keys have no end
///
/// # Errors
/// - `NotConfigured`: neither half of the key pair is set
/// - `InvalidConfig`: one half is set without the other; a value holds a character that no key has, such
///   as the line break that a file ends with; `AWS_CREDENTIAL_EXPIRATION` is not a time, or has passed
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, ErrorKind, ProvideCredentials};
/// use tucuxi_provider_env::EnvProvider;
///
/// # tucuxi_testkit::block_on(async {
/// let context = Context::local().with_env(Env::fake([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")]));
/// let error = EnvProvider::new(&context).provide_credentials().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// assert_eq!(error.to_string(), "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>
#[derive(Clone, Debug)]
pub struct EnvProvider {
    context: Context,
}

impl EnvProvider {
    /// A provider over the context's variables; nothing is read yet.
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone() }
    }

    fn read(&self) -> Result<Credentials, Error> {
        let env = self.context.env();
        let secret = env.var(SECRET)?.map(Secret::from);
        let (id, secret) = match (env.var(KEY_ID)?, secret) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => {
                let absence = env.absence(KEY_ID);
                return Err(failure(ErrorKind::NotConfigured, format_args!("{KEY_ID} {absence}"), None));
            }
            (Some(_), None) => return Err(half(env, KEY_ID, SECRET)),
            (None, Some(_)) => return Err(half(env, SECRET, KEY_ID)),
        };
        check(KEY_ID, &id)?;
        check_id(KEY_ID, &id, SECRET)?;
        check(SECRET, secret.expose())?;
        let mut credentials = Credentials::new(id, secret).with_source(Source::Environment { variable: KEY_ID.into() });
        for variable in [TOKEN, OLD_TOKEN] {
            if let Some(token) = env.var(variable)?.map(Secret::from) {
                check(variable, token.expose())?;
                credentials = credentials.with_session_token(token);
                break;
            }
        }
        if let Some(account_id) = env.var(ACCOUNT_ID)? {
            credentials = credentials.with_account_id(account_id.trim_ascii());
        }
        match env.var(EXPIRATION)? {
            Some(text) => Ok(credentials.with_expires_at(expiration(&text, self.context.clock().now())?)),
            None => Ok(credentials),
        }
    }
}

impl ProvideCredentials for EnvProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.read() })
    }
}

impl From<EnvProvider> for SharedProvider {
    fn from(provider: EnvProvider) -> Self {
        Arc::new(provider)
    }
}

#[cold]
fn half(env: &Env, set: &str, unset: &str) -> Error {
    let blank = if env.is_blank(unset) { ", which is blank" } else { "" };
    failure(
        ErrorKind::InvalidConfig,
        format_args!("{set} is set without {unset}{blank}"),
        Some(format_args!("set {unset} too, or unset {set}")),
    )
}

fn expiration(text: &str, now: SystemTime) -> Result<SystemTime, Error> {
    let Some(at) = parse_timestamp(text) else {
        return Err(failure(
            ErrorKind::InvalidConfig,
            format_args!("{EXPIRATION} is not an RFC 3339 time with a zone"),
            Some(format_args!("write it like 2026-01-01T00:00:00Z")),
        ));
    };
    if at > now {
        return Ok(at);
    }
    Err(failure(
        ErrorKind::InvalidConfig,
        format_args!("the keys in {KEY_ID} expired at {} ({EXPIRATION})", format_rfc3339(at)),
        Some(format_args!("export new keys, or unset {EXPIRATION} if it belongs to older ones")),
    ))
}

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";
/// The name that Boto 2 used.
const OLD_TOKEN: &str = "AWS_SECURITY_TOKEN";
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

//! What a session is told in code.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::audit::Audit;
use tucuxi_core::{BoxFuture, Context, Credentials, Error, ProvideCredentials, Secret};
#[cfg(doc)]
use tucuxi_core::{Cache, Chain};

use crate::settings::{Code, Origin, RetryMode, Settings};
use crate::source::Source;
use crate::{Session, assemble};

/// Tells a [`Session`] some things in code; each beats variables and files.
///
/// Nothing is checked before [`load`](Self::load).
///
/// # Example
/// ```
/// use tucuxi::Session;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
/// # let context = tucuxi::Context::local().with_env(tucuxi::Env::fake([("HOME", "/nowhere")]));
/// let session = Session::builder().access_key("AKIDEXAMPLE", "secret").region("eu-west-1").context(context).load().await?;
/// assert_eq!(session.credentials().provide_credentials().await?.provenance().to_string(), "explicit keys");
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is loaded"]
pub struct SessionBuilder {
    code: Code,
    keys: Keys,
    sources: Vec<(&'static str, Source)>,
    #[cfg(feature = "sts")]
    role_arn: Option<String>,
    context: Option<Context>,
    region_from_imds: bool,
}

#[derive(Debug, Default)]
struct Keys {
    pair: Option<(String, Secret)>,
    session_token: Option<Secret>,
    account_id: Option<String>,
}

impl SessionBuilder {
    /// Uses this profile; environment keys are off then, and the profile must exist.
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.code.profile_name = Some(name.into());
        self
    }

    /// Uses this region.
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.code.region = Some(name.into());
        self
    }

    /// Uses these keys, whatever the environment and the files say.
    pub fn access_key(mut self, access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        self.keys.pair = Some((access_key_id.into(), secret_access_key.into()));
        self
    }

    /// Adds the token of a temporary session to [`access_key`](Self::access_key).
    pub fn session_token(mut self, session_token: impl Into<Secret>) -> Self {
        self.keys.session_token = Some(session_token.into());
        self
    }

    /// Adds the account to [`access_key`](Self::access_key).
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.keys.account_id = Some(account_id.into());
        self
    }

    /// Takes credentials from this provider: credentials, a provider of one's own, a [`Chain`], or a
    /// [`Cache`], which is then shared.
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.take_source("credentials", Source::own(provider));
        self
    }

    /// Signs nothing: for public buckets, and for endpoints that ask for no identity.
    pub fn anonymous(mut self) -> Self {
        self.take_source("anonymous", Source::Anonymous);
        self
    }

    /// Sends the requests to every service here.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.code.endpoint_url = Some(url.into());
        self
    }

    /// Whether endpoints in variables and files are left out.
    pub fn ignore_configured_endpoint_urls(mut self, ignore: bool) -> Self {
        self.code.ignore_configured_endpoint_urls = Some(ignore);
        self
    }

    /// Whether to use endpoints validated for FIPS 140.
    pub fn use_fips_endpoint(mut self, fips: bool) -> Self {
        self.code.use_fips_endpoint = Some(fips);
        self
    }

    /// Whether to use endpoints that also answer over IPv6.
    pub fn use_dualstack_endpoint(mut self, dualstack: bool) -> Self {
        self.code.use_dualstack_endpoint = Some(dualstack);
        self
    }

    /// Times a request is sent at most, the first one included.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.code.max_attempts = Some(attempts);
        self
    }

    /// How long a connection to S3, the Security Token Service or a sign-in service may take to stand. Default 3.1 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.code.connect_timeout = Some(limit);
        self
    }

    /// How long S3, the Security Token Service or a sign-in service may take to answer, and to go on. Default 30 s.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.code.read_timeout = Some(limit);
        self
    }

    /// How requests are sent again.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.code.retry_mode = Some(mode);
        self
    }

    /// Trusts the certificate authorities of this PEM file instead of the system's.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.ca_bundle = Some(path.into());
        self
    }

    /// Reads this config file instead of `AWS_CONFIG_FILE` or `~/.aws/config`.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.config_file = Some(path.into());
        self
    }

    /// Reads this credentials file instead of `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.credentials_file = Some(path.into());
        self
    }

    /// Lets this hear of all credentials that the session, and sessions made of it, obtain from a source; there are
    /// none without their record. Without it, the file that `TUCUXI_AUDIT_LOG` names gets a line of JSON for each.
    ///
    /// A [`Cache`] given to [`credentials`](Self::credentials) belongs to somebody else, and what it fetches is not
    /// heard of.
    ///
    /// # Example
    /// ```
    /// use tucuxi::Session;
    /// use tucuxi::audit::AuditFile;
    ///
    /// let builder = Session::builder().audit(AuditFile::new("/var/log/app/credentials.jsonl").lenient());
    /// ```
    pub fn audit(mut self, audit: impl Audit + 'static) -> Self {
        self.code.audit = Some(Arc::new(audit));
        self
    }

    /// Asks EC2 instance metadata for the region when neither code, variables nor the profile name one.
    pub fn region_from_imds(mut self) -> Self {
        self.region_from_imds = true;
        self
    }

    /// Uses these capabilities instead of `system()`: another environment, other files, another HTTP client.
    pub fn context(mut self, context: Context) -> Self {
        self.context = Some(context);
        self
    }

    #[cfg(feature = "sts")]
    pub(crate) fn code_mut(&mut self) -> &mut Code {
        &mut self.code
    }

    #[cfg(feature = "sts")]
    pub(crate) fn take_role(&mut self, role_arn: String) {
        self.role_arn = Some(role_arn);
    }

    /// Remembers a source by the name of the method that gave it; the same method again replaces it.
    pub(crate) fn take_source(&mut self, method: &'static str, source: Source) {
        self.sources.retain(|(other, _)| *other != method);
        self.sources.push((method, source));
    }

    /// Reads variables and shared files, not the credentials.
    ///
    /// A broken file or a bad `AWS_PROFILE` does not fail here, so that keys of code or environment still
    /// work: it is a [warning](Session::warnings), and the error of whoever needs the profile.
    ///
    /// # Errors
    /// - `InvalidConfig`: a setting cannot be used (the message names variable or line); keys given in code
    ///   are incomplete; the profile given in code does not exist; two sources of credentials were given; a
    ///   chain was edited by an identifier that it does not have; a CA bundle and a context were both given;
    ///   there is no default chain in this build and no credentials were given
    /// - with [`region_from_imds`](Self::region_from_imds) also those of instance metadata
    // Not an `async fn`, whose callers would carry the code that drops a builder in the middle of their wait.
    pub fn load(self) -> BoxFuture<'static, Result<Session, Error>> {
        Box::pin(async move {
            let mut sources = self.sources;
            if let Some(keys) = self.keys.check()? {
                sources.insert(0, ("access_key", Source::Keys(keys)));
            }
            let source = the_one(sources)?;
            if let Source::Own { chain, .. } = &source
                && let Some(error) = chain.error()
            {
                return Err(error.clone());
            }
            #[cfg(feature = "sts")]
            if self.role_arn.is_some() && matches!(source, Source::Anonymous) {
                return Err(exclusive("anonymous", "role_arn"));
            }
            let own_context = self.context.is_some();
            let context = self.context.unwrap_or_else(tucuxi_transport::system);
            let mut settings = Settings::resolve(&context, self.code).await?;
            if let Some(error) = settings.profile_error()
                && *settings.profile_name().origin() == Origin::Code
            {
                // Whoever brings credentials needs no file that cannot be read, but a wrong name is a mistake.
                let needless = settings.files().are_broken() && !source.needs_files();
                if !needless {
                    return Err(error.clone());
                }
            }
            let mut warnings = settings.warnings();
            let context = trusting(context, &settings, own_context, &mut warnings)?;
            if self.region_from_imds && settings.region()?.is_none() {
                settings = assemble::region_from_imds(&context, settings).await?;
            }
            let session = Session::new(context, settings, source, warnings);
            #[cfg(feature = "sts")]
            if let Some(role_arn) = self.role_arn {
                return Ok(session.assume_role(role_arn).session());
            }
            Ok(session)
        })
    }
}

/// The source that the program named; without one the default chain.
fn the_one(sources: Vec<(&'static str, Source)>) -> Result<Source, Error> {
    let mut sources = sources.into_iter();
    match (sources.next(), sources.next()) {
        (None, _) => default_source(),
        (Some((_, source)), None) => Ok(source),
        (Some((one, _)), Some((other, _))) => Err(exclusive(one, other)),
    }
}

fn exclusive(one: &str, other: &str) -> Error {
    Error::invalid_config(format!("{one} and {other} were both given in code")).with_hint("give one of them")
}

impl Keys {
    fn check(self) -> Result<Option<Credentials>, Error> {
        let Some((access_key_id, secret)) = self.pair else {
            return match (self.session_token, self.account_id) {
                (None, None) => Ok(None),
                (Some(_), _) => Err(incomplete("a session token was given in code without an access key")),
                (None, Some(_)) => Err(incomplete("an account id was given in code without an access key")),
            };
        };
        if access_key_id.trim().is_empty() {
            return Err(incomplete("the access key id given in code is empty"));
        }
        if secret.expose().trim().is_empty() {
            return Err(incomplete("the secret access key given in code is empty"));
        }
        let mut credentials = Credentials::new(access_key_id, secret);
        if let Some(token) = self.session_token.filter(|token| !token.expose().is_empty()) {
            credentials = credentials.with_session_token(token);
        }
        if let Some(account_id) = self.account_id.filter(|id| !id.is_empty()) {
            credentials = credentials.with_account_id(account_id);
        }
        Ok(Some(credentials))
    }
}

fn incomplete(message: &'static str) -> Error {
    Error::invalid_config(message).with_hint("give access_key(id, secret), or nothing to use the default chain")
}

#[cfg(feature = "default-chain")]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as without a default chain")]
fn default_source() -> Result<Source, Error> {
    Ok(Source::Default)
}

#[cfg(not(feature = "default-chain"))]
fn default_source() -> Result<Source, Error> {
    Err(Error::invalid_config("no credentials were given, and this build has no default chain").with_hint(
        "give access_key or credentials to the builder, or turn on the feature `default-chain` of the crate tucuxi",
    ))
}

/// The context with an HTTP client that trusts the configured CA bundle.
fn trusting(
    context: Context,
    settings: &Settings,
    own_context: bool,
    warnings: &mut Vec<String>,
) -> Result<Context, Error> {
    let Some(bundle) = settings.ca_bundle() else { return Ok(context) };
    match (own_context, bundle.origin()) {
        (true, Origin::Code) => Err(Error::invalid_config("ca_bundle and context were both given in code")
            .with_hint("give the CA bundle to the HTTP client of the context")),
        (true, Origin::File(location)) => {
            warnings.push(format!("{location}: the CA bundle is not used, this session has a context of its own"));
            Ok(context)
        }
        // `system()` reads the variable.
        (true, _) | (false, Origin::Variable(_)) => Ok(context),
        (false, _) => {
            let mut options = tucuxi_transport::TransportOptions::default();
            options.ca_bundle = Some(bundle.value().clone());
            Ok(tucuxi_transport::system_with(options))
        }
    }
}

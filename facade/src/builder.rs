//! What a session is told in code.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::audit::Audit;
use tucuxi_core::{BoxFuture, Context, Error, ProvideCredentials, Region, Secret};
#[cfg(doc)]
use tucuxi_core::{Cache, Chain};

use crate::keys::Keys;
use crate::load::load;
use crate::settings::{Code, RetryMode, Settings};
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
    // In a box, so that each method moves little.
    pub(crate) code: Box<Code>,
    pub(crate) keys: Keys,
    /// With the name of the method that gave it.
    pub(crate) source: Option<(&'static str, Arc<Source>)>,
    /// The names of two methods that exclude each other.
    pub(crate) clash: Option<(&'static str, &'static str)>,
    #[cfg(feature = "sts")]
    pub(crate) role: Option<Arc<dyn crate::federation::Step>>,
    pub(crate) context: Option<Context>,
    pub(crate) ask_region: Option<AskRegion>,
}

/// A function, so that a program which never asks has no code for it.
type AskRegion = fn(&Context, &Settings) -> BoxFuture<'static, Result<Region, Error>>;

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
    #[inline]
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

    /// Takes credentials from this provider: credentials, a provider of one's own (see [`ProvideCredentials`]), a
    /// [`Chain`], or a [`Cache`], which is then shared.
    #[inline]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.take_source("credentials", Source::own(provider));
        self
    }

    /// Signs nothing: for public buckets, and for endpoints that ask for no identity.
    #[inline]
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
    /// An answer that is not the bytes of an object has to end within twice that.
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
    #[inline]
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
    #[inline]
    pub fn audit(mut self, audit: impl Audit + 'static) -> Self {
        self.code.audit = Some(Arc::new(audit));
        self
    }

    /// Asks EC2 instance metadata for the region when neither code, variables nor the profile name one.
    #[inline]
    pub fn region_from_imds(mut self) -> Self {
        self.ask_region = Some(assemble::region_from_imds);
        self
    }

    /// Uses these capabilities instead of `system()`: another environment, other files, another HTTP client.
    #[inline]
    pub fn context(mut self, context: Context) -> Self {
        self.context = Some(context);
        self
    }

    /// Takes a source from this method; the same method again replaces it.
    #[inline]
    pub(crate) fn take_source(&mut self, method: &'static str, source: Source) {
        if let Some((other, _)) = self.source.replace((method, source.shared()))
            && other != method
        {
            self.clash.get_or_insert((other, method));
        }
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
    pub fn load(self) -> BoxFuture<'static, Result<Session, Error>> {
        load(self)
    }
}

//! Credentials of a role that IAM Identity Center grants.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::retry::RetryPolicy;
use tucuxi_core::{
    BoxFuture, Context, Credentials, Error, HttpOptions, ProvideCredentials, Region, Secret, SharedProvider, Source,
};

use crate::bearer::Bearer;
use crate::{EndpointOptions, SignInSettings, wire};

/// Which role of which account, and which sign-in leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoSettings {
    /// The name of the `[sso-session]`; `None` for a profile that names its start URL itself.
    pub session: Option<String>,
    /// Where people sign in.
    pub start_url: String,
    /// The region of the identity center.
    pub region: Region,
    /// The account, 12 digits.
    pub account_id: String,
    /// The role (permission set) in the account.
    pub role_name: String,
}

impl SsoSettings {
    /// A role reached by a sign-in at `start_url`.
    pub fn new(
        start_url: impl Into<String>,
        region: Region,
        account_id: impl Into<String>,
        role_name: impl Into<String>,
    ) -> Self {
        let (start_url, account_id, role_name) = (start_url.into(), account_id.into(), role_name.into());
        Self { session: None, start_url, region, account_id, role_name }
    }

    /// The same role, reached by the sign-in of a named session, which can be refreshed.
    #[must_use]
    pub fn with_session(mut self, name: impl Into<String>) -> Self {
        self.session = Some(name.into());
        self
    }
}

/// Credentials of a role that IAM Identity Center grants to whoever signed in.
///
/// - Reads: the sign-in in `~/.aws/sso/cache`, which `aws sso login` writes.
/// - Network: the portal at each call; before it the token service when a session's sign-in ends within 5
///   minutes, and after it when the portal no longer knows a sign-in that should last. Connect 3.1 s, read 30 s by
///   default; the portal is asked up to 3 times.
/// - Lifetime: the portal's; 1 to 12 hours. A refreshed sign-in is written back, with every field that other
///   tools put there. Where nothing can be
///   written beside the file, nothing is renewed; what cannot be written all the same is remembered by this provider,
///   and the log says so.
/// - A failed refresh does no harm while the old sign-in lasts; it is tried again after a minute at the earliest, or
///   when the portal no longer knows the old one.
/// - Processes take turns to refresh, by a lock beside the cache file that is waited for 20 s at most, and use what
///   another one has just written. The AWS CLI takes no turns.
///
/// # Errors
/// - `InvalidConfig`: nobody signed in, or the cache file makes no sense.
/// - `Denied`: the sign-in has ended or was revoked, or the role is not granted.
/// - `Unavailable`: no usable answer.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, ErrorKind, Fs, ProvideCredentials, Region};
/// use tucuxi_provider_sso::{SsoProvider, SsoSettings};
///
/// # tucuxi_testkit::block_on(async {
/// # let context = Context::local().with_env(Env::fake([("HOME", "/home/u")])).with_fs(Fs::fake([("/none", "")]));
/// let settings = SsoSettings::new("https://e.awsapps.com/start", Region::new("us-east-1")?, "123456789012", "ReadOnly")
///     .with_session("corp");
/// let error = SsoProvider::new(&context, settings).provide_credentials().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// assert_eq!(error.hint(), Some("sign in: aws sso login --sso-session corp"));
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>, checked 2026-11-23.
#[derive(Clone, Debug)]
pub struct SsoProvider(Box<Role>);

/// In one place, since a provider is handed on by each of its builder's methods.
#[derive(Clone, Debug)]
struct Role {
    bearer: Bearer,
    account_id: String,
    role_name: String,
}

impl SsoProvider {
    /// A provider of the role's credentials. No I/O.
    pub fn new(context: &Context, settings: SsoSettings) -> Self {
        let mut sign_in = SignInSettings::new(settings.start_url, settings.region);
        sign_in.session = settings.session;
        let (account_id, role_name) = (settings.account_id, settings.role_name);
        Self(Box::new(Role { bearer: Bearer::new(context, sign_in), account_id, role_name }))
    }

    /// Reaches IAM Identity Center elsewhere.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: EndpointOptions) -> Self {
        self.0.bearer.settings_mut().endpoints = endpoints;
        self
    }

    /// Asks the portal again by these rules.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.0.bearer.settings_mut().retry = retry;
        self
    }

    /// Limits how long one request may take; an answer is never larger than 64 KiB.
    #[must_use]
    pub fn with_limits(mut self, limits: HttpOptions) -> Self {
        self.0.bearer.settings_mut().limits = limits;
        self
    }
}

impl ProvideCredentials for SsoProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let Role { bearer, account_id, role_name } = &*self.0;
            let request = |portal: &str, token: &Secret| wire::role_credentials(portal, account_id, role_name, token);
            let heard = bearer.ask(&request).await?;
            let credentials = bearer.read(&heard, wire::credentials)?;
            Ok(credentials.with_account_id(account_id).with_source(Source::Sso(bearer.settings().key().to_owned())))
        })
    }

    /// Enough for a turn and a refresh to its end: given up between the two, a refresh token would be spent for nothing.
    fn time_limit(&self) -> Duration {
        self.0.bearer.time_limit()
    }
}

impl From<SsoProvider> for SharedProvider {
    fn from(provider: SsoProvider) -> Self {
        Arc::new(provider)
    }
}

//! Credentials of whoever signed in to the console.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::sign_in::{Renewals, time_limit};
use tucuxi_core::{BoxFuture, Context, Credentials, Error, ProvideCredentials, SharedProvider, Source};

use crate::LoginSettings;
use crate::kept::KeptSignIn;

/// Credentials of whoever signed in to the console with `aws login`.
///
/// - Reads: the sign-in in `~/.aws/login/cache` (or `AWS_LOGIN_CACHE_DIRECTORY`), at each call.
/// - Network: nothing while its keys last more than 5 minutes, else one request to the sign-in service.
///   Connect 3.1 s, read 30 s by default.
/// - Lifetime: 15 minutes a refresh, within 12 hours of the sign-in. A refreshed sign-in is written back, with
///   every field that other tools put there. Where nothing can be
///   written beside the file, nothing is renewed; what cannot be written all the same is remembered by this provider,
///   and the log says so.
/// - Processes take turns to refresh, by a lock file beside the cache file, so that of many one asks and all use
///   what it got; who waits for 20 s goes on without a turn. Tools that take no turns, such as the AWS CLI, may
///   still be first; then what they kept is used.
/// - A failed refresh does no harm while the old keys last; it is tried again after a minute at the earliest.
///
/// # Errors
/// - `InvalidConfig`: nobody signed in, the cache file makes no sense, or there is no region to refresh in.
/// - `Denied`: the sign-in has ended, the password was changed, or `signin:CreateOAuth2Token` is not allowed.
/// - `Unavailable`: no usable answer.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, ErrorKind, Fs, ProvideCredentials};
/// use tucuxi_provider_login::{LoginProvider, LoginSettings};
///
/// # tucuxi_testkit::block_on(async {
/// # let context = Context::local().with_env(Env::fake([("HOME", "/home/u")])).with_fs(Fs::fake([("/none", "")]));
/// let settings = LoginSettings::new("arn:aws:iam::123456789012:user/me");
/// let error = LoginProvider::new(&context, settings).provide_credentials().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// assert_eq!(error.hint(), Some("sign in: aws login"));
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>, checked
/// 2026-11-24.
#[derive(Clone, Debug)]
pub struct LoginProvider(Box<Kept>);

/// In one place, since a provider is handed on.
#[derive(Clone, Debug)]
struct Kept {
    sign_in: KeptSignIn,
    renewals: Renewals,
}

impl LoginProvider {
    /// A provider of the sign-in's keys. No I/O.
    pub fn new(context: &Context, settings: LoginSettings) -> Self {
        Self(Box::new(Kept { sign_in: KeptSignIn::new(context, settings), renewals: Renewals::new(context) }))
    }
}

impl ProvideCredentials for LoginProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let Kept { sign_in, renewals } = &*self.0;
            let credentials = sign_in.credentials(&renewals.current(sign_in).await?)?;
            Ok(credentials.with_source(Source::Login(sign_in.settings.session.clone())))
        })
    }

    /// Enough for a turn and a refresh to its end: given up between the two, a refresh token would be spent for nothing.
    fn time_limit(&self) -> Duration {
        time_limit(&self.0.sign_in.settings.limits, 1)
    }
}

impl From<LoginProvider> for SharedProvider {
    fn from(provider: LoginProvider) -> Self {
        Arc::new(provider)
    }
}

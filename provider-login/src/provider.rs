//! Credentials of whoever signed in to the console.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tucuxi_core::{
    Clock, Context, Credentials, Error, HttpClient, HttpOptions, ProvideCredentials, Region, Request, Source,
    async_trait,
};

use crate::endpoint::{EndpointOptions, Service};
use crate::key::{DpopKey, KeyError};
use crate::token_file::broken;
use crate::wire::Grant;
use crate::{Token, TokenFile, dpop, wire};

/// Which sign-in, and where it took place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginSettings {
    /// The ARN of the identity that signed in: `login_session` of a profile.
    pub session: String,
    /// The region of the sign-in, where it is refreshed. Without one keys are used until they end.
    pub region: Option<Region>,
    /// How to reach the sign-in service.
    pub endpoints: EndpointOptions,
}

impl LoginSettings {
    /// The sign-in of `session`, an ARN; white space around it does not count.
    pub fn new(session: impl AsRef<str>) -> Self {
        Self { session: session.as_ref().trim().to_owned(), region: None, endpoints: EndpointOptions::default() }
    }

    /// The same sign-in, made in this region.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<Option<Region>>) -> Self {
        self.region = region.into();
        self
    }

    /// The same sign-in, refreshed elsewhere.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: EndpointOptions) -> Self {
        self.endpoints = endpoints;
        self
    }
}

/// Credentials of whoever signed in to the console with `aws login`.
///
/// - Reads: the sign-in in `~/.aws/login/cache` (or `AWS_LOGIN_CACHE_DIRECTORY`), at each call.
/// - Network: nothing while its keys last more than 5 minutes, else one request to the sign-in service.
///   Connect 3.1 s, read 30 s.
/// - Lifetime: 15 minutes a refresh, within 12 hours of the sign-in. A refreshed sign-in is written back, with
///   every field that other tools put there; there is no lock between processes. Where it cannot be written,
///   the new keys are used all the same and the log says so.
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
pub struct LoginProvider {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    file: TokenFile,
    settings: LoginSettings,
    /// No refresh before this instant while there are keys that last.
    not_before: Arc<Mutex<Option<SystemTime>>>,
}

impl LoginProvider {
    /// A provider of the sign-in's keys. No I/O.
    pub fn new(context: &Context, settings: LoginSettings) -> Self {
        Self {
            http: Arc::clone(context.http()),
            clock: Arc::clone(context.clock()),
            file: TokenFile::new(context, &settings.session),
            settings,
            not_before: Arc::default(),
        }
    }

    async fn load(&self) -> Result<Credentials, Error> {
        let token = self.file.read().await?.ok_or_else(|| self.nobody_signed_in())?;
        let token = self.current(token).await?;
        let credentials = token.credentials().map_err(|error| self.broken(&error))?;
        Ok(credentials.with_source(Source::Login(self.settings.session.clone())))
    }

    /// The sign-in, refreshed where its keys are about to end.
    async fn current(&self, token: Token) -> Result<Token, Error> {
        if !self.ends_within(REFRESH_WINDOW, &token)? {
            return Ok(token);
        }
        let lasts = !self.ends_within(Duration::ZERO, &token)?;
        let mut not_before = *self.not_before();
        if lasts && not_before.take().is_some_and(|until| self.clock.now() < until) {
            return Ok(token);
        }
        let error = match self.refreshed(&token).await {
            Ok(grant) => return Ok(self.keep(token.renewed(grant, self.clock.now())).await),
            Err(error) => error,
        };
        // Another process may have used the refresh token first, and kept what it got.
        if let Ok(Some(theirs)) = self.file.read().await
            && theirs.access_token.access_key_id != token.access_token.access_key_id
            && !self.ends_within(REFRESH_WINDOW, &theirs)?
        {
            return Ok(theirs);
        }
        if self.ends_within(Duration::ZERO, &token)? {
            return Err(error);
        }
        tracing::warn!(%error, session = self.settings.session, "the sign-in was not refreshed, its old keys are used");
        *self.not_before() = Some(self.clock.now() + PAUSE);
        Ok(token)
    }

    async fn refreshed(&self, token: &Token) -> Result<Grant, Error> {
        let key = DpopKey::from_pem(token.dpop_key.expose()).map_err(|error| match error {
            KeyError::NoLibrary => error.into(),
            _ => self.broken(&error),
        })?;
        let url = wire::token_url(&self.settings.endpoints.base_url(Service::SignIn, self.settings.region.as_ref())?);
        let proof = dpop::proof(&key, &url, self.clock.now(), &dpop::new_id()?)?;
        exchange(self.http.as_ref(), wire::refresh(&url, token, &proof)?).await
    }

    /// Writes the sign-in back. Keys in hand are worth more than a file: the next call refreshes again.
    async fn keep(&self, token: Token) -> Token {
        *self.not_before() = None;
        if let Err(error) = self.file.write(&token).await {
            tracing::warn!(%error, session = self.settings.session, "the refreshed sign-in was not kept");
        }
        token
    }

    fn not_before(&self) -> std::sync::MutexGuard<'_, Option<SystemTime>> {
        self.not_before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends_within(&self, window: Duration, token: &Token) -> Result<bool, Error> {
        token.ends_within(window, self.clock.now()).map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        self.file.path().map_or_else(|error| error, |path| broken(&path, error))
    }

    fn nobody_signed_in(&self) -> Error {
        let path =
            self.file.path().map_or_else(|_| String::new(), |path| format!(" ({} is not there)", path.display()));
        Error::invalid_config(format!("nobody is signed in as {}{path}", self.settings.session))
            .with_hint("sign in: aws login")
    }
}

#[async_trait]
impl ProvideCredentials for LoginProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        self.load().await
    }
}

/// Asks for a grant.
pub(crate) async fn exchange(http: &dyn HttpClient, request: Request) -> Result<Grant, Error> {
    let host = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let options = HttpOptions::default();
    let response = http.send(request, options).await?;
    let status = response.status();
    let body = response.into_body().collect(options.body_limit).await?;
    wire::grant(&host, status, &body)
}

const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_secs(60);

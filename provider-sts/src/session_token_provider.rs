//! A temporary session of the caller's own as a source of credentials.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{BoxFuture, Credentials, Error, ErrorKind, ProvideCredentials, SharedProvider};

use crate::assume_role_provider::{LIMIT, TYPING};
use crate::{MfaPrompt, SessionToken, Sts};

/// A temporary session with the rights of another source's long-term keys, usually to show an MFA device.
/// Needs the feature `operations`.
///
/// - Reads, at each fetch: the other source
/// - Network: one `GetSessionToken` for each fetch, as [`Sts`] sends it
/// - Lifetime: 12 hours, or the [`duration`](Self::with_duration). Nothing is kept: put a
///   [`Cache`](tucuxi_core::Cache) in front
///
/// # Errors
/// - `InvalidConfig`: the other source is not configured, or gives a temporary session, which the service
///   does not take
/// - `Denied`: the service refused; nobody gave the code of the MFA device, or there is no [`MfaPrompt`]
/// - `Unavailable`: no usable answer
/// - whatever the other source fails with
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use tucuxi_core::{Credentials, ProvideCredentials, Secret};
/// use tucuxi_provider_sts::{SessionTokenProvider, Sts, StsSettings, mfa_from_fn};
/// # use tucuxi_testkit::{Exchange, ScriptedHttp};
///
/// # let answer = "<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
/// #     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
/// #     <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>";
/// # let asked = Exchange::post("https://sts.amazonaws.com/").with_body("TokenCode=123456");
/// # let http = ScriptedHttp::new([asked.answers(200, answer)]);
/// # let context = tucuxi_testkit::context().with_http(http);
/// # tucuxi_testkit::block_on(async {
/// let sts = Sts::new(&context, StsSettings::default());
/// let keys = Arc::new(Credentials::new("AKIDEXAMPLE", "secret"));
/// let session = SessionTokenProvider::new(sts, keys)
///     .with_mfa("arn:aws:iam::123456789012:mfa/me", Arc::new(mfa_from_fn(|_| async { Ok(Secret::new("123456")) })));
/// let credentials = session.provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "explicit keys > get-session-token");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone)]
pub struct SessionTokenProvider {
    sts: Sts,
    source: SharedProvider,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    serial: Option<String>,
    prompt: Option<Arc<dyn MfaPrompt>>,
}

impl SessionTokenProvider {
    /// A session for the keys of this source; nothing is asked yet.
    pub fn new(sts: Sts, source: SharedProvider) -> Self {
        Self { sts, source, duration: None, minimum_token_size: None, serial: None, prompt: None }
    }

    /// How long a session lives: 15 minutes to 36 hours.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The least size of the session token in bytes, up to 4,096; a smaller one is filled up. 0 changes nothing.
    #[must_use]
    pub fn with_minimum_session_token_size(mut self, bytes: u16) -> Self {
        self.minimum_token_size = Some(bytes);
        self
    }

    /// The MFA device of the keys' user, and who is asked for its code at each fetch.
    #[must_use]
    pub fn with_mfa(self, serial: impl Into<String>, prompt: Arc<dyn MfaPrompt>) -> Self {
        Self { prompt: Some(prompt), ..self.with_mfa_serial(serial) }
    }

    /// The MFA device alone: without a prompt each fetch is `Denied`.
    #[must_use]
    pub fn with_mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.serial = Some(serial.into());
        self
    }
}

impl ProvideCredentials for SessionTokenProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let source = self.source.provide_credentials().await.map_err(|error| match error.is_not_configured() {
                // Whoever wants a session asks for its source, so absence is a mistake.
                true => error.with_kind(ErrorKind::InvalidConfig),
                false => error,
            })?;
            if source.session_token().is_some() {
                return Err(Error::invalid_config(format!(
                    "a session token is given for long-term keys only, and {} gives a temporary session",
                    source.provenance()
                ))
                .with_hint("use the temporary session as it is, or start from the keys of an IAM user"));
            }
            let mut session = SessionToken::new();
            if let Some(duration) = self.duration {
                session = session.duration(duration);
            }
            if let Some(bytes) = self.minimum_token_size {
                session = session.minimum_session_token_size(bytes);
            }
            if let Some(serial) = &self.serial {
                let prompt = self.prompt.as_ref().ok_or_else(|| {
                    Error::denied(format!("the session wants the code of the MFA device {serial}")).with_hint(
                        "give the session an MFA callback; the command asks for the code where it has a terminal",
                    )
                })?;
                session = session.mfa(serial, prompt.code(serial).await?);
            }
            self.sts.session_token(&session, &source).await
        })
    }

    /// That of the other source if it is more patient, and a minute more where a person has to type a code.
    fn time_limit(&self) -> Duration {
        let limit = self.source.time_limit().max(LIMIT);
        if self.serial.is_some() { limit + TYPING } else { limit }
    }
}

impl From<SessionTokenProvider> for SharedProvider {
    fn from(provider: SessionTokenProvider) -> Self {
        Arc::new(provider)
    }
}

impl fmt::Debug for SessionTokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTokenProvider")
            .field("source", &self.source)
            .field("duration", &self.duration)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

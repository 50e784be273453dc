//! Sources that are asked for in code alone: a SAML assertion, and a temporary session of a session's own identity.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, SharedProvider};
use tucuxi_provider_sts::{AssumeRoleWithSaml, SamlProvider, SessionTokenProvider, TokenSource};

use crate::assume::RoleSource;
use crate::federation::{Federated, Step, with_sts};
use crate::source::Source;
use crate::{Session, SessionBuilder, Settings};

impl Session {
    /// A temporary session of this session's own identity, renewed for ever; usually to show an MFA device.
    ///
    /// The Security Token Service gives it for the long-term keys of a user only. Needs the feature `sts-operations`.
    ///
    /// # Example
    /// ```
    /// use tucuxi::Secret;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
    /// # let context = tucuxi::Context::local().with_env(tucuxi::Env::fake([("HOME", "/nowhere")]));
    /// let session = tucuxi::Session::builder()
    ///     .access_key("AKID", "secret")
    ///     .mfa(|_serial| async { Ok(Secret::new("123456")) })
    ///     .context(context)
    ///     .load()
    ///     .await?;
    /// let with_mfa = session.session_token().mfa_serial("arn:aws:iam::123456789012:mfa/me").session();
    /// # Ok(()) }
    /// ```
    pub fn session_token(&self) -> SessionTokenBuilder {
        SessionTokenBuilder { session: self.clone(), duration: None, minimum_token_size: None, mfa_serial: None }
    }
}

/// A temporary session to ask for; made by [`Session::session_token`]. Needs the feature `sts-operations`.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `session`"]
pub struct SessionTokenBuilder {
    session: Session,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    mfa_serial: Option<String>,
}

impl SessionTokenBuilder {
    /// How long the credentials of one fetch live.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The least size of the session token in bytes, up to 4,096; a smaller one is filled up. 0 changes nothing.
    pub fn minimum_session_token_size(mut self, bytes: u16) -> Self {
        self.minimum_token_size = Some(bytes);
        self
    }

    /// The MFA device whose code is asked for by [`SessionBuilder::mfa`](crate::SessionBuilder::mfa).
    pub fn mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.mfa_serial = Some(serial.into());
        self
    }

    /// A session with the settings of the one it came from, and temporary credentials. Nothing is asked before
    /// credentials are needed; what is wrong is the error of whoever needs them.
    pub fn session(self) -> Session {
        self.session.then(Arc::new(SessionOfItself {
            duration: self.duration,
            minimum_token_size: self.minimum_token_size,
            mfa_serial: self.mfa_serial,
        }))
    }
}

impl SessionBuilder {
    /// Takes on the role with a SAML assertion in base64: the path of its file, a callback, or a reader such as
    /// standard input. Needs the feature `sts-operations`.
    ///
    /// # Example
    /// ```
    /// use tucuxi::sts::{AssumeRoleWithSaml, TokenSource};
    /// use tucuxi::Session;
    ///
    /// let account = "arn:aws:iam::123456789012";
    /// let role = AssumeRoleWithSaml::new(format!("{account}:role/staff"), format!("{account}:saml-provider/corp"));
    /// let builder = Session::builder().saml(role, TokenSource::reader(std::io::stdin()));
    /// ```
    pub fn saml(mut self, role: AssumeRoleWithSaml, assertion: impl Into<TokenSource>) -> Self {
        self.take_source("saml", Source::Federated(Arc::new(Saml(role, assertion.into()))));
        self
    }
}

/// A session of the same identity.
struct SessionOfItself {
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    mfa_serial: Option<String>,
}

impl Step for SessionOfItself {
    fn id(&self) -> &'static str {
        "session-token"
    }

    fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider {
        with_sts(context, settings, |sts| {
            let source: SharedProvider = match source {
                RoleSource::Provider(source) => source,
                RoleSource::Cache(cache) => cache.into(),
            };
            let mut provider = SessionTokenProvider::new(sts, source);
            if let Some(duration) = self.duration {
                provider = provider.with_duration(duration);
            }
            if let Some(bytes) = self.minimum_token_size {
                provider = provider.with_minimum_session_token_size(bytes);
            }
            match (&self.mfa_serial, settings.mfa()) {
                (Some(serial), Some(prompt)) => provider.with_mfa(serial, Arc::clone(prompt)).into(),
                (Some(serial), None) => provider.with_mfa_serial(serial).into(),
                (None, _) => provider.into(),
            }
        })
    }
}

/// A role for the holder of an assertion.
struct Saml(AssumeRoleWithSaml, TokenSource);

impl Federated for Saml {
    fn id(&self) -> &'static str {
        "assume-role-with-saml"
    }

    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider {
        let Self(role, assertion) = self;
        with_sts(context, settings, |sts| SamlProvider::new(context, sts, role.clone(), assertion.clone()).into())
    }
}

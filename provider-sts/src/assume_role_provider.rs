//! A role as a source of credentials.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tucuxi_core::{Clock, Context, Credentials, Env, Error, ErrorKind, ProvideCredentials, SharedProvider};

use crate::session_name::session_name;
use crate::{AssumeRole, MfaPrompt, Sts};

/// Credentials of a role, taken on with the credentials of another source.
///
/// - Reads, at each fetch: the other source; `USER`, `LOGNAME` or `USERNAME` for a session without a name
/// - Network: one `AssumeRole` for each fetch, as [`Sts`] sends it
/// - Lifetime: one hour, or the role's [`duration`](AssumeRole::duration). Nothing is kept: put a
///   [`Cache`](tucuxi_core::Cache) in front
///
/// # Errors
/// - `InvalidConfig`: the other source is not configured; the role, or the settings of [`Sts`], are wrong
/// - `Denied`: the service refused; nobody gave the code of the MFA device, or there is no [`MfaPrompt`]
/// - `Unavailable`: no usable answer
/// - whatever the other source fails with
///
/// # Example
/// See [the crate](crate).
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone, Debug)]
pub struct AssumeRoleProvider {
    sts: Sts,
    role: AssumeRole,
    source: SharedProvider,
    mfa: Option<Arc<dyn MfaPrompt>>,
    env: Env,
    clock: Arc<dyn Clock>,
}

impl AssumeRoleProvider {
    /// A provider for the role; nothing is asked yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRole, source: SharedProvider) -> Self {
        Self { sts, role, source, mfa: None, env: context.env().clone(), clock: Arc::clone(context.clock()) }
    }

    /// Asks here for the code of the role's MFA device, at each fetch.
    #[must_use]
    pub fn with_mfa(mut self, prompt: Arc<dyn MfaPrompt>) -> Self {
        self.mfa = Some(prompt);
        self
    }
}

#[async_trait]
impl ProvideCredentials for AssumeRoleProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let source = self.source.provide_credentials().await.map_err(asked_for)?;
        let mut role = self.role.clone();
        if role.session_name.is_none() {
            role = role.session_name(session_name(&self.env, self.clock.now())?);
        }
        if let Some(serial) = self.role.wants_code_of() {
            let prompt = self.mfa.as_ref().ok_or_else(|| {
                Error::denied(format!("role {} wants the code of the MFA device {serial}", role.role_arn()))
                    .with_hint("run it at a terminal, or give the session an MFA callback")
            })?;
            role = role.token_code(prompt.code(serial).await?);
        }
        self.sts.assume_role(&role, &source).await
    }

    /// That of the other source if it is more patient, and a minute more where a person has to type a code.
    fn time_limit(&self) -> Duration {
        let limit = self.source.time_limit().max(LIMIT);
        if self.role.wants_code_of().is_some() { limit + TYPING } else { limit }
    }
}

/// Whoever names a role asks for its source, so absence is a mistake.
fn asked_for(error: Error) -> Error {
    match error.is_not_configured() {
        true => error.with_kind(ErrorKind::InvalidConfig),
        false => error,
    }
}

const LIMIT: Duration = Duration::from_secs(30);
const TYPING: Duration = Duration::from_secs(60);

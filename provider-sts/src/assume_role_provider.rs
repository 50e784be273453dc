//! A role as a source of credentials.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::debug;
use tucuxi_core::{Cache, Clock, Context, Credentials, Env, Error, ErrorKind, ProvideCredentials, SharedProvider};

use crate::session_name::session_name;
use crate::{AssumeRole, MfaPrompt, Sts};

/// Credentials of a role, taken on with the credentials of another source.
///
/// - Reads, at each fetch: the other source; `USER`, `LOGNAME` or `USERNAME` for a session without a name
/// - Network: one `AssumeRole` for each fetch, as [`Sts`] sends it; once more when the service rejects the key
///   that signed it and the other source has another
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
    cache: Option<Cache>,
    #[cfg(feature = "role-cache")]
    kept: Option<crate::role_cache::Kept>,
    mfa: Option<Arc<dyn MfaPrompt>>,
    env: Env,
    clock: Arc<dyn Clock>,
}

impl AssumeRoleProvider {
    /// A provider for the role; nothing is asked yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRole, source: SharedProvider) -> Self {
        let (env, clock) = (context.env().clone(), Arc::clone(context.clock()));
        Self {
            sts,
            role,
            source,
            cache: None,
            #[cfg(feature = "role-cache")]
            kept: None,
            mfa: None,
            env,
            clock,
        }
    }

    /// A provider for the role, taken on with the credentials of a cache, which hears when they are rejected.
    pub fn from_cache(context: &Context, sts: Sts, role: AssumeRole, source: Cache) -> Self {
        Self { cache: Some(source.clone()), ..Self::new(context, sts, role, Arc::new(source)) }
    }

    /// Asks here for the code of the role's MFA device, at each fetch.
    #[must_use]
    pub fn with_mfa(mut self, prompt: Arc<dyn MfaPrompt>) -> Self {
        self.mfa = Some(prompt);
        self
    }

    /// Shares sessions of the role with other processes and the AWS CLI: a fetch asks the service only when nobody
    /// has kept a session that lasts and was not given by this provider before. The other source is not asked
    /// then either, and the provenance names the file instead.
    #[cfg(feature = "role-cache")]
    #[must_use]
    pub fn with_role_cache(mut self, cache: crate::RoleCache) -> Self {
        self.kept = Some(crate::role_cache::Kept::new(cache));
        self
    }

    /// The role with all that is asked for at each fetch.
    async fn request(&self) -> Result<AssumeRole, Error> {
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
        Ok(role)
    }

    /// Other credentials of the source than those that were rejected.
    async fn instead_of(&self, used: &Credentials) -> Option<Credentials> {
        match &self.cache {
            Some(cache) => cache.instead_of(used).await,
            None => self.source.provide_credentials().await.ok().filter(|fresh| !fresh.signs_like(used)),
        }
    }

    async fn fetch(&self) -> Result<Credentials, Error> {
        let source = self.source.provide_credentials().await.map_err(asked_for)?;
        let error = match self.sts.assume_role(&self.request().await?, &source).await {
            Err(error) if source.are_refused(&error, self.clock.now()) => error,
            settled => return settled,
        };
        match self.instead_of(&source).await {
            Some(fresh) => {
                debug!(role = self.role.role_arn(), "the key was rejected, its source has another");
                // A code of an MFA device is good for one call, so another is asked for.
                self.sts.assume_role(&self.request().await?, &fresh).await
            }
            None => Err(error),
        }
    }
}

#[async_trait]
impl ProvideCredentials for AssumeRoleProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        #[cfg(feature = "role-cache")]
        if let Some(kept) = &self.kept {
            return kept.or_fetch(&self.role, self.fetch()).await;
        }
        self.fetch().await
    }

    /// That of the other source if it is more patient, and a minute more where a person has to type a code.
    fn time_limit(&self) -> Duration {
        let limit = self.source.time_limit().max(LIMIT);
        if self.role.wants_code_of().is_some() { limit + TYPING } else { limit }
    }
}

impl From<AssumeRoleProvider> for SharedProvider {
    fn from(provider: AssumeRoleProvider) -> Self {
        Arc::new(provider)
    }
}

/// Whoever names a role asks for its source, so absence is a mistake.
fn asked_for(error: Error) -> Error {
    match error.is_not_configured() {
        true => error.with_kind(ErrorKind::InvalidConfig),
        false => error,
    }
}

/// What one call may take, retries included.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// What a person takes to type a code.
pub(crate) const TYPING: Duration = Duration::from_secs(60);

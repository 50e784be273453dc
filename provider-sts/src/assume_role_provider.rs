//! A role as a source of credentials.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;
use tucuxi_core::{
    BoxFuture, Cache, Context, Credentials, Error, ErrorKind, ProvideCredentials, Secret, SharedProvider, failure,
};

use crate::operations::ASSUMED_USER;
use crate::session_name::session_name;
use crate::wire::{Answered, Form};
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
#[derive(Clone)]
pub struct AssumeRoleProvider {
    sts: Sts,
    role: AssumeRole,
    source: SharedProvider,
    cache: Option<Cache>,
    #[cfg(feature = "role-cache")]
    kept: Option<Arc<crate::role_cache::Kept>>,
    mfa: Option<Arc<dyn MfaPrompt>>,
    context: Context,
}

impl AssumeRoleProvider {
    /// A provider for the role; nothing is asked yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRole, source: SharedProvider) -> Self {
        Self {
            sts,
            role,
            source,
            cache: None,
            #[cfg(feature = "role-cache")]
            kept: None,
            mfa: None,
            context: context.clone(),
        }
    }

    /// A provider for the role, taken on with the credentials of a cache, which hears when they are rejected.
    pub fn from_cache(context: &Context, sts: Sts, role: AssumeRole, source: Cache) -> Self {
        Self { cache: Some(source.clone()), ..Self::new(context, sts, role, source.into()) }
    }

    /// Asks here for the code of the role's MFA device, at each fetch.
    #[must_use]
    pub fn with_mfa(mut self, prompt: Arc<dyn MfaPrompt>) -> Self {
        self.mfa = Some(prompt);
        self
    }

    /// Shares sessions of the role with other processes and the AWS CLI: a fetch asks the service only when nobody
    /// has kept a session that lasts and was not given by this provider before. The other source is not asked
    /// then either, and the provenance names the file instead. Needs the feature `role-cache`.
    #[cfg(feature = "role-cache")]
    #[must_use]
    pub fn with_role_cache(mut self, cache: crate::RoleCache) -> Self {
        self.kept = Some(Arc::new(crate::role_cache::Kept::new(cache)));
        self
    }

    /// The name that the session gets.
    #[inline(never)]
    fn session_name(&self) -> Result<String, Error> {
        match &self.role.session_name {
            Some(name) => Ok(name.clone()),
            None => session_name(self.context.env(), self.sts.now()),
        }
    }

    #[inline(never)]
    fn form(&self, name: String, code: Option<Secret>) -> Result<Form, Error> {
        self.role.form(Some(&name), code.as_ref())
    }

    #[inline(never)]
    fn settled(&self, answered: Result<Answered, Error>, source: &Credentials) -> Result<Credentials, Error> {
        answered?.session(ASSUMED_USER, Some(source), self.role.source())
    }

    #[inline(never)]
    fn log_rejection(&self) {
        debug!(role = self.role.role_arn(), "the key was rejected, its source has another");
    }

    /// The MFA device whose code has to be asked for, and who is asked.
    #[inline(never)]
    fn device(&self) -> Result<Option<(&str, &dyn MfaPrompt)>, Error> {
        match (self.role.wants_code_of(), &self.mfa) {
            (None, _) => Ok(None),
            (Some(serial), Some(prompt)) => Ok(Some((serial, &**prompt))),
            (Some(serial), None) => {
                let cure = format_args!(
                    "give the session an MFA callback; the command asks for the code where it has a terminal"
                );
                Err(failure(
                    ErrorKind::Denied,
                    format_args!("role {} wants the code of the MFA device {serial}", self.role.role_arn()),
                    Some(cure),
                ))
            }
        }
    }

    // Boxed, so that its code is not repeated for every way to it.
    fn fetch(&self) -> BoxFuture<'_, Result<Credentials, Error>> {
        Box::pin(async move {
            let mut source = (*self.source).provide_credentials().await.map_err(asked_for)?;
            let mut was_rejected = false;
            loop {
                // The name first: without one nobody is asked for a code.
                let name = self.session_name()?;
                // Good for one call.
                let code = match self.device()? {
                    Some((serial, prompt)) => Some(prompt.code(serial).await?),
                    None => self.role.token_code.clone(),
                };
                let form = self.form(name, code);
                let answered = self.sts.send(form, Some(&source)).await;
                let error = match self.settled(answered, &source) {
                    Err(error) if !was_rejected && source.are_refused(&error, self.sts.now()) => error,
                    settled => return settled,
                };
                if let Some(cache) = &self.cache {
                    cache.invalidate(source.access_key_id());
                }
                match (*self.source).provide_credentials().await {
                    Ok(fresh) if !fresh.signs_like(&source) => source = fresh,
                    _ => return Err(error),
                }
                self.log_rejection();
                was_rejected = true;
            }
        })
    }
}

impl ProvideCredentials for AssumeRoleProvider {
    // What is behind is boxed already.
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        #[cfg(feature = "role-cache")]
        if let Some(kept) = &self.kept {
            return kept.or_fetch(&self.role, self.fetch());
        }
        self.fetch()
    }

    /// That of the other source if it is more patient, and a minute more where a person has to type a code.
    fn time_limit(&self) -> Duration {
        let limit = self.source.time_limit().max(LIMIT);
        if self.role.wants_code_of().is_some() { limit + TYPING } else { limit }
    }
}

impl fmt::Debug for AssumeRoleProvider {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumeRoleProvider")
            .field("role", &self.role.role_arn())
            .field("source", &self.source)
            .finish_non_exhaustive()
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

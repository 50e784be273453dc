//! From a plan to a provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Credentials, Error, ErrorKind, ProvideCredentials, SharedProvider, async_trait};

use crate::{Asked, Base, Plan, Role};

/// Makes the providers that a [`Plan`] names; this crate knows none of them.
///
/// `base` is never asked for [`Base::StaticKeys`] by [`build`], which has those at hand.
pub trait Assemble: Send + Sync {
    /// A provider of the first credentials. Does no I/O.
    ///
    /// # Errors
    /// `InvalidConfig` for a source that is not built in or settings that cannot work.
    fn base(&self, base: Base) -> Result<SharedProvider, Error>;

    /// A provider that assumes `role` with the credentials of `source`. Does no I/O.
    ///
    /// # Errors
    /// `InvalidConfig` when roles are not built in or settings that cannot work.
    fn assume(&self, role: Role, source: SharedProvider) -> Result<SharedProvider, Error>;
}

impl fmt::Debug for dyn Assemble + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Assemble")
    }
}

/// A provider that goes through the whole plan.
///
/// Inside a plan nothing is "not configured": a profile asked for each step, so one that is absent is
/// `InvalidConfig` with the line that asked.
///
/// # Errors
/// Those of `with`, with the line that asked.
pub fn build(plan: Plan, with: &dyn Assemble) -> Result<SharedProvider, Error> {
    let Plan { base, asked_by, roles } = plan;
    let base: SharedProvider = match base {
        Base::StaticKeys(credentials) => Arc::new(credentials),
        base => with.base(base).map_err(|error| asked_in_vain(&error, &asked_by))?,
    };
    roles.into_iter().try_fold(Step::wrap(base, asked_by), |source, role| {
        let asked_by = role.asked_by.clone();
        let provider = with.assume(role, source).map_err(|error| asked_in_vain(&error, &asked_by))?;
        Ok(Step::wrap(provider, asked_by))
    })
}

/// A step that somebody asked for.
#[derive(Debug)]
struct Step {
    provider: SharedProvider,
    asked_by: Asked,
}

impl Step {
    fn wrap(provider: SharedProvider, asked_by: Asked) -> SharedProvider {
        Arc::new(Self { provider, asked_by })
    }
}

#[async_trait]
impl ProvideCredentials for Step {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        self.provider.provide_credentials().await.map_err(|error| match error.kind() {
            ErrorKind::NotConfigured => asked_in_vain(&error, &self.asked_by),
            _ => error,
        })
    }

    fn time_limit(&self) -> Duration {
        self.provider.time_limit()
    }
}

fn asked_in_vain(error: &Error, asked_by: &Asked) -> Error {
    let promoted = Error::invalid_config(format!("{asked_by}, but {error}"));
    match error.hint() {
        Some(hint) => promoted.with_hint(hint.to_owned()),
        None => promoted.with_hint(format!("set it up, or take {} away", asked_by.key())),
    }
}

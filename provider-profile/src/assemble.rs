//! From a plan to a provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{BoxFuture, Credentials, Error, Location, ProvideCredentials, SharedProvider};

use crate::wrong::wrong;
use crate::{Asked, Base, Plan, Role};

/// Makes the providers that a [`Plan`] names; this crate knows none of them.
///
/// `base` is never asked for [`Base::StaticKeys`] by [`build`], which has those at hand.
pub trait Assemble: Send + Sync {
    /// A provider of the first credentials. Does no I/O.
    ///
    /// # Errors
    /// `InvalidConfig` for a source that is not built in or settings that cannot work.
    fn base(&self, base: &Base<'_>) -> Result<SharedProvider, Error>;

    /// A provider that assumes `role` with the credentials of `source`. Does no I/O.
    ///
    /// # Errors
    /// `InvalidConfig` when roles are not built in or settings that cannot work.
    fn assume(&self, role: &Role<'_>, source: SharedProvider) -> Result<SharedProvider, Error>;
}

impl fmt::Debug for dyn Assemble + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Assemble")
    }
}

/// A provider that goes through the whole plan.
///
/// Inside a plan nothing is "not configured": a profile asked for each step, so one that is absent is
/// `InvalidConfig` with the line that asked. Whatever else fails says which line asked for it, and so do the
/// credentials: [`Error::location`], [`Provenance::location`](tucuxi_core::Provenance::location).
///
/// # Errors
/// Those of `with`, with the line that asked.
pub fn build(plan: &Plan<'_>, with: &dyn Assemble) -> Result<SharedProvider, Error> {
    let base = match &plan.base {
        Base::StaticKeys(credentials) => Ok(Arc::new(credentials.clone()) as _),
        base => with.base(base),
    };
    let mut provider = step(base, plan.asked_by)?;
    for role in &plan.roles {
        provider = step(with.assume(role, provider), role.asked_by)?;
    }
    Ok(provider)
}

fn step(provider: Result<SharedProvider, Error>, asked_by: Asked<'_>) -> Result<SharedProvider, Error> {
    let (key, location) = (asked_by.key().to_owned(), asked_by.location().cloned());
    let by = By { who: format!("{asked_by}"), key, location };
    match provider {
        Ok(provider) => Ok(Arc::new(Step { provider, by })),
        Err(error) => Err(by.in_vain(&error)),
    }
}

/// A step that somebody asked for.
#[derive(Debug)]
struct Step {
    provider: SharedProvider,
    by: By,
}

/// Who asked for a step.
#[derive(Debug)]
struct By {
    who: String,
    key: String,
    location: Option<Location>,
}

impl ProvideCredentials for Step {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let answer = (*self.provider).provide_credentials().await;
            self.by.placed(answer)
        })
    }

    fn time_limit(&self) -> Duration {
        self.provider.time_limit()
    }
}

impl By {
    /// The answer with the line that asked.
    fn placed(&self, answer: Result<Credentials, Error>) -> Result<Credentials, Error> {
        match (answer, &self.location) {
            (Ok(credentials), Some(location)) => Ok(credentials.asked_at(location.clone())),
            (Ok(credentials), None) => Ok(credentials),
            (Err(error), _) if error.is_not_configured() => Err(self.in_vain(&error)),
            (Err(error), location) => Err(error.asked_by(&self.who, location.as_ref())),
        }
    }

    /// Whoever asks for a step must have it.
    #[cold]
    fn in_vain(&self, error: &Error) -> Error {
        let who = &self.who;
        let cure = match error.hint() {
            Some(hint) => hint.to_owned(),
            None => format!("set it up, or take {} away", self.key),
        };
        let error = wrong(format_args!("{who}, but {error}"), format_args!("{cure}"));
        error.asked_by(who, self.location.as_ref())
    }
}

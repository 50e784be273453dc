//! A whole profile as one provider.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, Credentials, Error, ProvideCredentials, SharedProvider, async_trait};

use crate::steps::{Part, Step};
use crate::{Assemble, Base, Profiles, Role};

/// Everything that the profile in use names, in botocore's order, without the rest of a default chain.
///
/// For programs that take this crate alone. Keys that stand in a file need nothing else; for roles, SSO and
/// the like give [`with_assemble`](Self::with_assemble) the providers.
///
/// - Reads: what [`Profiles`] reads.
/// - Network: none for keys of a file; otherwise what [`Assemble`] makes of the plan.
/// - Lifetime: no expiry for keys of a file; otherwise that of the last step.
///
/// # Errors
/// - `NotConfigured`: the profile names no source, or nobody chose one and there is no `default`.
/// - `InvalidConfig`: those of [`plan`](crate::plan()); a source that needs `with_assemble`.
/// - `Denied`, `Unavailable`: those of the steps.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::ProfileProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let file = "[dev]\naws_access_key_id = AKID\naws_secret_access_key = secret";
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u"), ("AWS_PROFILE", "dev")]))
///     .with_fs(Fs::fake([("/home/u/.aws/credentials", file)]));
/// let credentials = ProfileProvider::new(&context).provide_credentials().await?;
/// assert_eq!(credentials.access_key_id(), "AKID");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>, checked 2026-11-23.
#[derive(Clone, Debug)]
pub struct ProfileProvider {
    profiles: Profiles,
    assemble: Arc<dyn Assemble>,
    step: Step,
}

impl ProfileProvider {
    /// The profile that the variables choose. Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        Self::of(&Profiles::new(context))
    }

    /// The profile in use of files that others read too.
    pub fn of(profiles: &Profiles) -> Self {
        Self::with(profiles.clone(), Arc::new(Nothing))
    }

    /// Chooses the profile, in code or by flag; the variables no longer count and it must exist.
    #[must_use]
    pub fn with_profile_name(self, name: impl Into<String>) -> Self {
        Self::with(self.profiles.with_profile_name(name), self.assemble)
    }

    /// Makes providers for what is not a key in a file.
    #[must_use]
    pub fn with_assemble(self, assemble: Arc<dyn Assemble>) -> Self {
        Self::with(self.profiles, assemble)
    }

    fn with(profiles: Profiles, assemble: Arc<dyn Assemble>) -> Self {
        let step = Step::new(Part::Whole, &profiles, Arc::clone(&assemble));
        Self { profiles, assemble, step }
    }
}

#[async_trait]
impl ProvideCredentials for ProfileProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        self.step.provide_credentials().await
    }

    /// That of the provider which the profile asked for last.
    fn time_limit(&self) -> Duration {
        self.step.time_limit()
    }
}

/// No providers but those of this crate.
#[derive(Debug)]
struct Nothing;

impl Assemble for Nothing {
    fn base(&self, _: Base) -> Result<SharedProvider, Error> {
        Err(not_given())
    }

    fn assume(&self, _: Role, _: SharedProvider) -> Result<SharedProvider, Error> {
        Err(not_given())
    }
}

fn not_given() -> Error {
    Error::invalid_config("this program brought no provider for that")
        .with_hint("use the crate tucuxi, which has all of them, or ProfileProvider::with_assemble")
}

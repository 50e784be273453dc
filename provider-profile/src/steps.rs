//! The sources of a profile as links of a chain.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tucuxi_core::{Credentials, Error, ProvideCredentials, SharedProvider, async_trait};

use crate::assemble::build;
use crate::file_keys::asked_by_choice;
use crate::plan;
use crate::{Assemble, Origin, Plan, ProfileSet, Profiles};

macro_rules! step {
    ($(#[$doc:meta])* $name:ident, $part:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Step);

        impl $name {
            /// Reads nothing yet.
            pub fn new(profiles: &Profiles, assemble: Arc<dyn Assemble>) -> Self {
                Self(Step::new(Part::$part, profiles, assemble))
            }
        }

        #[async_trait]
        impl ProvideCredentials for $name {
            async fn provide_credentials(&self) -> Result<Credentials, Error> {
                self.0.provide_credentials().await
            }

            /// That of the provider which the profile asked for last.
            fn time_limit(&self) -> Duration {
                self.0.time_limit()
            }
        }
    };
}

step! {
    /// The role of the profile in use: `role_arn` with `source_profile` or `credential_source`.
    ///
    /// - Reads: what [`Profiles`] reads, and what the sources of the role read.
    /// - Network: what [`Assemble`] makes of the roles and their base.
    /// - Lifetime: that of the last role's session.
    ///
    /// # Errors
    /// - `NotConfigured`: the profile has no `role_arn`, or has `web_identity_token_file` beside it.
    /// - `InvalidConfig`: the profile contradicts itself, leads in a circle or lacks something, with every
    ///   line that takes part; or a step of the plan finds nothing.
    /// - `Denied`, `Unavailable`: those of the steps.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    /// use tucuxi_core::{Context, Error, ProvideCredentials, SharedProvider};
    /// use tucuxi_provider_profile::{AssumeRoleStep, Assemble, Base, Profiles, Role};
    ///
    /// /// No providers for anything but keys of a file.
    /// #[derive(Debug)]
    /// struct Nothing;
    ///
    /// impl Assemble for Nothing {
    ///     fn base(&self, _: Base) -> Result<SharedProvider, Error> {
    ///         Err(Error::not_configured("this program has no such source"))
    ///     }
    ///
    ///     fn assume(&self, _: Role, source: SharedProvider) -> Result<SharedProvider, Error> {
    ///         Ok(source)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use tucuxi_core::{Env, Fs};
    /// let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/deploy\ncredential_source = Environment";
    /// let context = Context::local()
    ///     .with_env(Env::fake([("HOME", "/home/u")]))
    ///     .with_fs(Fs::fake([("/home/u/.aws/config", config)]));
    /// let step = AssumeRoleStep::new(&Profiles::new(&context), Arc::new(Nothing));
    /// let error = step.provide_credentials().await.unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "profile \"default\" has credential_source at /home/u/.aws/config:3, but this program has no such source"
    /// );
    /// # }
    /// ```
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>,
    /// checked 2026-11-23.
    AssumeRoleStep, AssumeRole
}

step! {
    /// A role assumed with the token of a file: `web_identity_token_file`, `role_arn`, `role_session_name`.
    ///
    /// - Reads: `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`, each before the key of
    ///   the profile; a profile chosen in code switches the variables off. What [`Profiles`] reads.
    /// - Network: what [`Assemble`] makes of [`Base::WebIdentity`](crate::Base::WebIdentity).
    /// - Lifetime: that of the role's session.
    ///
    /// # Errors
    /// - `NotConfigured`: there is no token file.
    /// - `InvalidConfig`: a token file without a role, with the line or variable.
    /// - `Denied`, `Unavailable`: those of the provider.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>,
    /// checked 2026-11-23.
    WebIdentityStep, WebIdentity
}

step! {
    /// IAM Identity Center: `sso_account_id` and `sso_role_name` with `sso_session`, or with `sso_start_url` and
    /// `sso_region`.
    ///
    /// - Reads: what [`Profiles`] reads.
    /// - Network: what [`Assemble`] makes of [`Base::Sso`](crate::Base::Sso).
    /// - Lifetime: that of the role's session.
    ///
    /// # Errors
    /// - `NotConfigured`: the profile has neither `sso_account_id` nor `sso_role_name`.
    /// - `InvalidConfig`: a key is missing, the session is not there, or profile and session differ, with the
    ///   lines.
    /// - `Denied`, `Unavailable`: those of the provider.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>, checked
    /// 2026-11-23.
    SsoStep, Sso
}

step! {
    /// Console sign-in: `login_session`.
    ///
    /// - Reads: what [`Profiles`] reads.
    /// - Network: what [`Assemble`] makes of [`Base::Login`](crate::Base::Login).
    /// - Lifetime: that of the session.
    ///
    /// # Errors
    /// - `NotConfigured`: the profile has no `login_session`.
    /// - `InvalidConfig`: it is empty, or nobody signed in.
    /// - `Denied`, `Unavailable`: those of the provider.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>, checked
    /// 2026-11-23.
    LoginStep, Login
}

step! {
    /// A helper program: `credential_process`.
    ///
    /// - Reads: what [`Profiles`] reads.
    /// - Network: what [`Assemble`] makes of [`Base::Process`](crate::Base::Process).
    /// - Lifetime: what the helper says.
    ///
    /// # Errors
    /// - `NotConfigured`: the profile has no `credential_process`.
    /// - `InvalidConfig`: it is empty, or cannot be run.
    /// - `Denied`, `Unavailable`: those of the provider.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>,
    /// checked 2026-11-23.
    ProcessStep, Process
}

/// One part of a profile as a provider.
#[derive(Clone)]
pub(crate) struct Step {
    part: Part,
    profiles: Profiles,
    assemble: Arc<dyn Assemble>,
    built: Arc<Mutex<Option<Built>>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    AssumeRole,
    WebIdentity,
    Sso,
    Login,
    Process,
    Whole,
}

/// What was made of which files; a provider with a state of its own lives as long as they stay the same.
struct Built {
    set: Arc<ProfileSet>,
    provider: SharedProvider,
}

impl Step {
    pub(crate) fn new(part: Part, profiles: &Profiles, assemble: Arc<dyn Assemble>) -> Self {
        Self { part, profiles: profiles.clone(), assemble, built: Arc::default() }
    }

    pub(crate) async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let set = self.profiles.load().await?;
        let provider = self.provider(&set)?;
        Ok(asked_by_choice(provider.provide_credentials().await?, &set))
    }

    pub(crate) fn time_limit(&self) -> Duration {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.as_ref().map_or(LIMIT, |built| built.provider.time_limit())
    }

    fn provider(&self, set: &Arc<ProfileSet>) -> Result<SharedProvider, Error> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = &*built
            && Arc::ptr_eq(&built.set, set)
        {
            return Ok(Arc::clone(&built.provider));
        }
        let provider = build(self.plan(set)?, &*self.assemble)?;
        *built = Some(Built { set: Arc::clone(set), provider: Arc::clone(&provider) });
        Ok(provider)
    }

    fn plan(&self, set: &ProfileSet) -> Result<Plan, Error> {
        if let Part::WebIdentity = self.part {
            let variables = (set.selected().origin() != Origin::Code).then(|| self.profiles.env());
            let found = plan::web_identity(set.selected_profile()?, variables)?;
            return found.map(Plan::of).ok_or_else(|| no_token_file(set, variables.is_some()));
        }
        let profile = set.required_profile()?;
        let (found, lacks) = match self.part {
            Part::AssumeRole => (plan::assume_role(set, profile)?, "role_arn"),
            Part::Sso => (plan::sso(set, profile)?.map(Plan::of), "sso_account_id"),
            Part::Login => (plan::login(profile)?.map(Plan::of), "login_session"),
            Part::Process => (plan::process(profile)?.map(Plan::of), "credential_process"),
            Part::Whole | Part::WebIdentity => (Some(plan(set, profile.name())?), ""),
        };
        found.ok_or_else(|| absent(set, lacks))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("part", &self.part).field("profiles", &self.profiles).finish_non_exhaustive()
    }
}

fn absent(set: &ProfileSet, key: &str) -> Error {
    Error::not_configured(format!("profile {:?} has no {key} in {}", set.selected().name(), set.files_in_words()))
}

fn no_token_file(set: &ProfileSet, variables_count: bool) -> Error {
    let absent = absent(set, "web_identity_token_file");
    if variables_count {
        return Error::not_configured(format!("AWS_WEB_IDENTITY_TOKEN_FILE is not set, and {absent}"));
    }
    absent
}

const LIMIT: Duration = Duration::from_secs(30);

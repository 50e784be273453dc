//! A whole profile as one provider.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tucuxi_core::{
    BoxFuture, Chain, Context, Credentials, Env, Error, ProvideCredentials, SharedProvider, Source, chain_of,
};

use crate::plan::{TOKEN_FILE, web_identity};
use crate::wrong::{absent, wrong};
use crate::{Assemble, Base, FileKind, Origin, Part, Plan, ProfileSet, Profiles, Role, Selected, build, plan};

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
#[derive(Clone)]
pub struct ProfileProvider(Arc<Inner>);

struct Inner {
    profiles: Profiles,
    assemble: Arc<dyn Assemble>,
    part: Option<Part>,
    built: Mutex<Option<Built>>,
}

/// What was made of which files; a provider with a state of its own lives as long as they stay the same.
struct Built {
    set: Arc<ProfileSet>,
    provider: SharedProvider,
}

impl ProfileProvider {
    /// The profile that the variables choose. Reads nothing yet.
    #[inline]
    pub fn new(context: &Context) -> Self {
        Self::of(&Profiles::new(context))
    }

    /// The profile in use of files that others read too.
    #[inline]
    pub fn of(profiles: &Profiles) -> Self {
        Self::with(profiles.clone(), Arc::new(Nothing), None)
    }

    /// Chooses the profile, in code or by flag; the variables no longer count and it must exist.
    #[must_use]
    pub fn with_profile_name(self, name: impl Into<String>) -> Self {
        self.with_profiles(self.0.profiles.clone().with_profile_name(name))
    }

    /// Makes providers for what is not a key in a file.
    #[must_use]
    #[inline]
    pub fn with_assemble(self, assemble: Arc<dyn Assemble>) -> Self {
        Self::with(self.0.profiles.clone(), assemble, self.0.part)
    }

    /// Only one of the sources that a profile can name; `NotConfigured` for a profile that does not name it.
    #[must_use]
    #[inline]
    pub fn only(self, part: Part) -> Self {
        Self::with(self.0.profiles.clone(), Arc::clone(&self.0.assemble), Some(part))
    }

    #[inline(never)]
    fn with(profiles: Profiles, assemble: Arc<dyn Assemble>, part: Option<Part>) -> Self {
        Self(Arc::new(Inner { profiles, assemble, part, built: Mutex::new(None) }))
    }

    #[inline]
    fn with_profiles(&self, profiles: Profiles) -> Self {
        Self::with(profiles, Arc::clone(&self.0.assemble), self.0.part)
    }
}

impl Inner {
    fn provider(&self, set: &Arc<ProfileSet>) -> Result<SharedProvider, Error> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = &*built
            && Arc::ptr_eq(&built.set, set)
        {
            return Ok(Arc::clone(&built.provider));
        }
        let from_code = set.selected().origin() == Origin::Code;
        let variables = (!from_code).then(|| self.profiles.env());
        let provider = build(&self.plan(set, variables)?, &*self.assemble)?;
        *built = Some(Built { set: Arc::clone(set), provider: Arc::clone(&provider) });
        Ok(provider)
    }

    fn plan<'a>(&self, set: &'a ProfileSet, variables: Option<&Env>) -> Result<Plan<'a>, Error> {
        let Some(part) = self.part else { return plan(set, set.required_profile()?.name()) };
        let found = match part {
            Part::WebIdentity => web_identity(set.selected_profile()?, variables)?,
            part => part.plan(set, set.required_profile()?)?,
        };
        found.ok_or_else(|| nothing(part, set, variables))
    }
}

/// The profile does not name the source.
#[cold]
fn nothing(part: Part, set: &ProfileSet, variables: Option<&Env>) -> Error {
    let places = match part {
        Part::CredentialsFile => format!("{}", set.file(FileKind::Credentials)),
        Part::ConfigFile => format!("{}", set.file(FileKind::Config)),
        _ => set.files_in_words(),
    };
    let and = match (part, variables) {
        (Part::WebIdentity, Some(env)) => format!("{TOKEN_FILE} {}, and ", env.absence(TOKEN_FILE)),
        _ => String::new(),
    };
    absent(format_args!("{and}profile {:?} has no {} in {places}", set.selected().name(), part.key()))
}

impl ProvideCredentials for ProfileProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let set = self.0.profiles.load().await?;
            let answer = (*self.0.provider(&set)?).provide_credentials().await;
            asked_for(answer, set.selected())
        })
    }

    /// That of the provider which the profile asked for last.
    fn time_limit(&self) -> Duration {
        let built = self.0.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.as_ref().map_or(LIMIT, |built| built.provider.time_limit())
    }
}

impl fmt::Debug for ProfileProvider {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ProfileProvider");
        debug.field("profiles", &self.0.profiles).field("part", &self.0.part).finish_non_exhaustive()
    }
}

/// The answer, with the profile that somebody chose.
fn asked_for(answer: Result<Credentials, Error>, selected: &Selected) -> Result<Credentials, Error> {
    match answer {
        Ok(credentials) if selected.is_chosen() => {
            Ok(credentials.asked_by(Source::Profile(selected.name().to_owned())))
        }
        answer => answer,
    }
}

/// Each source that a profile can name as a link, in botocore's order; asks none yet.
///
/// # Errors
/// When asked, those of [`ProfileProvider`].
pub fn chain(profiles: &Profiles, assemble: &Arc<dyn Assemble>) -> Chain {
    chain_of(&mut |chain| {
        for &part in Part::ALL.as_slice() {
            chain.link(part.id(), of_part(profiles, assemble, part));
        }
    })
}

// Apart, since the loop over the parts is unrolled.
#[inline(never)]
fn of_part(profiles: &Profiles, assemble: &Arc<dyn Assemble>, part: Part) -> SharedProvider {
    Arc::new(ProfileProvider::with(profiles.clone(), Arc::clone(assemble), Some(part)))
}

/// No providers but those of this crate.
#[derive(Debug)]
struct Nothing;

impl Assemble for Nothing {
    #[inline]
    fn base(&self, _: &Base<'_>) -> Result<SharedProvider, Error> {
        Err(not_given())
    }

    #[inline]
    fn assume(&self, _: &Role<'_>, _: SharedProvider) -> Result<SharedProvider, Error> {
        Err(not_given())
    }
}

fn not_given() -> Error {
    wrong(
        format_args!("this program brought no provider for that"),
        format_args!("use the crate tucuxi, which has all of them, or ProfileProvider::with_assemble"),
    )
}

const LIMIT: Duration = Duration::from_secs(30);

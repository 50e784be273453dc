//! The two providers of plain keys.

use tucuxi_core::{Credentials, Error, ProvideCredentials, Source, async_trait};

use crate::{FileKind, ProfileSet, Profiles, static_keys};

/// Keys in the credentials file's section of the profile in use.
///
/// Only that file is looked at: keys of the config file are [`ConfigFileProvider`]'s.
///
/// - Reads: what [`Profiles`] reads; the keys `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`
///   (or `aws_security_token`), `aws_account_id`.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: the section has no key, or nobody chose a profile and there is no `default`.
/// - `InvalidConfig`: half a key pair or an empty one (with file and line; with both lines when the halves are
///   in the two files), a chosen profile that does not exist, a file that cannot be read.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::{Profiles, SharedCredentialsFileProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let file = "[default]\naws_access_key_id = AKID\naws_secret_access_key = secret";
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u")]))
///     .with_fs(Fs::fake([("/home/u/.aws/credentials", file)]));
/// let credentials = SharedCredentialsFileProvider::new(&Profiles::new(&context)).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "shared-credentials-file /home/u/.aws/credentials:2");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>, checked
/// 2026-11-23.
#[derive(Clone, Debug)]
pub struct SharedCredentialsFileProvider {
    profiles: Profiles,
}

impl SharedCredentialsFileProvider {
    /// Reads nothing yet.
    pub fn new(profiles: &Profiles) -> Self {
        Self { profiles: profiles.clone() }
    }
}

#[async_trait]
impl ProvideCredentials for SharedCredentialsFileProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        keys_of(&*self.profiles.load().await?, FileKind::Credentials)
    }
}

/// Keys in the config file's section of the profile in use.
///
/// Only that file is looked at: keys of the credentials file are [`SharedCredentialsFileProvider`]'s, which is
/// asked earlier in the default chain.
///
/// - Reads: what [`Profiles`] reads; the keys `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`
///   (or `aws_security_token`), `aws_account_id`.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: the section has no key, or nobody chose a profile and there is no `default`.
/// - `InvalidConfig`: half a key pair or an empty one (with file and line; with both lines when the halves are
///   in the two files), a chosen profile that does not exist, a file that cannot be read.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::{ConfigFileProvider, Profiles};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let file = "[profile dev]\naws_access_key_id = AKID\naws_secret_access_key = secret";
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u")]))
///     .with_fs(Fs::fake([("/home/u/.aws/config", file)]));
/// let profiles = Profiles::new(&context).with_profile_name("dev");
/// let credentials = ConfigFileProvider::new(&profiles).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "profile dev > config-file /home/u/.aws/config:2");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>, checked
/// 2026-11-23.
#[derive(Clone, Debug)]
pub struct ConfigFileProvider {
    profiles: Profiles,
}

impl ConfigFileProvider {
    /// Reads nothing yet.
    pub fn new(profiles: &Profiles) -> Self {
        Self { profiles: profiles.clone() }
    }
}

#[async_trait]
impl ProvideCredentials for ConfigFileProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        keys_of(&*self.profiles.load().await?, FileKind::Config)
    }
}

fn keys_of(set: &ProfileSet, file: FileKind) -> Result<Credentials, Error> {
    let profile = set.required_profile()?;
    match static_keys::read(profile, file)? {
        Some(credentials) => Ok(asked_by_choice(credentials, set)),
        None => Err(Error::not_configured(format!(
            "profile {:?} has no aws_access_key_id in {}",
            profile.name(),
            set.file(file)
        ))),
    }
}

/// Names the profile in the provenance when somebody chose it.
pub(crate) fn asked_by_choice(credentials: Credentials, set: &ProfileSet) -> Credentials {
    let selected = set.selected();
    if selected.is_chosen() { credentials.asked_by(Source::Profile(selected.name().to_owned())) } else { credentials }
}

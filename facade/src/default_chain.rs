//! The order of the sources.

#[cfg(feature = "default-chain")]
use tucuxi_core::chain_of;
use tucuxi_core::{Chain, Context};
#[cfg(feature = "default-chain")]
use tucuxi_provider_profile::LegacyFileProvider;

use crate::{Settings, assemble};

/// Every source of credentials, in botocore's order; asks none yet.
///
/// | link | asks |
/// |---|---|
/// | `env` | the variables `AWS_ACCESS_KEY_ID`, ...; off when the profile was given in code |
/// | `assume-role` | a profile with `role_arn` |
/// | `assume-role-with-web-identity` | `AWS_WEB_IDENTITY_TOKEN_FILE`, or a profile with `web_identity_token_file` |
/// | `sso` | a profile of IAM Identity Center |
/// | `shared-credentials-file` | keys in the credentials file |
/// | `login` | a profile with `login_session` |
/// | `custom-process` | a profile with `credential_process` |
/// | `config-file` | keys in the config file |
/// | `ec2-credentials-file` | the file that `AWS_CREDENTIAL_FILE` names |
/// | `boto-config` | a Boto2 configuration file |
/// | `container-role` | the container endpoint |
/// | `iam-role` | EC2 instance metadata |
///
/// The first source that is configured answers, and its failure is the chain's failure.
///
/// # Example
/// ```
/// use tucuxi::{Chain, Context, Credentials, Env, Settings, default_chain};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
/// # let context = Context::local().with_env(Env::fake([("HOME", "/nowhere")]));
/// let settings = Settings::load(&context).await?;
/// let chain = Chain::builder()
///     .link("vault", Credentials::new("AKID", "secret"))
///     .chain(default_chain(&context, &settings))
///     .without("iam-role")
///     .build();
/// assert_eq!(chain.ids().take(2).collect::<Vec<_>>(), ["vault", "env"]);
/// # Ok(()) }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[cfg(feature = "default-chain")]
pub fn default_chain(context: &Context, settings: &Settings) -> Chain {
    chain_of(&mut |chain| {
        chain.link("env", assemble::env(context, settings));
        chain.chain(profile_chain(context, settings));
        chain.link("ec2-credentials-file", LegacyFileProvider::ec2(context).into());
        chain.link("boto-config", LegacyFileProvider::boto(context).into());
        chain.link("container-role", assemble::container(context));
        chain.link("iam-role", assemble::imds(context, settings));
    })
}

/// What the selected profile names, in botocore's order: the links from `assume-role` to `config-file` of the
/// default chain; asks none yet.
///
/// For a chain of one's own in a build that names its sources one by one.
///
/// # Errors
/// When asked, `InvalidConfig` for a profile that names a source whose feature is off; the message names
/// line and feature.
///
/// # Example
/// ```
/// use tucuxi::{Context, Env, Settings, profile_chain};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
/// # let context = Context::local().with_env(Env::fake([("HOME", "/nowhere")]));
/// let settings = Settings::load(&context).await?;
/// assert_eq!(profile_chain(&context, &settings).ids().count(), 7);
/// # Ok(()) }
/// ```
#[inline]
pub fn profile_chain(context: &Context, settings: &Settings) -> Chain {
    tucuxi_provider_profile::chain(settings.files().profiles(), &assemble::assembly(context, settings))
}

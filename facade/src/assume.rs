//! The Security Token Service and roles, as a session's settings say.

use std::sync::Arc;

use tucuxi_core::{Cache, Context, Error, SharedProvider};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleProvider, Sts, StsSettings};

use crate::Settings;
use crate::settings::StsEndpoints;
use crate::source::refusal;

/// The Security Token Service.
pub(crate) fn sts(context: &Context, settings: &Settings) -> Result<Sts, Error> {
    let legacy = settings.sts_regional_endpoints().is_some_and(|setting| *setting.value() == StsEndpoints::Legacy);
    let mut sts = StsSettings::default();
    sts.region = settings.region_value()?;
    (sts.endpoint_url, sts.endpoint_origins) = settings.endpoint("sts")?;
    sts.use_fips = settings.is_fips();
    sts.use_dual_stack = settings.is_dual_stack();
    sts.use_global_endpoint = legacy;
    sts.limits = settings.http_options();
    sts.retry = settings.retry_policy();
    Ok(Sts::new(context, sts))
}

/// What a role is taken on with.
pub(crate) enum RoleSource {
    Provider(SharedProvider),
    /// It hears when the service rejects its key.
    Cache(Cache),
}

/// A role; settings that cannot be used are its answer.
pub(crate) fn assume(
    context: &Context,
    settings: &Settings,
    role: &dyn Fn() -> AssumeRole,
    source: RoleSource,
) -> SharedProvider {
    let sts = match sts(context, settings) {
        Ok(sts) => sts,
        Err(error) => return refusal(error),
    };
    #[cfg_attr(not(feature = "role-cache"), expect(unused_mut, reason = "nothing is added in such a build"))]
    let mut provider = match source {
        RoleSource::Provider(source) => AssumeRoleProvider::new(context, sts, role(), source),
        RoleSource::Cache(source) => AssumeRoleProvider::from_cache(context, sts, role(), source),
    };
    #[cfg(feature = "role-cache")]
    if settings.role_cache().is_some_and(|share| *share.value()) {
        provider = provider.with_role_cache(tucuxi_provider_sts::RoleCache::new(context));
    }
    match settings.mfa() {
        Some(prompt) => provider.with_mfa(Arc::clone(prompt)).into(),
        None => provider.into(),
    }
}

/// The role of a profile.
#[cfg(feature = "profile")]
pub(crate) fn assume_in_profile(
    context: &Context,
    settings: &Settings,
    role: &tucuxi_provider_profile::Role<'_>,
    source: SharedProvider,
) -> SharedProvider {
    let role = || AssumeRole::in_profile(role.arn, role.session_name, role.external_id, role.mfa_serial, role.duration);
    assume(context, settings, &role, RoleSource::Provider(source))
}

/// The role of a profile or of variables for the holder of a token.
#[cfg(feature = "profile")]
pub(crate) fn web_identity(
    context: &Context,
    settings: &Settings,
    web: &tucuxi_provider_profile::WebIdentity<'_>,
) -> Result<SharedProvider, Error> {
    let sts = sts(context, settings)?;
    let token = match web.named_at {
        Some(line) => tucuxi_provider_sts::TokenSource::file_named_at(&*web.token_file, line.clone()),
        None => (*web.token_file).into(),
    };
    let role = tucuxi_provider_sts::AssumeRoleWithWebIdentity::in_profile(&web.role_arn, web.session_name.as_deref());
    Ok(tucuxi_provider_sts::WebIdentityProvider::new(context, sts, role, token).into())
}

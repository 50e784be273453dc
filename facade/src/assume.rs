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
    let mut sts = StsSettings::default()
        .with_region(settings.region()?.map(|region| region.value().clone()))
        .with_fips(settings.is_fips())
        .with_dual_stack(settings.is_dual_stack())
        .with_global_endpoint(legacy)
        .with_limits(settings.http_options())
        .with_retry(settings.retry_policy());
    sts.endpoint_url = settings.endpoint("sts")?;
    Ok(Sts::new(context, sts))
}

/// What a role is taken on with.
pub(crate) enum RoleSource {
    Provider(SharedProvider),
    /// It hears when the service rejects its key.
    Cache(Cache),
}

/// A role; settings that cannot be used are its answer.
pub(crate) fn assume(context: &Context, settings: &Settings, role: AssumeRole, source: RoleSource) -> SharedProvider {
    let sts = match sts(context, settings) {
        Ok(sts) => sts,
        Err(error) => return refusal(error),
    };
    #[cfg_attr(not(feature = "role-cache"), expect(unused_mut, reason = "nothing is added in such a build"))]
    let mut provider = match source {
        RoleSource::Provider(source) => AssumeRoleProvider::new(context, sts, role, source),
        RoleSource::Cache(source) => AssumeRoleProvider::from_cache(context, sts, role, source),
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

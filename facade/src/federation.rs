//! Sources that code names and the Security Token Service answers.

use std::fmt;

use tucuxi_core::{Context, SharedProvider};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleWithWebIdentity, Sts, TokenSource, WebIdentityProvider};

use crate::Settings;
use crate::assume::{RoleSource, assume, sts};
use crate::source::refusal;

/// What is made of another source's credentials. A trait object, so that a program has the code of those alone that
/// it asks for.
pub(crate) trait Step: Send + Sync {
    /// The link's identifier.
    fn id(&self) -> &'static str;

    /// The provider, which takes `source` as its input.
    fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider;
}

impl fmt::Debug for dyn Step + '_ {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A role.
pub(crate) struct Role(pub(crate) AssumeRole);

/// A role for whoever holds a token or an assertion. A trait object for the same reason.
pub(crate) trait Federated: Send + Sync {
    /// The link's identifier.
    fn id(&self) -> &'static str;

    /// The provider.
    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider;
}

impl fmt::Debug for dyn Federated + '_ {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A role for the holder of a token.
pub(crate) struct WebIdentity(pub(crate) AssumeRoleWithWebIdentity, pub(crate) TokenSource);

impl Step for Role {
    fn id(&self) -> &'static str {
        "assume-role"
    }

    #[inline]
    fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider {
        assume(context, settings, &|| self.0.clone(), source)
    }
}

impl Federated for WebIdentity {
    fn id(&self) -> &'static str {
        "assume-role-with-web-identity"
    }

    #[inline]
    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider {
        let Self(role, token) = self;
        with_sts(context, settings, |sts| WebIdentityProvider::new(context, sts, role.clone(), token.clone()).into())
    }
}

/// Settings that cannot be used are the provider's answer.
pub(crate) fn with_sts(
    context: &Context,
    settings: &Settings,
    make: impl FnOnce(Sts) -> SharedProvider,
) -> SharedProvider {
    sts(context, settings).map_or_else(refusal, make)
}

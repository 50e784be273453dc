//! Sources that code names and the Security Token Service answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, SharedProvider};
use tucuxi_provider_sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, SamlProvider, SessionTokenProvider, Sts, TokenSource,
    WebIdentityProvider,
};

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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A role.
pub(crate) struct Role(pub(crate) AssumeRole);

/// A session of the same identity.
pub(crate) struct SessionOfItself {
    pub(crate) duration: Option<Duration>,
    pub(crate) mfa_serial: Option<String>,
}

/// A role for whoever holds a token or an assertion. A trait object for the same reason.
pub(crate) trait Federated: Send + Sync {
    /// The link's identifier.
    fn id(&self) -> &'static str;

    /// The provider.
    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider;
}

impl fmt::Debug for dyn Federated + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A role for the holder of a token.
pub(crate) struct WebIdentity(pub(crate) AssumeRoleWithWebIdentity, pub(crate) TokenSource);

/// A role for the holder of an assertion.
pub(crate) struct Saml(pub(crate) AssumeRoleWithSaml, pub(crate) TokenSource);

impl Step for Role {
    fn id(&self) -> &'static str {
        "assume-role"
    }

    fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider {
        assume(context, settings, self.0.clone(), source)
    }
}

impl Step for SessionOfItself {
    fn id(&self) -> &'static str {
        "session-token"
    }

    fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider {
        with_sts(context, settings, |sts| {
            let source: SharedProvider = match source {
                RoleSource::Provider(source) => source,
                RoleSource::Cache(cache) => cache.into(),
            };
            let mut provider = SessionTokenProvider::new(sts, source);
            if let Some(duration) = self.duration {
                provider = provider.with_duration(duration);
            }
            match (&self.mfa_serial, settings.mfa()) {
                (Some(serial), Some(prompt)) => provider.with_mfa(serial, Arc::clone(prompt)).into(),
                (Some(serial), None) => provider.with_mfa_serial(serial).into(),
                (None, _) => provider.into(),
            }
        })
    }
}

impl Federated for WebIdentity {
    fn id(&self) -> &'static str {
        "assume-role-with-web-identity"
    }

    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider {
        let Self(role, token) = self;
        with_sts(context, settings, |sts| WebIdentityProvider::new(context, sts, role.clone(), token.clone()).into())
    }
}

impl Federated for Saml {
    fn id(&self) -> &'static str {
        "assume-role-with-saml"
    }

    fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider {
        let Self(role, assertion) = self;
        with_sts(context, settings, |sts| SamlProvider::new(context, sts, role.clone(), assertion.clone()).into())
    }
}

/// Settings that cannot be used are the provider's answer.
fn with_sts(context: &Context, settings: &Settings, make: impl FnOnce(Sts) -> SharedProvider) -> SharedProvider {
    sts(context, settings).map_or_else(refusal, make)
}

//! Sources that code names and the Security Token Service answers.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, Error, SharedProvider};
use tucuxi_provider_sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, SamlProvider, SessionTokenProvider, Sts, TokenSource,
    WebIdentityProvider,
};

use crate::assemble::RoleSource;
use crate::source::Refusal;
use crate::{Settings, assemble};

/// What is made of another source's credentials.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A role.
    Role(Box<AssumeRole>),
    /// A session of the same identity.
    Session { duration: Option<Duration>, mfa_serial: Option<String> },
}

/// A role for whoever holds a token or an assertion.
#[derive(Clone, Debug)]
pub(crate) enum Federated {
    WebIdentity(AssumeRoleWithWebIdentity, TokenSource),
    Saml(AssumeRoleWithSaml, TokenSource),
}

impl Step {
    /// The link's identifier.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Role(_) => "assume-role",
            Self::Session { .. } => "session-token",
        }
    }

    pub(crate) fn provider(&self, context: &Context, settings: &Settings, source: RoleSource) -> SharedProvider {
        match self {
            Self::Role(role) => assemble::assume(context, settings, role.as_ref().clone(), source),
            Self::Session { duration, mfa_serial } => with_sts(context, settings, |sts| {
                let source: SharedProvider = match source {
                    RoleSource::Provider(source) => source,
                    RoleSource::Cache(cache) => Arc::new(cache),
                };
                let mut provider = SessionTokenProvider::new(sts, source);
                if let Some(duration) = duration {
                    provider = provider.with_duration(*duration);
                }
                Arc::new(match (mfa_serial, settings.mfa()) {
                    (Some(serial), Some(prompt)) => provider.with_mfa(serial, Arc::clone(prompt)),
                    (Some(serial), None) => provider.with_mfa_serial(serial),
                    (None, _) => provider,
                })
            }),
        }
    }
}

impl Federated {
    /// The link's identifier.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::WebIdentity(..) => "assume-role-with-web-identity",
            Self::Saml(..) => "assume-role-with-saml",
        }
    }

    pub(crate) fn provider(&self, context: &Context, settings: &Settings) -> SharedProvider {
        with_sts(context, settings, |sts| match self.clone() {
            Self::WebIdentity(role, token) => Arc::new(WebIdentityProvider::new(context, sts, role, token)),
            Self::Saml(role, assertion) => Arc::new(SamlProvider::new(context, sts, role, assertion)),
        })
    }
}

/// Settings that cannot be used are the provider's answer.
fn with_sts(context: &Context, settings: &Settings, make: impl FnOnce(Sts) -> SharedProvider) -> SharedProvider {
    assemble::sts(context, settings).map_or_else(|error: Error| Arc::new(Refusal(error)), make)
}

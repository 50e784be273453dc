//! Where a session takes its credentials from.

use std::any::Any;
use std::sync::Arc;

use tucuxi_core::audit::Audited;
use tucuxi_core::{
    Attempt, BoxFuture, Cache, Chain, Context, Credentials, Error, ProvideCredentials, SharedProvider, Trace, chain_of,
};

use crate::Settings;
#[cfg(feature = "sts")]
use crate::assume::RoleSource;
#[cfg(feature = "default-chain")]
use crate::default_chain;
#[cfg(feature = "sts")]
use crate::federation::{Federated, Step};

/// Where a session takes its credentials from.
#[derive(Debug)]
pub(crate) enum Source {
    /// Keys given in code.
    Keys(Credentials),
    /// Requests go out unsigned.
    Anonymous,
    /// A provider given in code, with the cache in front of it.
    Own { chain: Chain, cache: Option<Cache> },
    /// The default chain.
    #[cfg(feature = "default-chain")]
    Default,
    /// A role for the holder of a token or an assertion given in code.
    #[cfg(feature = "sts")]
    Federated(Arc<dyn Federated>),
    /// A role or a session, taken on with the credentials of another source.
    #[cfg(feature = "sts")]
    Over { base: Arc<Self>, cache: Cache, step: Arc<dyn Step> },
}

impl Source {
    /// A provider given in code; a chain keeps its links for the trace, a cache stays the one cache.
    pub(crate) fn own(provider: impl ProvideCredentials + 'static) -> Self {
        let any: &dyn Any = &provider;
        if let Some(chain) = any.downcast_ref::<Chain>() {
            return Self::Own { chain: chain.clone(), cache: None };
        }
        let cache = any.downcast_ref::<Cache>().cloned();
        Self::Own { chain: Chain::builder().link("custom", provider).build(), cache }
    }

    /// Apart, since the code to drop a source would stand wherever one is put behind a pointer.
    #[inline(never)]
    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// What the source does, with the credentials it keeps fresh.
    pub(crate) fn cache(&self, context: &Context, settings: &Settings) -> Cache {
        match self {
            Self::Keys(credentials) => kept(context, settings, credentials.clone().into()),
            Self::Own { cache: Some(cache), .. } => cache.clone(),
            #[cfg(feature = "sts")]
            Self::Over { cache, step, .. } => {
                let provider = step.provider(context, settings, RoleSource::Cache(cache.clone()));
                kept(context, settings, one(step.id(), provider).into())
            }
            _ => kept(context, settings, self.chain(context, settings).into()),
        }
    }

    /// Every link, past the cache.
    pub(crate) fn chain(&self, context: &Context, settings: &Settings) -> Chain {
        match self {
            Self::Keys(credentials) => chain_of(&mut |chain| {
                chain.link(EXPLICIT, credentials.clone().into());
                chain.chain(default_chain(context, settings));
            }),
            Self::Anonymous => {
                let nobody = Error::not_configured("the session was told in code to sign nothing");
                one("anonymous", refusal(nobody))
            }
            Self::Own { chain, .. } => chain.clone(),
            #[cfg(feature = "default-chain")]
            Self::Default => default_chain(context, settings),
            #[cfg(feature = "sts")]
            Self::Federated(federated) => one(federated.id(), federated.provider(context, settings)),
            #[cfg(feature = "sts")]
            Self::Over { base, step, .. } => {
                let source = RoleSource::Provider(base.chain(context, settings).into());
                one(step.id(), step.provider(context, settings, source))
            }
        }
    }

    /// Every link without network and programs; nobody knows what a provider of the program's own needs.
    pub(crate) async fn trace_offline(&self, context: &Context, settings: &Settings) -> Trace {
        match self {
            Self::Own { chain, .. } => Trace::new(chain.ids().map(not_asked).collect()),
            #[cfg(feature = "sts")]
            Self::Over { base, step, .. } if base.is_own() => Trace::new(vec![not_asked(step.id())]),
            _ => self.chain(&context.clone().offline(), settings).trace().await,
        }
    }

    /// Whether the selected profile matters to it.
    #[inline]
    pub(crate) fn needs_files(&self) -> bool {
        match self {
            Self::Keys(_) | Self::Anonymous | Self::Own { .. } => false,
            #[cfg(feature = "default-chain")]
            Self::Default => true,
            #[cfg(feature = "sts")]
            Self::Federated(_) => false,
            #[cfg(feature = "sts")]
            Self::Over { base, .. } => base.needs_files(),
        }
    }

    #[cfg(feature = "sts")]
    #[inline]
    fn is_own(&self) -> bool {
        match self {
            Self::Own { .. } => true,
            Self::Over { base, .. } => base.is_own(),
            _ => false,
        }
    }
}

/// A cache in front of the provider, and between them whoever hears of what it gives.
fn kept(context: &Context, settings: &Settings, provider: SharedProvider) -> Cache {
    let provider = match settings.audit() {
        Some(audit) => Audited::new(context, provider, audit).into(),
        None => provider,
    };
    Cache::new(context, provider)
}

fn one(id: &'static str, provider: SharedProvider) -> Chain {
    chain_of(&mut |chain| chain.link(id, Arc::clone(&provider)))
}

/// Answers with one error.
#[inline(never)]
pub(crate) fn refusal(error: Error) -> SharedProvider {
    Arc::new(Refusal(error))
}

struct Refusal(Error);

impl ProvideCredentials for Refusal {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move { Err(self.0.clone()) })
    }
}

/// In a build without a default chain, an empty one.
#[cfg(not(feature = "default-chain"))]
fn default_chain(_: &Context, _: &Settings) -> Chain {
    Chain::builder().build()
}

#[inline]
fn not_asked(id: &str) -> Attempt {
    let error = Error::unavailable("would ask a provider of the program's own").offline();
    Attempt::new(id.to_owned(), Err(error.at(id.to_owned())))
}

/// The identifier of keys given in code.
const EXPLICIT: &str = "explicit";

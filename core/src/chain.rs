//! Alternatives: the first configured source wins.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Attempt, Credentials, Error, ProvideCredentials, SharedProvider, Trace};

/// Sources in order; the first one that is configured answers, and its failure is the chain's failure.
///
/// Only [`ErrorKind::NotConfigured`](crate::ErrorKind::NotConfigured) moves on to the next source, so a
/// broken profile never lets another identity slip in.
///
/// # Errors
/// When no source is configured the error lists every attempt; otherwise it is that of the source that
/// stopped the chain.
///
/// # Example
/// ```
/// use tucuxi_core::{Chain, Credentials, Error, from_fn};
///
/// let chain = Chain::builder()
///     .link("vault", from_fn("vault", || async { Err(Error::not_configured("no vault here")) }))
///     .link("fixed", Credentials::new("AKID", "secret"))
///     .build();
/// assert_eq!(chain.ids().collect::<Vec<_>>(), ["vault", "fixed"]);
/// ```
#[derive(Clone, Debug)]
pub struct Chain {
    links: Arc<[Link]>,
}

#[derive(Clone, Debug)]
struct Link {
    id: Cow<'static, str>,
    provider: SharedProvider,
}

impl Chain {
    /// An empty chain to add links to.
    pub fn builder() -> ChainBuilder {
        ChainBuilder::default()
    }

    /// The identifiers of the links, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(|link| &*link.id)
    }

    /// Asks every link, also those behind the one that answers, and records each answer.
    pub async fn trace(&self) -> Trace {
        let mut attempts = Vec::with_capacity(self.links.len());
        for link in &*self.links {
            let answer = link.provider.provide_credentials().await;
            attempts.push(Attempt::new(link.id.clone(), answer.map_err(|error| error.at(link.id.clone()))));
        }
        Trace::new(attempts)
    }
}

#[async_trait]
impl ProvideCredentials for Chain {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let mut attempts = Vec::new();
        for Link { id, provider } in &*self.links {
            match provider.provide_credentials().await {
                Err(error) if error.is_not_configured() => attempts.push(Attempt::new(id.clone(), Err(error))),
                settled => return settled.map_err(|error| error.at(id.clone())),
            }
        }
        Err(Error::nothing_configured(attempts))
    }

    /// That of the most patient link.
    fn time_limit(&self) -> Duration {
        let limits = self.links.iter().map(|link| link.provider.time_limit());
        limits.max().unwrap_or_default()
    }
}

/// Puts a [`Chain`] together; nothing is asked until the chain is.
#[derive(Clone, Debug, Default)]
pub struct ChainBuilder {
    links: Vec<Link>,
}

impl ChainBuilder {
    /// Appends a source under an identifier that `explain` shows.
    #[must_use]
    pub fn link(mut self, id: impl Into<Cow<'static, str>>, provider: impl ProvideCredentials + 'static) -> Self {
        self.links.push(Link { id: id.into(), provider: Arc::new(provider) });
        self
    }

    /// Appends every link of another chain.
    #[must_use]
    pub fn chain(mut self, other: Chain) -> Self {
        self.links.extend(other.links.iter().cloned());
        self
    }

    /// Puts a source in front of the link `before`, or at the end when there is no such link.
    #[must_use]
    pub fn insert_before(
        mut self,
        before: &str,
        id: impl Into<Cow<'static, str>>,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        let at = self.position(before).unwrap_or(self.links.len());
        self.links.insert(at, Link { id: id.into(), provider: Arc::new(provider) });
        self
    }

    /// Puts a source behind the link `after`, or at the end when there is no such link.
    #[must_use]
    pub fn insert_after(
        mut self,
        after: &str,
        id: impl Into<Cow<'static, str>>,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        let at = self.position(after).map_or(self.links.len(), |at| at + 1);
        self.links.insert(at, Link { id: id.into(), provider: Arc::new(provider) });
        self
    }

    /// Takes out every link with this identifier.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.links.retain(|link| link.id != id);
        self
    }

    /// The finished chain.
    pub fn build(self) -> Chain {
        Chain { links: self.links.into() }
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.links.iter().position(|link| link.id == id)
    }
}

//! Alternatives: the first configured source wins.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::{Attempt, BoxFuture, Credentials, Error, ProvideCredentials, SharedProvider, Trace};

/// Sources in order; the first one that is configured answers, and its failure is the chain's failure.
///
/// Only [`ErrorKind::NotConfigured`](crate::ErrorKind::NotConfigured) moves on to the next source, so a
/// broken profile never lets another identity slip in.
///
/// # Errors
/// When no source is configured the error lists every attempt and the likeliest cures, and so does that of the last
/// source when no other was configured; `InvalidConfig` when the chain was edited by an
/// identifier that it does not have; otherwise it is that of the source that stopped the chain.
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
    links: Arc<Vec<Link>>,
    /// What was wrong with the edits that made it.
    wrong: Option<(Cow<'static, str>, Error)>,
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

    /// What was wrong with the edits that made this chain: an identifier that it does not have. Whoever asks the
    /// chain gets this error.
    pub fn error(&self) -> Option<&Error> {
        self.wrong.as_ref().map(|(_, error)| error)
    }

    /// Notes that a link gave nothing, and what that means for the chain if it stops it.
    fn failed(&self, link: &Link, error: Error, attempts: &mut Vec<Attempt>) -> Option<Error> {
        let goes_on = error.is_not_configured();
        let error = if goes_on { error } else { error.at(link.id.clone()) };
        attempts.push(Attempt::new(link.id.clone(), Err(error.clone())));
        match (goes_on, attempts.len()) {
            (true, _) => None,
            (_, length) if length > 1 && length == self.links.len() => {
                Some(error.at_the_end_of(Arc::new(std::mem::take(attempts))))
            }
            _ => Some(error),
        }
    }

    /// Asks every link, also those behind the one that answers, and records each answer.
    pub async fn trace(&self) -> Trace {
        let mut attempts = Vec::with_capacity(self.links.len());
        if let Some((id, error)) = &self.wrong {
            attempts.push(Attempt::new(id.clone(), Err(error.clone())));
        }
        for link in self.links.iter() {
            let answer = link.provider.provide_credentials().await;
            attempts.push(Attempt::new(link.id.clone(), answer.map_err(|error| error.at(link.id.clone()))));
        }
        Trace::new(attempts)
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            if let Some((_, error)) = &self.wrong {
                return Err(error.clone());
            }
            let mut attempts = Vec::new();
            for link in self.links.iter() {
                let error = match link.provider.provide_credentials().await {
                    Err(error) => error,
                    found => return found,
                };
                if let Some(error) = self.failed(link, error, &mut attempts) {
                    return Err(error);
                }
            }
            Err(Error::nothing_configured(Arc::new(attempts)))
        })
    }

    /// That of the most patient link.
    fn time_limit(&self) -> Duration {
        let limits = self.links.iter().map(|link| link.provider.time_limit());
        limits.max().unwrap_or_default()
    }
}

impl From<Chain> for SharedProvider {
    fn from(chain: Chain) -> Self {
        Arc::new(chain)
    }
}

/// Puts a [`Chain`] together; nothing is asked until the chain is.
///
/// Links are edited by the identifiers that `explain` shows. One that the chain does not have is the error of
/// whoever asks the chain, so that a misspelt edit never lets an unwanted source answer.
///
/// # Example
/// ```
/// use tucuxi_core::{Chain, Credentials, ProvideCredentials};
///
/// # async fn example() -> Result<(), tucuxi_core::Error> {
/// let usual = Chain::builder().link("env", Credentials::new("ONE", "s")).link("iam-role", Credentials::new("TWO", "s"));
/// let chain = Chain::builder()
///     .chain(usual.build())
///     .insert_before("iam-role", "vault", Credentials::new("THREE", "s"))
///     .replace("env", Credentials::new("FOUR", "s"))
///     .without("iam-role")
///     .build();
/// assert_eq!(chain.ids().collect::<Vec<_>>(), ["env", "vault"]);
/// assert_eq!(chain.provide_credentials().await?.access_key_id(), "FOUR");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChainBuilder {
    links: Vec<Link>,
    wrong: Option<(Cow<'static, str>, Error)>,
}

impl ChainBuilder {
    /// Appends a source under an identifier that `explain` shows.
    #[must_use]
    pub fn link(self, id: impl Into<Cow<'static, str>>, provider: impl ProvideCredentials + 'static) -> Self {
        self.with(Link { id: id.into(), provider: Arc::new(provider) })
    }

    /// Appends every link of another chain.
    #[must_use]
    pub fn chain(mut self, other: Chain) -> Self {
        for link in other.links.iter() {
            self.links.push(link.clone());
        }
        self.wrong = self.wrong.or(other.wrong);
        self
    }

    /// Puts a source in front of the link `before`.
    #[must_use]
    pub fn insert_before(
        self,
        before: &str,
        id: impl Into<Cow<'static, str>>,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        let link = Link { id: id.into(), provider: Arc::new(provider) };
        self.insert(before, 0, link)
    }

    /// Puts a source behind the link `after`.
    #[must_use]
    pub fn insert_after(
        self,
        after: &str,
        id: impl Into<Cow<'static, str>>,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        let link = Link { id: id.into(), provider: Arc::new(provider) };
        self.insert(after, 1, link)
    }

    /// Asks this source in place of the link's own.
    #[must_use]
    pub fn replace(self, id: &str, provider: impl ProvideCredentials + 'static) -> Self {
        self.put(id, Arc::new(provider))
    }

    /// Takes out every link with this identifier.
    #[must_use]
    #[inline]
    pub fn without(mut self, id: &str) -> Self {
        let mut found = self.find(id);
        while let Some(at) = found {
            self.links.remove(at);
            found = self.place(id);
        }
        self
    }

    /// The finished chain.
    pub fn build(self) -> Chain {
        Chain { links: Arc::new(self.links), wrong: self.wrong }
    }

    fn with(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    #[inline]
    fn insert(mut self, id: &str, offset: usize, link: Link) -> Self {
        if let Some(at) = self.find(id) {
            self.links.insert(at + offset, link);
        }
        self
    }

    #[inline]
    fn put(mut self, id: &str, provider: SharedProvider) -> Self {
        if let Some(at) = self.find(id) {
            self.links[at].provider = provider;
        }
        self
    }

    #[inline]
    fn place(&self, id: &str) -> Option<usize> {
        self.links.iter().position(|link| link.id == id)
    }

    /// Where the link with this identifier is; remembers it when there is none.
    #[inline]
    fn find(&mut self, id: &str) -> Option<usize> {
        let found = self.place(id);
        if found.is_none() && self.wrong.is_none() {
            let mut hint = String::from("use one of its links: ");
            for (place, link) in self.links.iter().enumerate() {
                hint.push_str(if place > 0 { ", " } else { "" });
                hint.push_str(&link.id);
            }
            if self.links.is_empty() {
                hint = "add links before they are edited".to_owned();
            }
            let error = Error::invalid_config(format!("the chain has no link {id:?}")).with_hint(hint);
            self.wrong = Some((id.to_owned().into(), error));
        }
        found
    }
}

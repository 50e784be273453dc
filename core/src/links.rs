//! Chains that are filled in place.

use std::mem::replace;

use crate::{Chain, ChainBuilder, SharedProvider};

/// A chain while it is filled, by [`chain_of`].
pub struct Links(ChainBuilder);

impl Links {
    /// Appends a source under an identifier that `explain` shows.
    pub fn link(&mut self, id: &'static str, provider: SharedProvider) {
        self.0 = self.take().link(id, provider);
    }

    /// Appends every link of another chain.
    pub fn chain(&mut self, other: Chain) {
        self.0 = self.take().chain(other);
    }

    fn take(&mut self) -> ChainBuilder {
        replace(&mut self.0, Chain::builder())
    }
}

/// The chain that `fill` makes.
///
/// The same as [`Chain::builder`], for which every crate that uses it has code that gives up half a chain.
///
/// # Example
/// ```
/// use tucuxi_core::{Credentials, chain_of};
///
/// let chain = chain_of(&mut |chain| chain.link("first", Credentials::new("AKID", "secret").into()));
/// assert!(chain.ids().eq(["first"]));
/// ```
pub fn chain_of(fill: &mut dyn FnMut(&mut Links)) -> Chain {
    let mut links = Links(Chain::builder());
    fill(&mut links);
    links.0.build()
}

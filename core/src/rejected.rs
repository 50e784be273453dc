//! What to do about a key that a service no longer accepts.

use crate::{Cache, Credentials};

impl Cache {
    /// Other credentials than `used`, which a service has just rejected; `None` when there are no others.
    ///
    /// Marks them as rejected first, so that one fetch answers all callers who were rejected at once. A caller
    /// signs again with what it gets, once.
    ///
    /// # Example
    /// ```
    /// use tucuxi_core::{Cache, Context, Credentials, Error, ProvideCredentials};
    ///
    /// # async fn example() -> Result<(), Error> {
    /// let cache = Cache::new(&Context::local(), Credentials::new("AKID", "secret"));
    /// let used = cache.provide_credentials().await?;
    /// // Fixed keys stay what they are.
    /// assert!(cache.instead_of(&used).await.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn instead_of(&self, used: &Credentials) -> Option<Credentials> {
        self.invalidate(used.access_key_id());
        self.provide_credentials().await.ok().filter(|fresh| !fresh.signs_like(used))
    }
}

impl Credentials {
    /// Whether these sign as the others do: the same key, secret and token, whatever else is known of them.
    pub fn signs_like(&self, other: &Self) -> bool {
        self.access_key_id() == other.access_key_id()
            && self.secret_access_key() == other.secret_access_key()
            && self.session_token() == other.session_token()
    }
}

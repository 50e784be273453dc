//! What to do about a key that a service no longer accepts.

use crate::{Cache, Credentials, ProvideCredentials};

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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{Context, from_fn};

    #[tokio::test]
    async fn a_rejected_key_is_replaced_and_another_ones_is_not() {
        let fetches = std::sync::Arc::new(AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&fetches);
        let provider = from_fn("vault", move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
        });
        let cache = Cache::new(&Context::local(), provider);
        let first = cache.provide_credentials().await.unwrap();
        let second = cache.instead_of(&first).await.unwrap();
        assert_eq!(second.access_key_id(), "AKID1");
        // Whoever is rejected later with the old key gets the new one without another fetch.
        assert!(cache.instead_of(&first).await.unwrap().signs_like(&second));
        assert_eq!(fetches.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn each_part_counts_and_nothing_else() {
        let keys = Credentials::new("A", "s").with_session_token("t");
        assert!(keys.signs_like(&keys.clone().with_account_id("123456789012")));
        for other in [
            Credentials::new("B", "s").with_session_token("t"),
            Credentials::new("A", "x").with_session_token("t"),
            Credentials::new("A", "s").with_session_token("x"),
            Credentials::new("A", "s"),
        ] {
            assert!(!keys.signs_like(&other), "{other:?}");
        }
    }
}

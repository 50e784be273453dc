//! What to do about a key that a service no longer accepts.

use std::time::SystemTime;

use crate::retry::rejects_key;
use crate::{Cache, Credentials, Error, ErrorKind};

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
    /// Whether a refusal is about these credentials: the service says so by its code, or it gives another reason or
    /// none while they have meanwhile expired. A service may look at a session twice while it ends, and the answer
    /// to a HEAD gives no reason.
    #[inline]
    pub fn are_rejected(&self, status: u16, code: Option<&str>, now: SystemTime) -> bool {
        let refused = matches!(status, 401 | 403) || status == 400 && code.is_none();
        rejects_key(code) || refused && self.expires_at().is_some_and(|end| end <= now)
    }

    /// The same of a refusal that an [`Error`] tells of: a denial counts where these have meanwhile expired.
    pub fn are_refused(&self, error: &Error, now: SystemTime) -> bool {
        let denied = error.kind() == ErrorKind::Denied;
        rejects_key(error.code()) || denied && self.expires_at().is_some_and(|end| end <= now)
    }

    /// Whether these sign as the others do: the same key, secret and token, whatever else is known of them.
    pub fn signs_like(&self, other: &Self) -> bool {
        self.access_key_id() == other.access_key_id()
            && self.secret_access_key() == other.secret_access_key()
            && self.session_token() == other.session_token()
    }
}

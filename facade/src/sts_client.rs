//! The session's settings as the Security Token Service takes them.

use tucuxi_core::Error;
use tucuxi_provider_sts::{CallerIdentity, Sts};

use crate::Session;
use crate::assume::sts;

impl Session {
    /// A client of the Security Token Service with the session's region, endpoint and limits; without a
    /// region it asks the global endpoint.
    ///
    /// # Errors
    /// `InvalidConfig` when the region is unknown because a file is broken, or the endpoint URL is none.
    pub fn sts(&self) -> Result<Sts, Error> {
        sts(self.context(), self.settings())
    }

    /// Whose credentials the session has, as the Security Token Service sees it.
    ///
    /// - Network: that of the credentials' source, if they are not cached, and one `GetCallerIdentity`; another
    ///   when the service rejects the key and its source has a new one
    ///
    /// # Errors
    /// Those of [`credentials`](Self::credentials), of [`sts`](Self::sts), and of the service.
    pub async fn caller_identity(&self) -> Result<CallerIdentity, Error> {
        let (sts, cache) = (self.sts()?, self.credentials());
        let credentials = cache.provide_credentials().await?;
        let error = match sts.caller_identity(&credentials).await {
            Err(error) if credentials.are_refused(&error, self.context().clock().now()) => error,
            settled => return settled,
        };
        match cache.instead_of(&credentials).await {
            Some(fresh) => sts.caller_identity(&fresh).await,
            None => Err(error),
        }
    }
}

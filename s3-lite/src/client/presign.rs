//! URLs that anybody may use for a while.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Method};
use tucuxi_core::Secret;
use tucuxi_sigv4::Payload;

use super::Client;
use super::outgoing::parts;
use crate::Error;
use crate::call::Call;
use crate::error::Identity;

/// A request that whoever holds it may send until it expires. Its URL is a secret, which `Debug` hides.
#[derive(Clone)]
pub struct Presigned {
    method: Method,
    url: Secret,
    headers: HeaderMap,
}

impl Presigned {
    /// The method to send it with.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL. Who has it needs no credentials.
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// The headers that are signed too, and must be sent with these values.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Presigned")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .finish()
    }
}

impl Client {
    pub(crate) async fn presign(&self, call: &Call, expires_in: Duration) -> Result<Presigned, Error> {
        self.presigned(call, expires_in).await.map_err(|error| error.about(call))
    }

    async fn presigned(&self, call: &Call, expires_in: Duration) -> Result<Presigned, Error> {
        let setup = self.setup()?;
        call.check()?;
        let credentials = self
            .credentials()
            .await?
            .ok_or_else(|| Error::invalid_request("an anonymous client has nothing to presign with"))?;
        let place = setup.places.of(call.bucket.as_deref());
        let (mut parts, _) = parts(setup, call, &place)?;
        let at = self.0.skew.correct(place.endpoint(), self.0.clock.now());
        place
            .signer
            .presign(&mut parts, Payload::Unsigned, &credentials, at, expires_in)
            .map_err(|cause| Error::unsigned(cause).signed_by(Identity::of(Some(&credentials))))?;
        Ok(Presigned { method: parts.method, url: Secret::new(parts.uri.to_string()), headers: parts.headers })
    }
}

//! What no message may show, whatever a server repeats.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use tucuxi_core::{Credentials, Request};

/// The secrets of one request: a copy of its signature, and the keys that made it.
pub(super) struct Secrets<'a> {
    authorization: Option<HeaderValue>,
    credentials: Option<&'a Credentials>,
}

impl<'a> Secrets<'a> {
    pub(super) fn of(request: &Request, credentials: Option<&'a Credentials>) -> Self {
        Self { authorization: request.headers().get(AUTHORIZATION).cloned(), credentials }
    }

    pub(super) fn texts(&self) -> [&str; 3] {
        let authorization = self.authorization.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        [
            // The rest of the header is as public as the access key id.
            authorization.rsplit_once("Signature=").map_or("", |(_, signature)| signature),
            self.credentials.map_or("", Credentials::secret_access_key),
            self.credentials.and_then(Credentials::session_token).unwrap_or_default(),
        ]
    }
}

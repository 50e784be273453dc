//! What was signed, for whoever looks into `SignatureDoesNotMatch`.

#[cfg(feature = "presign")]
use std::time::Duration;
use std::time::SystemTime;

use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use tucuxi_core::{Credentials, Error};

use crate::canonical::{Canonical, SECURITY_TOKEN};
#[cfg(feature = "presign")]
use crate::presign::{SignedQuery, component};
use crate::sign::{BUFFER, SignedHeaders, string_to_sign, text};
use crate::stamp::Stamp;
use crate::{Payload, Signer};

/// The texts behind a signature, to be compared with those in a `SignatureDoesNotMatch` answer.
/// Needs the feature `explain`.
///
/// Safe to show: session tokens and customer keys read `[redacted]` in the canonical request. The digest in
/// the string to sign is that of the full one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Method, path, query, headers and payload in the form that is signed.
    pub canonical_request: String,
    /// Algorithm, time, scope and the digest of the canonical request.
    pub string_to_sign: String,
}

impl Signer {
    /// The texts behind the signature that [`sign`](Self::sign) would make. Needs the feature `explain`.
    ///
    /// # Errors
    /// Those of [`sign`](Self::sign).
    ///
    /// # Example
    /// ```
    /// use std::time::SystemTime;
    /// use tucuxi_core::Credentials;
    /// use tucuxi_sigv4::{Payload, Signer};
    ///
    /// let (parts, ()) = http::Request::get("https://example.com/a%20b?b&a=1").body(()).unwrap().into_parts();
    /// let credentials = Credentials::new("AKID", "secret");
    /// let signer = Signer::s3("us-east-1");
    /// let explained = signer.explain(&parts, Payload::Unsigned, &credentials, SystemTime::UNIX_EPOCH)?;
    /// assert!(explained.canonical_request.starts_with("GET\n/a%20b\na=1&b=\nhost:example.com\n"));
    /// # Ok::<(), tucuxi_core::Error>(())
    /// ```
    pub fn explain(
        &self,
        parts: &Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<Explanation, Error> {
        let request = SignedHeaders::new(self, parts, payload, credentials, at)?;
        Ok(self.explanation(parts, request.canonical(parts)?, request.stamp, request.key.scope()))
    }

    /// The texts behind the signature that [`presign`](Self::presign) would make. Needs the feature `presign`.
    ///
    /// # Errors
    /// Those of [`presign`](Self::presign).
    #[cfg(feature = "presign")]
    pub fn explain_presigned(
        &self,
        parts: &Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<Explanation, Error> {
        let request = SignedQuery::new(self, parts, payload, credentials, at, expires_in)?;
        let mut explained = self.explanation(parts, request.canonical(parts)?, request.stamp, request.key.scope());
        if let Some(token) = credentials.session_token() {
            let signed = format!("X-Amz-Security-Token={}", component(token));
            explained.canonical_request =
                explained.canonical_request.replace(&signed, "X-Amz-Security-Token=[redacted]");
        }
        Ok(explained)
    }

    fn explanation(&self, parts: &Parts, mut canonical: Canonical<'_>, stamp: Stamp, scope: &str) -> Explanation {
        let mut buffer = Vec::with_capacity(BUFFER);
        canonical.write(self.rules, &mut buffer);
        string_to_sign(&mut buffer, stamp, scope);
        let string_to_sign = text(&buffer).to_owned();
        for (name, value) in &mut canonical.headers {
            if is_secret(name, &parts.headers) {
                *value = b"[redacted]";
            }
        }
        buffer.clear();
        canonical.write(self.rules, &mut buffer);
        Explanation { canonical_request: String::from_utf8_lossy(&buffer).into_owned(), string_to_sign }
    }
}

/// Whether the value of a signed header must not be shown.
fn is_secret(name: &str, headers: &HeaderMap) -> bool {
    name == SECURITY_TOKEN
        || name.ends_with("server-side-encryption-customer-key")
        || headers.get_all(name).iter().any(HeaderValue::is_sensitive)
}

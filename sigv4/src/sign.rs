//! Signing with headers.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use tucuxi_core::{Credentials, Error, set_header};

#[cfg(feature = "chunks")]
use crate::ChunkSigner;
use crate::canonical::{
    CONTENT_SHA256, Canonical, DATE, SECURITY_TOKEN, X_AMZ_CONTENT_SHA256, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, push, put,
    request_headers, text_of,
};
use crate::encode::hex;
use crate::key::{DerivedKey, KeyCache};
use crate::payload::PayloadHash;
use crate::stamp::Stamp;
use crate::{Payload, Rules};

/// Signs requests to one service in one region.
///
/// A clone is cheap and shares the derived key, which is computed once a day for the credentials that
/// signed last and wiped when it is replaced. No I/O, no clock.
///
/// # Example
/// ```
/// use std::time::{Duration, SystemTime};
/// use tucuxi_core::Credentials;
/// use tucuxi_sigv4::{Payload, Signer};
///
/// let (mut parts, ()) = http::Request::get("https://examplebucket.s3.amazonaws.com/test.txt")
///     .header("range", "bytes=0-9")
///     .body(())
///     .unwrap()
///     .into_parts();
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600);
/// let signature = Signer::s3("us-east-1").sign(&mut parts, Payload::Bytes(b""), &credentials, at)?;
/// assert_eq!(signature.hex(), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
///
/// Specification: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
#[derive(Clone, Debug)]
pub struct Signer {
    pub(crate) scope: Arc<Scope>,
    pub(crate) rules: Rules,
}

#[derive(Debug)]
pub(crate) struct Scope {
    region: String,
    service: String,
    keys: KeyCache,
}

impl Signer {
    /// Signs for any service but S3, by its signing name: `sts`, `ec2`, `execute-api`, ...
    pub fn new(region: &str, service: &str) -> Self {
        let scope = Scope { region: region.to_owned(), service: service.to_owned(), keys: KeyCache::default() };
        Self { scope: Arc::new(scope), rules: Rules::GENERAL }
    }

    /// Signs for S3 and whatever speaks its protocol.
    #[inline]
    pub fn s3(region: &str) -> Self {
        Self::new(region, "s3").with_rules(Rules::S3)
    }

    /// The same region and service with other rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The region in the signature.
    pub fn region(&self) -> &str {
        &self.scope.region
    }

    /// The service in the signature.
    pub fn service(&self) -> &str {
        &self.scope.service
    }

    /// How the service wants its requests signed.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Signs a request in its headers: sets `authorization`, `x-amz-date` and, as credentials and rules ask
    /// for them, `x-amz-security-token` and `x-amz-content-sha256`; what was there before is replaced.
    ///
    /// Every other header that is there is signed too, except those that belong to one connection or that
    /// proxies change: `authorization`, `connection`, `expect`, `keep-alive`, `proxy-authenticate`,
    /// `proxy-authorization`, `te`, `trailer`, `transfer-encoding`, `upgrade`, `user-agent` and
    /// `x-amzn-trace-id`. Without a `host` header the URI's
    /// host is signed, without the port that its scheme implies, which is what HTTP clients send. `+` in
    /// the query is signed as the blank that servers read.
    ///
    /// # Errors
    /// `InvalidConfig` for what cannot be signed: no host, an empty key, a key or token that no header can
    /// carry, a time before 1970. The request is then untouched.
    pub fn sign(
        &self,
        parts: &mut Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<Signature, Error> {
        let request = SignedHeaders::new(self, parts, payload, credentials, at)?;
        let mut buffer = Vec::with_capacity(BUFFER);
        let signed_headers = request.canonical(parts)?.write(self.rules, &mut buffer);
        let signature = Signature::new(request.key, request.stamp, signed_headers, &mut buffer);
        let authorization = authorization(credentials.access_key_id(), &signature)?;
        let date = header(signature.stamp.as_bytes())?;
        let payload_hash = if request.sends_payload_hash { Some(request.payload.header()?) } else { None };

        let token = signature.key.token().cloned();
        let headers = &mut parts.headers;
        set_header(headers, &AUTHORIZATION, Some(authorization));
        set_header(headers, &X_AMZ_DATE, Some(date));
        set_header(headers, &X_AMZ_SECURITY_TOKEN, token);
        if payload_hash.is_some() {
            set_header(headers, &X_AMZ_CONTENT_SHA256, payload_hash);
        }
        Ok(signature)
    }

    pub(crate) fn key(&self, credentials: &Credentials, stamp: Stamp) -> Result<Arc<DerivedKey>, Error> {
        self.scope.keys.derive(credentials, stamp.date(), &self.scope.region, &self.scope.service)
    }
}

/// A request about to be signed in its headers.
pub(crate) struct SignedHeaders {
    pub(crate) key: Arc<DerivedKey>,
    pub(crate) stamp: Stamp,
    payload: PayloadHash,
    sends_payload_hash: bool,
    signs_token: bool,
}

impl SignedHeaders {
    pub(crate) fn new(
        signer: &Signer,
        parts: &Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
    ) -> Result<Self, Error> {
        let stamp = Stamp::new(at)?;
        Ok(Self {
            key: signer.key(credentials, stamp)?,
            stamp,
            payload: PayloadHash::new(payload)?,
            sends_payload_hash: signer.rules.content_sha256_header
                || payload.is_announced()
                || parts.headers.keys().any(|name| text_of(name) == CONTENT_SHA256),
            signs_token: !signer.rules.omit_session_token,
        })
    }

    pub(crate) fn canonical<'a>(&'a self, parts: &'a Parts) -> Result<Canonical<'a>, Error> {
        let mut headers = request_headers(parts, &[CONTENT_SHA256, DATE, SECURITY_TOKEN])?;
        put(&mut headers, DATE, self.stamp.as_bytes());
        if let Some(token) = self.key.token().filter(|_| self.signs_token) {
            put(&mut headers, SECURITY_TOKEN, token.as_bytes());
        }
        if self.sends_payload_hash {
            put(&mut headers, CONTENT_SHA256, self.payload.as_bytes());
        }
        Ok(Canonical {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers,
            payload: self.payload.as_bytes(),
        })
    }
}

/// A signature, and what it takes to sign the chunks that follow.
#[derive(Clone)]
pub struct Signature {
    hex: [u8; 64],
    pub(crate) key: Arc<DerivedKey>,
    pub(crate) stamp: Stamp,
    signed_headers: String,
}

impl Signature {
    /// Signs the canonical request in `buffer`, which then holds the string to sign.
    pub(crate) fn new(key: Arc<DerivedKey>, stamp: Stamp, signed_headers: String, buffer: &mut Vec<u8>) -> Self {
        string_to_sign(buffer, stamp, key.scope());
        Self { hex: key.sign(buffer), key, stamp, signed_headers }
    }

    /// The signature: 64 lower-case hexadecimal digits.
    #[inline]
    pub fn hex(&self) -> &str {
        text(&self.hex)
    }

    /// Day, region and service: `20150830/us-east-1/s3/aws4_request`.
    pub fn scope(&self) -> &str {
        self.key.scope()
    }

    /// The instant of signing: `20150830T123600Z`.
    #[inline]
    pub fn timestamp(&self) -> &str {
        text(self.stamp.as_bytes())
    }

    /// The names of the signed headers, sorted: `host;x-amz-date`.
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// What signs the chunks of this request's body. Needs the feature `chunks`.
    #[cfg(feature = "chunks")]
    pub fn chunk_signer(&self) -> ChunkSigner {
        ChunkSigner::new(self)
    }

    #[cfg(feature = "chunks")]
    pub(crate) fn digits(&self) -> &[u8; 64] {
        &self.hex
    }
}

impl fmt::Display for Signature {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex())
    }
}

impl fmt::Debug for Signature {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("scope", &self.scope())
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// Replaces a canonical request by the string to sign.
pub(crate) fn string_to_sign(buffer: &mut Vec<u8>, stamp: Stamp, scope: &str) {
    let digest = digest(buffer);
    buffer.clear();
    for piece in [b"AWS4-HMAC-SHA256\n", &stamp.as_bytes()[..], b"\n", scope.as_bytes(), b"\n", &digest] {
        push(buffer, piece);
    }
}

/// The SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 64] {
    hex(&Sha256::digest(bytes).into())
}

fn authorization(access_key_id: &str, signature: &Signature) -> Result<HeaderValue, Error> {
    let pieces = [
        "AWS4-HMAC-SHA256 Credential=",
        access_key_id,
        "/",
        signature.scope(),
        ", SignedHeaders=",
        signature.signed_headers(),
        ", Signature=",
        signature.hex(),
    ];
    // As one text of the right size: the header takes it over without a copy.
    let length = pieces.iter().map(|piece| piece.len()).sum();
    let mut value = HeaderValue::from_maybe_shared(Bytes::from(concat(length, &pieces))).map_err(unsendable)?;
    value.set_sensitive(true);
    Ok(value)
}

#[inline(never)]
pub(crate) fn header(ascii: &[u8]) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(ascii).map_err(unsendable)
}

#[cold]
fn unsendable(error: http::header::InvalidHeaderValue) -> Error {
    Error::invalid_config("the access key id or the region holds a character that no header can carry")
        .with_source(error)
        .with_hint("look for a line break or a control character in it")
}

/// The pieces as one text of this length. What `concat` does, which is four times the code.
#[inline(never)]
pub(crate) fn concat(length: usize, pieces: &[&str]) -> String {
    let mut text = String::with_capacity(length);
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

/// ASCII that was put together here.
#[inline]
pub(crate) fn text(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).unwrap_or_default()
}

/// Room for most canonical requests, so that the buffer does not grow.
pub(crate) const BUFFER: usize = 1536;

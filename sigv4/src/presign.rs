//! Signing with the query: URLs that anybody may use for a while.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Uri;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::uri::PathAndQuery;
use tucuxi_core::{Credentials, Error, set_header};

use crate::Payload;
use crate::canonical::{Canonical, DATE, SECURITY_TOKEN, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, request_headers};
use crate::encode::push_component;
use crate::key::DerivedKey;
use crate::payload::PayloadHash;
use crate::sign::{BUFFER, Signature, Signer, text};
use crate::stamp::Stamp;

impl Signer {
    /// Signs a request in its query, so that its URL works for whoever holds it until it expires.
    /// Needs the feature `presign`.
    ///
    /// The headers that are there are signed and must be sent with the URL; those that
    /// [`sign`](Self::sign) leaves out are left out, and `x-amz-user-agent` and `x-amz-checksum-mode` too.
    /// Signature parameters that the query holds already are replaced. S3 wants
    /// [`Payload::Unsigned`].
    ///
    /// # Errors
    /// `InvalidConfig` as for [`sign`](Self::sign), for less than a second, for more than 7 days, for
    /// longer than the credentials live, and for a streamed body. The request is then untouched.
    ///
    /// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
    pub fn presign(
        &self,
        parts: &mut Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<Signature, Error> {
        let request = SignedQuery::new(self, parts, payload, credentials, at, expires_in)?;
        let mut buffer = Vec::with_capacity(BUFFER);
        let signed_headers = request.canonical(parts)?.write(self.rules, &mut buffer);
        let signature = Signature::new(Arc::clone(&request.key), request.stamp, signed_headers, &mut buffer);
        parts.uri = request.uri(parts, &signature)?;
        for name in [&X_AMZ_DATE, &X_AMZ_SECURITY_TOKEN, &AUTHORIZATION] {
            set_header(&mut parts.headers, name, None);
        }
        Ok(signature)
    }
}

/// A request about to be signed in its query.
pub(crate) struct SignedQuery {
    pub(crate) key: Arc<DerivedKey>,
    pub(crate) stamp: Stamp,
    payload: PayloadHash,
    /// The query without token and signature.
    query: String,
    /// `&X-Amz-Security-Token=...`
    token: String,
    /// The query that is signed.
    signed_query: String,
}

impl SignedQuery {
    pub(crate) fn new(
        signer: &Signer,
        parts: &Parts,
        payload: Payload<'_>,
        credentials: &Credentials,
        at: SystemTime,
        expires_in: Duration,
    ) -> Result<Self, Error> {
        if payload.is_streaming() {
            return Err(Error::invalid_config("a presigned URL cannot carry a streamed body's signature"));
        }
        check_expiry(credentials, at, expires_in)?;
        let stamp = Stamp::new(at)?;
        let key = signer.key(credentials, stamp)?;
        let mut names: Vec<&str> = signed(parts)?.into_iter().map(|(name, _)| name).collect();
        names.dedup();

        let mut query = kept(parts.uri.query().unwrap_or_default());
        let mut push = |name: &str, value: &str| push_parameter(&mut query, name, value);
        push("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
        push("X-Amz-Credential", &format!("{}/{}", credentials.access_key_id(), key.scope()));
        push("X-Amz-Date", text(stamp.as_bytes()));
        push("X-Amz-SignedHeaders", &names.join(";"));
        push("X-Amz-Expires", &expires_in.as_secs().to_string());
        let mut token = String::new();
        if let Some(value) = credentials.session_token() {
            token.push('&');
            token.push_str("X-Amz-Security-Token=");
            token.push_str(&component(value));
        }
        let signed_query = match signer.rules.omit_session_token {
            true => query.clone(),
            false => format!("{query}{token}"),
        };
        Ok(Self { key, stamp, payload: PayloadHash::new(payload)?, query, token, signed_query })
    }

    pub(crate) fn canonical<'a>(&'a self, parts: &'a Parts) -> Result<Canonical<'a>, Error> {
        Ok(Canonical {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: &self.signed_query,
            headers: signed(parts)?,
            payload: self.payload.as_bytes(),
        })
    }

    fn uri(&self, parts: &Parts, signature: &Signature) -> Result<Uri, Error> {
        let path = match parts.uri.path() {
            "" => "/",
            path => path,
        };
        let target = format!("{path}?{}{}&X-Amz-Signature={}", self.query, self.token, signature.hex());
        let unusable = |error: http::Error| {
            Error::invalid_config("the presigned URL is too long or cannot be written").with_source(error)
        };
        let target = PathAndQuery::from_maybe_shared(bytes::Bytes::from(target)).map_err(|e| unusable(e.into()))?;
        let mut uri = parts.uri.clone().into_parts();
        uri.path_and_query = Some(target);
        Uri::from_parts(uri).map_err(|e| unusable(e.into()))
    }
}

fn check_expiry(credentials: &Credentials, at: SystemTime, expires_in: Duration) -> Result<(), Error> {
    if expires_in > LONGEST {
        return Err(Error::invalid_config(format!(
            "a presigned URL cannot live for {} s, the longest is 7 days ({} s)",
            expires_in.as_secs(),
            LONGEST.as_secs()
        )));
    }
    if expires_in.as_secs() == 0 {
        return Err(Error::invalid_config("a presigned URL has to live for at least 1 s"));
    }
    match credentials.expires_at().map(|end| end.duration_since(at).unwrap_or_default()) {
        Some(left) if left < expires_in => Err(Error::invalid_config(format!(
            "the presigned URL would outlive its credentials: they have {} s left, it asks for {} s",
            left.as_secs(),
            expires_in.as_secs()
        ))
        .with_hint("ask for a shorter time, or sign with long-term keys")),
        _ => Ok(()),
    }
}

fn signed(parts: &Parts) -> Result<Vec<(&str, &[u8])>, Error> {
    request_headers(parts, &[DATE, SECURITY_TOKEN, "x-amz-user-agent", "x-amz-checksum-mode"])
}

/// The query without what an earlier signature left there.
fn kept(query: &str) -> String {
    let mut kept = String::with_capacity(query.len() + 512);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        if PARAMETERS.contains(&name) {
            continue;
        }
        if !kept.is_empty() {
            kept.push('&');
        }
        kept.push_str(pair);
    }
    kept
}

fn push_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(&component(value));
}

pub(crate) fn component(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 16);
    push_component(&mut out, text.as_bytes());
    String::from_utf8(out).unwrap_or_default()
}

const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

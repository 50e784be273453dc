//! A call as a request: its URL, its headers and its signature. No I/O.

use std::time::SystemTime;

use http::header::{CONTENT_ENCODING, USER_AGENT};
use http::request::Parts;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Uri};
use tucuxi_core::{Body, Credentials, Request};
use tucuxi_sigv4::{Payload, Signature};

use super::Setup;
use super::chunked::{Chunked, encoded_length};
use super::place::Place;
use super::replay::Replay;
use crate::Error;
use crate::call::Call;
use crate::encode::push_path;

/// The call as a request that is not signed yet, and whether it goes over TLS.
pub(super) fn parts(setup: &Setup, call: &Call, place: &Place) -> Result<(Parts, bool), Error> {
    let endpoint = match &call.bucket {
        Some(bucket) => setup.options.bucket(&place.region, bucket, call.control),
        None => setup.options.service(&place.region),
    };
    let endpoint = endpoint.map_err(Error::config)?;
    let mut target = endpoint.path;
    let key = call.key.as_deref().unwrap_or_default();
    target.reserve(key.len() + call.query.len() + 16);
    if call.key.is_some() || target.is_empty() {
        target.push('/');
        push_path(&mut target, key);
    }
    if !call.query.is_empty() {
        target.push('?');
        target.push_str(&call.query);
    }
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(if endpoint.https { Scheme::HTTPS } else { Scheme::HTTP });
    uri.authority = Some(endpoint.authority);
    let unusable = |_: http::Error| Error::invalid_request("the key is too long for a URL");
    let target = PathAndQuery::from_maybe_shared(bytes::Bytes::from(target)).map_err(|e| unusable(e.into()))?;
    uri.path_and_query = Some(target);
    let uri = Uri::from_parts(uri).map_err(|e| unusable(e.into()))?;

    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = call.method.clone();
    parts.uri = uri;
    parts.headers = HeaderMap::with_capacity(call.headers.len() + 6);
    for (name, value) in &call.headers {
        parts.headers.append(name, value.clone());
    }
    Ok((parts, endpoint.https))
}

pub(super) fn sign(
    mut parts: Parts,
    https: bool,
    body: &Replay,
    place: &Place,
    credentials: Option<&Credentials>,
    at: SystemTime,
) -> Result<Request, Error> {
    let (mut outgoing, length) = body.open()?;
    if let Some(credentials) = credentials {
        let sign = |parts: &mut Parts, payload: Payload<'_>| -> Result<Signature, Error> {
            place.signer.sign(parts, payload, credentials, at).map_err(Error::credentials)
        };
        match outgoing.as_bytes() {
            Some(bytes) => drop(sign(&mut parts, Payload::Bytes(bytes))?),
            // TLS keeps the bytes as they are; without it each chunk is signed.
            None if https => drop(sign(&mut parts, Payload::Unsigned)?),
            None => {
                announce_chunks(&mut parts.headers, length);
                let signature = sign(&mut parts, Payload::StreamingSigned)?;
                outgoing = Body::stream(Chunked::new(outgoing, length, signature.chunk_signer()));
                debug_assert_eq!(outgoing.len(), Some(encoded_length(length)));
            }
        }
    }
    parts.headers.insert(USER_AGENT, AGENT);
    Ok(Request::from_parts(parts, outgoing))
}

fn announce_chunks(headers: &mut HeaderMap, length: u64) {
    headers.insert("x-amz-decoded-content-length", HeaderValue::from(length));
    let encodings: Vec<&[u8]> = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    let all = [&[b"aws-chunked".as_slice()], encodings.as_slice()].concat().join(b",".as_slice());
    // Values that were headers before still are.
    if let Ok(value) = HeaderValue::from_bytes(&all) {
        headers.insert(CONTENT_ENCODING, value);
    }
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!("tucuxi-s3-lite/", env!("CARGO_PKG_VERSION")));

//! The S3 endpoint: signatures by `s3s`, bytes by `s3s-fs`, and what those two leave open.

mod buckets;
mod gate;
mod index;
mod listing;
mod multipart;
mod objects;
mod proof;
mod shelf;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Collected};
use s3s::Body;
use s3s::host::SingleDomain;
use s3s::service::{S3Service, S3ServiceBuilder};
use tucuxi_core::Error;

pub(crate) use gate::Gate;
pub(crate) use proof::Proof;

use crate::keyring::Keyring;
use crate::server::{Answer, text};

/// The S3 endpoint of one sandbox, with its objects under `root`.
pub(crate) fn endpoint(keyring: &Arc<Keyring>, region: &str, root: &Path, port: u16) -> Result<Guarded, Error> {
    let shelf = shelf::Shelf::new(root, region, Arc::clone(keyring.clock()))?;
    let gate = Gate::new(Arc::clone(keyring), "s3", region);
    let mut builder = S3ServiceBuilder::new(shelf);
    builder.set_auth(gate.clone());
    builder.set_access(gate.clone());
    let domain = SingleDomain::new(&format!("localhost:{port}"))
        .map_err(|error| Error::invalid_config("the S3 host name is not usable").with_source(error))?;
    builder.set_host(domain);
    Ok(Guarded { gate, service: builder.build() })
}

/// An `s3s` service that only sees requests for this service and region.
pub(crate) struct Guarded {
    pub(crate) gate: Gate,
    pub(crate) service: S3Service,
}

#[async_trait]
impl Answer for Guarded {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let answer = match self.gate.scope(request.headers(), request.uri()) {
            Ok(()) => match self.service.call(request).await {
                Ok(answer) => Ok(control_characters_escaped(answer).await),
                Err(_) => Err(()),
            },
            Err(error) => error.to_http_response().map_err(drop),
        };
        // An error here is one that could not even be written as XML.
        answer.unwrap_or_else(|()| text(StatusCode::INTERNAL_SERVER_ERROR, ""))
    }
}

/// Escapes control characters in the XML of a list or a result, as S3 does. `s3s` writes them as they are:
/// a carriage return would be read as a line feed, others would make the document unreadable.
async fn control_characters_escaped(answer: Response<Body>) -> Response<Body> {
    let is_xml = answer.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/xml");
    let is_object = answer.headers().contains_key(ETAG);
    if !is_xml || is_object {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(bytes) = body.collect().await.map(Collected::to_bytes) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "");
    };
    let escaped = bytes.iter().fold(Vec::with_capacity(bytes.len()), |mut escaped, byte| {
        match byte {
            b'\t' | b'\n' | b' '.. => escaped.push(*byte),
            _ => escaped.extend_from_slice(format!("&#x{byte:X};").as_bytes()),
        }
        escaped
    });
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(escaped))
}

//! Answers that are waited for as a whole.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{HttpClient, HttpError, HttpOptions, Request};
use crate::BoxFuture;

/// An answer that arrived whole, with the one header of it that was asked for.
#[derive(Clone)]
#[non_exhaustive]
pub struct WholeAnswer {
    /// How it went.
    pub status: StatusCode,
    /// The header, if it was there.
    pub header: Option<HeaderValue>,
    /// What it says, which may be a secret.
    pub body: Bytes,
}

/// Sends `request`, once, and waits for the whole answer. A client that does the same by itself has the code that takes
/// a response apart and gives it back once more.
///
/// # Errors
/// Why there is no whole answer.
pub fn ask(
    http: &dyn HttpClient,
    request: Request,
    options: HttpOptions,
    header: Option<HeaderName>,
) -> BoxFuture<'_, Result<WholeAnswer, HttpError>> {
    Box::pin(async move {
        let (parts, body) = http.send(request, options).await?.into_parts();
        let body = body.collect(options.body_limit).await?;
        let header = header.and_then(|name| parts.headers.get(name).cloned());
        Ok(WholeAnswer { status: parts.status, header, body })
    })
}

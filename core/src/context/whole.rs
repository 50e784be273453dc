//! Answers that are waited for as a whole.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Body, Clock, HttpClient, HttpError, HttpErrorKind, HttpOptions, PollBody, Request};
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

/// The body of the answer of `host` that is read as a whole, which has to end within `limit`: whatever comes later is a `Timeout`.
/// Silence is the transport's business ([`HttpOptions::idle`]); this ends what trickles in.
pub fn in_time(body: Body, host: &str, clock: &Arc<dyn Clock>, limit: Duration) -> Body {
    if body.as_bytes().is_some() {
        return body;
    }
    let due = clock.now().checked_add(limit);
    Body::stream(InTime { body, host: host.into(), clock: Arc::clone(clock), limit, due })
}

struct InTime {
    body: Body,
    host: Box<str>,
    clock: Arc<dyn Clock>,
    limit: Duration,
    due: Option<SystemTime>,
}

impl PollBody for InTime {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        let piece = ready!(this.body.poll_chunk(cx));
        Poll::Ready(match (&piece, this.due) {
            (Some(Ok(_)), Some(due)) if this.clock.now() > due => {
                let message = format!("the answer of {} did not end within {:?}", this.host, this.limit);
                Some(Err(HttpError::new(HttpErrorKind::Timeout, message)))
            }
            _ => piece,
        })
    }

    fn remaining(&self) -> Option<u64> {
        self.body.len()
    }
}

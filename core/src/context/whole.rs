//! Answers that are waited for as a whole.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

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
        let mut found = None;
        let mut look = |headers: &HeaderMap| found = header.as_ref().and_then(|name| headers.get(name).cloned());
        let (status, body) = ask_and_look(http, request, options, &mut look).await?;
        Ok(WholeAnswer { status, header: found, body })
    })
}

/// The same for whoever looks at several headers, which it does when they arrive.
///
/// # Errors
/// Why there is no whole answer.
pub fn ask_and_look<'a>(
    http: &'a dyn HttpClient,
    request: Request,
    options: HttpOptions,
    look: &'a mut (dyn FnMut(&HeaderMap) + Send),
) -> BoxFuture<'a, Result<(StatusCode, Bytes), HttpError>> {
    Box::pin(async move {
        let response = http.send(request, options).await?;
        look(response.headers());
        let status = response.status();
        Ok((status, response.into_body().collect(options.body_limit).await?))
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

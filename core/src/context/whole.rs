//! Answers that are waited for as a whole.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::request::taken_apart;
use super::{Body, Clock, HttpClient, HttpError, HttpErrorKind, HttpOptions, PollBody, Request, Response};
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

/// Sends `request`, once, and waits for the whole answer; the client has the request at once, before anything is polled.
/// Whoever does the same by itself has the code that takes a response apart and gives it back once more.
///
/// # Errors
/// Why there is no whole answer.
pub fn ask<'a>(
    http: &'a dyn HttpClient,
    request: Request,
    options: HttpOptions,
    header: Option<&'static HeaderName>,
) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
    let look = header.map_or(Look::Away, Look::For);
    whole(Ok(http.send(request, options)), options.body_limit, look)
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
) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
    whole(Ok(http.send(request, options)), options.body_limit, Look::With(look))
}

/// What becomes of the headers of an answer.
pub(super) enum Look<'a> {
    Away,
    For(&'static HeaderName),
    With(&'a mut (dyn FnMut(&HeaderMap) + Send)),
}

/// The answer to a request that was handed over before anything was polled: no future here holds a request, and the
/// code that gives one up.
pub(super) fn whole<'a>(
    response: Result<BoxFuture<'a, Result<Response, HttpError>>, HttpError>,
    limit: u64,
    look: Look<'a>,
) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
    Box::pin(async move {
        let response = response?.await?;
        let (mut answer, body) = taken_apart(response, look);
        answer.body = body.collect(limit).await?;
        Ok(answer)
    })
}

/// The body of the answer of `host` that is read as a whole, which has to end within `limit`: whatever comes later is a `Timeout`.
/// Silence is the transport's business ([`HttpOptions::idle`]); this ends what trickles in.
#[inline]
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
    #[inline]
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

    #[inline]
    fn remaining(&self) -> Option<u64> {
        self.body.len()
    }
}

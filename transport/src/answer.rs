//! The body of an answer on its way in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use tucuxi_core::{Body, HttpError, HttpErrorKind, HttpOptions, PollBody};

use crate::activity::later;
use crate::call::Call;
use crate::failure;
use crate::pool::Lease;

/// An answer's body within its limits; the connection goes back to the pool at its end.
pub(crate) fn body(incoming: Incoming, lease: Lease, call: Arc<Call>) -> Body {
    if incoming.is_end_stream() {
        lease.give_back();
        return Body::empty();
    }
    Body::stream(Answer { incoming, lease: Some(lease), taken: 0, call, timer: None, waiting: false, failed: false })
}

struct Answer {
    incoming: Incoming,
    lease: Option<Lease>,
    taken: u64,
    call: Arc<Call>,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    failed: bool,
}

impl Answer {
    fn finish(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<HttpError> {
        if !self.waiting {
            self.waiting = true;
            let due = self.call.capped(later(Instant::now(), self.call.options.idle));
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(due),
                None => self.timer = Some(Box::pin(sleep_until(due))),
            }
        }
        if let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(self.impatient())
    }

    fn impatient(&self) -> HttpError {
        let (target, HttpOptions { idle, .. }) = (self.call.target(), self.call.options);
        self.call.over().unwrap_or_else(|| {
            let message = format!("{target} sent nothing for {idle:?} in the middle of its answer");
            HttpError::new(HttpErrorKind::Timeout, message)
        })
    }
}

impl Answer {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpError>> {
        if let Some(error) = self.call.over() {
            return Poll::Ready(Err(error));
        }
        let limit = self.call.options.body_limit;
        if self.taken == 0 && self.incoming.size_hint().lower() > limit {
            return Poll::Ready(Err(too_large(&self.call)));
        }
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.waiting = false;
                    let Ok(piece) = frame.into_data() else { continue };
                    self.taken += piece.len() as u64;
                    if self.taken > limit {
                        return Poll::Ready(Err(too_large(&self.call)));
                    }
                    if self.incoming.is_end_stream() {
                        self.finish();
                    }
                    return Poll::Ready(Ok(Some(piece)));
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(failure::exchange(error, self.call.target())));
                }
                Poll::Ready(None) => {
                    self.finish();
                    return Poll::Ready(Ok(None));
                }
                Poll::Pending => return self.poll_patience(cx).map(Err),
            }
        }
    }
}

impl PollBody for Answer {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        if this.failed {
            return Poll::Ready(None);
        }
        let piece = ready!(this.poll_piece(cx));
        if piece.is_err() {
            this.failed = true;
            // The rest of this answer stands between the connection and any other use of it.
            this.lease = None;
        }
        Poll::Ready(piece.transpose())
    }

    fn remaining(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }
}

#[cold]
fn too_large(call: &Call) -> HttpError {
    let message = format!("the answer of {} is larger than {} bytes", call.target(), call.options.body_limit);
    HttpError::new(HttpErrorKind::TooLarge, message)
}

//! The body of an answer on its way in.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use tucuxi_core::{Body, HttpError, HttpErrorKind, HttpOptions, PollBody};

use crate::activity::later;
use crate::client::Call;
use crate::failure;
use crate::pool::Lease;

/// An answer's body within its limits; the connection goes back to the pool at its end.
pub(crate) fn body(incoming: Incoming, lease: Lease, call: &Call) -> Body {
    if incoming.is_end_stream() {
        lease.give_back();
        return Body::empty();
    }
    Body::stream(Answer {
        incoming,
        lease: Some(lease),
        taken: 0,
        call: call.clone(),
        timer: None,
        waiting: false,
        failed: false,
    })
}

struct Answer {
    incoming: Incoming,
    lease: Option<Lease>,
    taken: u64,
    call: Call,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    failed: bool,
}

impl Answer {
    fn fail(&mut self, error: HttpError) -> Poll<Option<Result<Bytes, HttpError>>> {
        self.failed = true;
        // The rest of this answer stands between the connection and any other use of it.
        self.lease = None;
        Poll::Ready(Some(Err(error)))
    }

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
        let (target, HttpOptions { idle, .. }) = (&self.call.target, self.call.options);
        self.call.over(Instant::now()).unwrap_or_else(|| {
            let message = format!("{target} sent nothing for {idle:?} in the middle of its answer");
            HttpError::new(HttpErrorKind::Timeout, message)
        })
    }
}

impl PollBody for Answer {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        if this.failed {
            return Poll::Ready(None);
        }
        if let Some(error) = this.call.over(Instant::now()) {
            return this.fail(error);
        }
        if this.taken == 0 && this.incoming.size_hint().lower() > this.call.options.body_limit {
            return this.fail(too_large(&this.call));
        }
        loop {
            match Pin::new(&mut this.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.waiting = false;
                    let Ok(piece) = frame.into_data() else { continue };
                    this.taken += piece.len() as u64;
                    if this.taken > this.call.options.body_limit {
                        return this.fail(too_large(&this.call));
                    }
                    if this.incoming.is_end_stream() {
                        this.finish();
                    }
                    return Poll::Ready(Some(Ok(piece)));
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = failure::exchange(error, &this.call.target);
                    return this.fail(error);
                }
                Poll::Ready(None) => {
                    this.finish();
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    let error = ready!(this.poll_patience(cx));
                    return this.fail(error);
                }
            }
        }
    }

    fn remaining(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }
}

fn too_large(Call { target, options, .. }: &Call) -> HttpError {
    let message = format!("the answer of {target} is larger than {} bytes", options.body_limit);
    HttpError::new(HttpErrorKind::TooLarge, message)
}

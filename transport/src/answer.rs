//! The body of an answer on its way in.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use tucuxi_core::{Body, HttpError, HttpErrorKind, HttpOptions, PollBody};

use crate::activity::later;
use crate::failure;
use crate::pool::Lease;
use crate::target::Target;

/// An answer's body within its limits; the connection goes back to the pool at its end.
pub(crate) fn body(incoming: Incoming, lease: Lease, limits: Limits) -> Body {
    if incoming.is_end_stream() {
        lease.give_back();
        return Body::empty();
    }
    Body::stream(Answer { incoming, lease: Some(lease), taken: 0, limits, timer: None, waiting: false, failed: false })
}

/// What an answer's body has to obey.
pub(crate) struct Limits {
    pub(crate) target: Target,
    pub(crate) bytes: u64,
    pub(crate) idle: Duration,
    pub(crate) whole: Option<(Instant, Duration)>,
}

impl Limits {
    pub(crate) fn new(target: Target, options: &HttpOptions, whole: Option<Instant>) -> Self {
        Self { target, bytes: options.body_limit, idle: options.idle, whole: whole.zip(options.whole) }
    }
}

struct Answer {
    incoming: Incoming,
    lease: Option<Lease>,
    taken: u64,
    limits: Limits,
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
            let idle = later(Instant::now(), self.limits.idle);
            let due = self.limits.whole.map_or(idle, |(whole, _)| whole.min(idle));
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
        let target = &self.limits.target;
        let message = match self.limits.whole {
            Some((due, whole)) if due <= Instant::now() => format!("{target} did not finish within {whole:?}"),
            _ => format!("{target} sent nothing for {:?} in the middle of its answer", self.limits.idle),
        };
        HttpError::new(HttpErrorKind::Timeout, message)
    }
}

impl PollBody for Answer {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        if this.failed {
            return Poll::Ready(None);
        }
        if let Some((due, _)) = this.limits.whole
            && due <= Instant::now()
        {
            let error = this.impatient();
            return this.fail(error);
        }
        if this.taken == 0 && this.incoming.size_hint().lower() > this.limits.bytes {
            let error = too_large(&this.limits);
            return this.fail(error);
        }
        loop {
            match Pin::new(&mut this.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.waiting = false;
                    let Ok(piece) = frame.into_data() else { continue };
                    this.taken += piece.len() as u64;
                    if this.taken > this.limits.bytes {
                        let error = too_large(&this.limits);
                        return this.fail(error);
                    }
                    if this.incoming.is_end_stream() {
                        this.finish();
                    }
                    return Poll::Ready(Some(Ok(piece)));
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = failure::exchange(error, &this.limits.target);
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

fn too_large(limits: &Limits) -> HttpError {
    HttpError::new(
        HttpErrorKind::TooLarge,
        format!("the answer of {} is larger than {} bytes", limits.target, limits.bytes),
    )
}

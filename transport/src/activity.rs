//! What a connection is doing, seen from outside: bytes moved, and when.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::Instant;
use tucuxi_core::{BoxFuture, HttpError};

use crate::dial::Wire;
use crate::waiting::alarm;

/// Shared by a connection, the upload on it and whoever waits for the answer.
pub(crate) struct Activity {
    opened: Instant,
    last_progress: AtomicU64,
    written: AtomicU64,
    blocked: AtomicBool,
    uploaded: AtomicBool,
    failure: Mutex<Option<HttpError>>,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            last_progress: AtomicU64::new(0),
            written: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            uploaded: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// A new request is about to be sent.
    pub(crate) fn begin(&self) {
        self.written.store(0, Relaxed);
        self.uploaded.store(false, Relaxed);
        self.progress();
    }

    /// Something moved.
    pub(crate) fn progress(&self) {
        let micros = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_progress.store(micros, Relaxed);
    }

    /// The program has handed over its whole body.
    pub(crate) fn end_upload(&self) {
        self.uploaded.store(true, Relaxed);
    }

    /// The program's body failed.
    pub(crate) fn fail(&self, error: HttpError) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take_failure(&self) -> Option<HttpError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether a byte of the present request left.
    pub(crate) fn has_written(&self) -> bool {
        self.written.load(Relaxed) > 0
    }

    /// Whether the request has left completely, so that only the answer is missing.
    pub(crate) fn is_sent(&self) -> bool {
        self.uploaded.load(Relaxed) && !self.blocked.load(Relaxed)
    }

    /// When patience ends: the next piece of the upload is due within `idle`, the answer within `first_byte`.
    pub(crate) fn due(&self, idle: Duration, first_byte: Duration) -> Instant {
        let last = self.opened + Duration::from_micros(self.last_progress.load(Relaxed));
        later(last, if self.is_sent() { first_byte } else { idle })
    }
}

/// `from + wait`, or far away where that is beyond the range of the clock.
pub(crate) fn later(from: Instant, wait: Duration) -> Instant {
    from.checked_add(wait).unwrap_or_else(|| from + FAR)
}

const FAR: Duration = Duration::from_secs(86_400 * 365);

/// A stream that reports what it does.
///
/// A server may answer and close before it has taken the whole request. hyper gives up at the first write that fails and
/// forgets to read what came before, so such a failure is kept from it until there has been time to read.
pub(crate) struct Watched {
    stream: Wire,
    activity: Arc<Activity>,
    /// Why nothing more can be written, and how long that is kept back.
    lost: Option<(io::ErrorKind, BoxFuture<'static, ()>)>,
}

impl Watched {
    pub(crate) fn new(stream: Wire, activity: Arc<Activity>) -> Self {
        Self { stream, activity, lost: None }
    }

    fn note(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &polled {
            Poll::Ready(Ok(written)) => {
                let was_blocked = self.activity.blocked.swap(false, Relaxed);
                if *written > 0 {
                    self.activity.written.fetch_add(*written as u64, Relaxed);
                }
                if was_blocked || *written > 0 {
                    self.activity.progress();
                }
            }
            Poll::Ready(Err(error)) if is_closed(error.kind()) => {
                self.activity.blocked.store(true, Relaxed);
                self.lost = Some((error.kind(), alarm(later(Instant::now(), LAST_WORDS))));
                return self.poll_lost(cx);
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.blocked.store(true, Relaxed),
        }
        polled
    }

    fn poll_lost(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some((kind, timer)) = &mut self.lost else { return Poll::Ready(Ok(0)) };
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err((*kind).into()))
    }
}

/// Whether the other side is gone, so that reading ends too, after what had arrived.
fn is_closed(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

// What arrived before is here already.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Read for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl Write for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.lost.is_some() {
            return this.poll_lost(cx);
        }
        let polled = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.note(cx, polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.lost.is_some() {
            return this.poll_lost(cx);
        }
        let polled = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.note(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lost.is_some() {
            return this.poll_lost(cx).map_ok(|_| ());
        }
        let polled = Pin::new(&mut this.stream).poll_flush(cx).map_ok(|()| 0);
        this.note(cx, polled).map_ok(|_| ())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

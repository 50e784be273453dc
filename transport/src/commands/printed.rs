//! What a program prints.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// The end of a pipe to read from.
pub(super) type Pipe = Pin<Box<dyn AsyncRead + Send>>;

/// What has come out of a pipe; wiped when dropped.
pub(super) struct Printed {
    /// `None` at its end.
    pipe: Option<Pipe>,
    bytes: Zeroizing<Vec<u8>>,
}

impl Printed {
    /// Nothing yet, with room for so many bytes: growing would leave secrets behind.
    pub(super) fn new(pipe: Option<Pipe>, room: usize) -> Self {
        Self { pipe, bytes: Zeroizing::new(Vec::with_capacity(room)) }
    }

    /// Reads to the end, and tells whether that was within the limit.
    pub(super) fn poll_all(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<io::Result<bool>> {
        while ready!(self.poll_more(cx))? {
            if self.bytes.len() > limit {
                return Poll::Ready(Ok(false));
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Reads to the end but keeps only the last bytes, never growing beyond twice as many.
    pub(super) fn poll_last(&mut self, cx: &mut Context<'_>, kept: usize) -> Poll<()> {
        while matches!(ready!(self.poll_more(cx)), Ok(true)) {
            let surplus = self.bytes.len().saturating_sub(kept);
            self.bytes.drain(..surplus);
        }
        Poll::Ready(())
    }

    /// Another piece, unless there is none.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Some(pipe) = &mut self.pipe else { return Poll::Ready(Ok(false)) };
        let read = ready!(pin!(pipe.read_buf(&mut *self.bytes)).poll(cx));
        if !matches!(read, Ok(1..)) {
            self.pipe = None;
        }
        Poll::Ready(read.map(|read| read > 0))
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes)
    }
}

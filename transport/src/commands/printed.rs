//! What a program prints.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
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
        // Within the room that is left, as long as there is some.
        let wanted = match self.bytes.capacity() - self.bytes.len() {
            0 => PIECE,
            left => left.min(PIECE),
        };
        let mut piece = Zeroizing::new([0; PIECE]);
        let mut piece = ReadBuf::new(&mut piece[..wanted]);
        let read = ready!(pipe.as_mut().poll_read(cx, &mut piece));
        self.bytes.extend_from_slice(piece.filled());
        let goes_on = read.is_ok() && !piece.filled().is_empty();
        if !goes_on {
            self.pipe = None;
        }
        Poll::Ready(read.map(|()| goes_on))
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes)
    }
}

const PIECE: usize = 1024;

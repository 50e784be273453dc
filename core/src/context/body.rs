//! The bytes of a request or an answer.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

use bytes::{Bytes, BytesMut};

use super::{HttpError, HttpErrorKind};
use crate::BoxFuture;

/// Any error of a body that a program supplies.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A source of bytes that arrive piece by piece.
pub trait PollBody: Send {
    /// The next piece, or `None` at the end.
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Result<Bytes, HttpError>>>;

    /// How many bytes are left, where that is known.
    fn remaining(&self) -> Option<u64> {
        None
    }
}

/// The bytes of a request or an answer: all at once, or piece by piece.
///
/// # Example
/// ```
/// use tucuxi_core::Body;
///
/// assert_eq!(Body::from("hello").len(), Some(5));
/// ```
pub struct Body(Repr);

enum Repr {
    Full(Bytes),
    Stream(Pin<Box<dyn PollBody>>),
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Self(Repr::Full(Bytes::new()))
    }

    /// Bytes that arrive piece by piece.
    pub fn stream(source: impl PollBody + 'static) -> Self {
        Self(Repr::Stream(Box::pin(source)))
    }

    /// The bytes, when all of them are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Repr::Full(bytes) => Some(bytes),
            Repr::Stream(_) => None,
        }
    }

    /// How many bytes are left, where that is known.
    pub fn len(&self) -> Option<u64> {
        match &self.0 {
            Repr::Full(bytes) => Some(bytes.len() as u64),
            Repr::Stream(source) => source.remaining(),
        }
    }

    /// Whether it is known that there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    /// What ended the body early.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, HttpError>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    /// What ended the body early.
    pub fn poll_chunk(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        match &mut self.0 {
            Repr::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Repr::Full(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Repr::Stream(source) => source.as_mut().poll_chunk(cx),
        }
    }

    /// All bytes, at most `limit` of them.
    ///
    /// # Errors
    /// `TooLarge` past the limit, else what ended the body early.
    #[inline]
    pub fn collect(self, limit: u64) -> BoxFuture<'static, Result<Bytes, HttpError>> {
        Box::pin(Collecting { body: self, limit, only: Bytes::new(), all: BytesMut::new() })
    }
}

/// A body on its way into one piece; what comes in one piece is not copied.
struct Collecting {
    body: Body,
    limit: u64,
    only: Bytes,
    all: BytesMut,
}

impl Collecting {
    fn take(&mut self, piece: Bytes) {
        if self.all.is_empty() && self.only.is_empty() {
            self.only = piece;
            return;
        }
        if self.all.is_empty() {
            self.all = BytesMut::from(std::mem::take(&mut self.only));
        }
        self.all.extend_from_slice(&piece);
    }
}

impl Future for Collecting {
    type Output = Result<Bytes, HttpError>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // Also before the first piece, where the length is known.
        let mut least = this.body.len().unwrap_or(0);
        loop {
            let collected = (this.only.len() + this.all.len()) as u64;
            if collected.max(least) > this.limit {
                return Poll::Ready(Err(too_large(this.limit)));
            }
            match ready!(this.body.poll_chunk(cx)).transpose()? {
                Some(piece) => this.take(piece),
                None if this.all.is_empty() => return Poll::Ready(Ok(std::mem::take(&mut this.only))),
                None => return Poll::Ready(Ok(std::mem::take(&mut this.all).freeze())),
            }
            least = 0;
        }
    }
}

fn too_large(limit: u64) -> HttpError {
    HttpError::new(HttpErrorKind::TooLarge, format!("the body is larger than {limit} bytes"))
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Repr::Full(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Repr::Full(bytes.into()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(Repr::Full(text.into()))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self(Repr::Full(Bytes::from_static(text.as_bytes())))
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Repr::Full(Bytes::from_static(bytes)))
    }
}

impl fmt::Debug for Body {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            Some(len) => write!(f, "Body({len} bytes)"),
            None => f.write_str("Body(stream)"),
        }
    }
}

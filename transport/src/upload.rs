//! The body of a request on its way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tucuxi_core::{Body, HttpError, HttpErrorKind};

use crate::activity::Activity;

/// A body that tells its connection how far it has come. The bytes pass through uncopied.
pub(crate) struct Upload {
    source: Body,
    left: Option<u64>,
    activity: Arc<Activity>,
}

impl Upload {
    pub(crate) fn new(source: Body, activity: Arc<Activity>) -> Self {
        let left = source.len();
        if left == Some(0) {
            activity.end_upload();
        }
        Self { source, left, activity }
    }

    /// The bytes again, after they were handed back unsent.
    pub(crate) fn into_source(mut self) -> Body {
        std::mem::take(&mut self.source)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Aborted>>> {
        match ready!(self.source.poll_chunk(cx)) {
            Some(Ok(piece)) => {
                self.activity.progress();
                if let Some(left) = self.left {
                    let Some(left) = left.checked_sub(piece.len() as u64) else { return self.wrong_length() };
                    self.left = Some(left);
                    if left == 0 {
                        self.activity.end_upload();
                    }
                }
                Poll::Ready(Some(Ok(piece)))
            }
            Some(Err(error)) => self.fail(error),
            None => {
                if self.left.is_some_and(|left| left > 0) {
                    return self.wrong_length();
                }
                self.activity.end_upload();
                Poll::Ready(None)
            }
        }
    }

    fn fail(&self, error: HttpError) -> Poll<Option<Result<Bytes, Aborted>>> {
        self.activity.fail(error);
        Poll::Ready(Some(Err(Aborted)))
    }

    fn wrong_length(&self) -> Poll<Option<Result<Bytes, Aborted>>> {
        self.fail(HttpError::new(HttpErrorKind::Body, "the request's body is not as long as it said"))
    }
}

/// The program's body failed; why stands in the [`Activity`].
#[derive(Debug)]
pub(crate) struct Aborted;

impl std::fmt::Display for Aborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request's body failed")
    }
}

impl std::error::Error for Aborted {}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = Aborted;

    // Inlined, so that the compiler sees that no trailers are sent.
    #[inline]
    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        self.get_mut().poll_piece(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

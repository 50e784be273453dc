//! The body of a request on its way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

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

    fn fail(&self, error: HttpError) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        self.activity.fail(error);
        Poll::Ready(Some(Err(Aborted)))
    }

    fn wrong_length(&self) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
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

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let this = self.get_mut();
        match this.source.poll_chunk(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(piece))) => {
                this.activity.progress();
                if let Some(left) = this.left {
                    let Some(left) = left.checked_sub(piece.len() as u64) else { return this.wrong_length() };
                    this.left = Some(left);
                    if left == 0 {
                        this.activity.end_upload();
                    }
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Poll::Ready(Some(Err(error))) => this.fail(error),
            Poll::Ready(None) => {
                if this.left.is_some_and(|left| left > 0) {
                    return this.wrong_length();
                }
                this.activity.end_upload();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

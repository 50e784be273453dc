//! A body that may have to be sent more than once.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tucuxi_core::{Body, HttpError, PollBody};

use crate::Error;

/// The body of a call, across its attempts.
pub(crate) enum Replay {
    /// In memory: any number of times.
    Bytes(Bytes),
    /// Comes once: again only as long as nobody has asked for a piece of it.
    Once(Arc<Mutex<Source>>),
    /// Made anew for each attempt.
    Made(Mutex<Maker>),
}

pub(crate) struct Source {
    body: Body,
    begun: bool,
}

pub(crate) struct Maker {
    make: Box<dyn FnMut() -> Result<Body, HttpError> + Send>,
    /// How long the first body was.
    length: Option<u64>,
}

impl Replay {
    pub(crate) fn new(body: Body) -> Self {
        match body.as_bytes() {
            Some(bytes) => Self::Bytes(bytes.clone()),
            None => Self::Once(Arc::new(Mutex::new(Source { body, begun: false }))),
        }
    }

    pub(crate) fn made(make: Box<dyn FnMut() -> Result<Body, HttpError> + Send>) -> Self {
        Self::Made(Mutex::new(Maker { make, length: None }))
    }

    /// Whether all of it can be sent from its beginning.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::Made(_) => true,
            Self::Once(source) => !source.lock().unwrap_or_else(PoisonError::into_inner).begun,
        }
    }

    /// The body for one attempt, and its length.
    pub(super) fn open(&self) -> Result<(Body, u64), Error> {
        let (body, before) = match self {
            Self::Bytes(bytes) => (Body::from(bytes.clone()), None),
            Self::Once(source) => (Body::stream(Borrowed(Arc::clone(source))), None),
            Self::Made(maker) => {
                let mut maker = maker.lock().unwrap_or_else(PoisonError::into_inner);
                let body = (maker.make)().map_err(|error| Error::transport(error).of_body())?;
                let before = maker.length;
                maker.length = before.or(body.len());
                (body, before)
            }
        };
        match (body.len(), before) {
            (None, _) => {
                Err(Error::invalid_request("S3 wants the length of a body before its bytes; give the stream a length"))
            }
            (Some(length), Some(before)) if length != before => Err(Error::body(format!(
                "the body had {before} bytes at the first attempt and has {length} now; \
                 leave it as it is until the call has ended"
            ))),
            (Some(length), _) => Ok((body, length)),
        }
    }
}

impl Default for Replay {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Self::Once(_) => f.write_str("Body(stream)"),
            Self::Made(_) => f.write_str("Body(made for each attempt)"),
        }
    }
}

/// The one-time body, on loan to one attempt.
struct Borrowed(Arc<Mutex<Source>>);

impl PollBody for Borrowed {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        source.begun = true;
        source.body.poll_chunk(cx)
    }

    fn remaining(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.len()
    }
}

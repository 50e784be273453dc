//! A body that may have to be sent more than once.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tucuxi_core::{Body, HttpError, PollBody};

/// The body of a call, across its attempts.
#[derive(Debug)]
pub(super) enum Replay {
    /// In memory: any number of times.
    Bytes(Bytes),
    /// Comes once: again only as long as nobody has asked for a piece of it.
    Once(Arc<Mutex<Source>>),
}

#[derive(Debug)]
pub(super) struct Source {
    body: Body,
    begun: bool,
}

impl Replay {
    pub(super) fn new(body: Body) -> Self {
        match body.as_bytes() {
            Some(bytes) => Self::Bytes(bytes.clone()),
            None => Self::Once(Arc::new(Mutex::new(Source { body, begun: false }))),
        }
    }

    /// Whether all of it can be sent from its beginning.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Bytes(_) => true,
            Self::Once(source) => !source.lock().unwrap_or_else(PoisonError::into_inner).begun,
        }
    }

    /// The bytes, when they are in memory.
    pub(super) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Once(_) => None,
        }
    }

    pub(super) fn len(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Once(source) => source.lock().unwrap_or_else(PoisonError::into_inner).body.len(),
        }
    }

    /// The body for one attempt.
    pub(super) fn body(&self) -> Body {
        match self {
            Self::Bytes(bytes) => Body::from(bytes.clone()),
            Self::Once(source) => Body::stream(Borrowed(Arc::clone(source))),
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

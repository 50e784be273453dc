//! One request's destination, and how long each part of it may take.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use tokio::time::{Instant, sleep_until};
use tucuxi_core::{HttpError, HttpErrorKind, HttpOptions};

use crate::activity::{Activity, later};
use crate::pool::Key;
use crate::target::Target;
use crate::upload::Upload;

/// One request's destination and limits.
pub(crate) struct Call {
    pub(crate) key: Key,
    pub(crate) options: HttpOptions,
    pub(crate) end: Option<Instant>,
}

impl Call {
    pub(crate) fn target(&self) -> &Target {
        &self.key.target
    }

    /// The time left for all of it.
    pub(crate) fn left(&self) -> Duration {
        self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }

    /// `due`, or the end of the whole call where that is earlier.
    pub(crate) fn capped(&self, due: Instant) -> Instant {
        self.end.map_or(due, |end| due.min(end))
    }

    /// The error of a call whose whole time is over.
    pub(crate) fn over(&self) -> Option<HttpError> {
        if self.end? > Instant::now() { None } else { Some(self.late()) }
    }

    #[cold]
    fn late(&self) -> HttpError {
        let message = format!("{} did not finish within {:?}", self.target(), self.options.whole.unwrap_or_default());
        HttpError::new(HttpErrorKind::Timeout, message)
    }

    /// Waits for the head of the answer as long as the upload moves and the limits allow.
    pub(crate) async fn head(
        &self,
        sent: impl Future<Output = Answered>,
        activity: &Activity,
    ) -> Result<Answered, HttpError> {
        let HttpOptions { idle, first_byte, .. } = self.options;
        let step = idle.min(first_byte);
        let mut sent = pin!(sent);
        let mut timer = pin!(sleep_until(self.capped(later(Instant::now(), step))));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answered) = sent.as_mut().poll(cx) {
                    return Poll::Ready(Ok(answered));
                }
                ready!(timer.as_mut().poll(cx));
                let now = Instant::now();
                let due = self.capped(activity.due(idle, first_byte));
                if due <= now {
                    return Poll::Ready(Err(self.impatient(activity)));
                }
                timer.as_mut().reset(due.min(later(now, step)));
            }
        })
        .await
    }

    #[cold]
    fn impatient(&self, activity: &Activity) -> HttpError {
        let (target, HttpOptions { idle, first_byte, .. }) = (self.target(), self.options);
        self.over().unwrap_or_else(|| {
            let message = match activity.is_sent() {
                true => format!("{target} did not begin its answer within {first_byte:?}"),
                false => format!("the upload to {target} stood still for {idle:?}"),
            };
            HttpError::new(HttpErrorKind::Timeout, message)
        })
    }
}

/// What came of a request that was handed to a connection.
pub(crate) type Answered = Result<http::Response<Incoming>, TrySendError<http::Request<Upload>>>;

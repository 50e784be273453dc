//! One opaque error.

mod facts;
mod identity;
mod kind;
mod report;

use std::borrow::Cow;
use std::sync::Arc;

use tucuxi_core::retry::{Reason, classify};
use tucuxi_core::{HttpError, HttpErrorKind};

pub(crate) use identity::Identity;
pub use kind::ErrorKind;

use crate::call::Call;
use crate::fault::Fault;

/// Why an operation failed.
///
/// `Display` is one line that names operation, bucket and key and holds no secret and no body.
/// [`report`](Self::report) adds causes, the source of the credentials that signed, and the cure where one is
/// known.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// match s3.head_object("my-bucket", "nope").await {
///     Err(error) if error.is_not_found() => {}
///     Err(error) if error.code() == Some("InvalidAccessKeyId") => eprintln!("{}", error.report()),
///     other => {
///         other?;
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    operation: Option<&'static str>,
    bucket: Option<String>,
    key: Option<String>,
    fault: Option<Box<Fault>>,
    identity: Option<Identity>,
    cause: Option<tucuxi_core::Error>,
    transient: bool,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            bucket: None,
            key: None,
            fault: None,
            identity: None,
            cause: None,
            transient: false,
        }))
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    /// The body to be sent is not what it was, or cannot be had.
    pub(crate) fn body(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Body, message)
    }

    /// The same, as the end of a call for want of a body: nobody asks again.
    pub(crate) fn of_body(mut self) -> Self {
        let inner = self.inner();
        (inner.kind, inner.transient) = (ErrorKind::Body, false);
        self
    }

    pub(crate) fn bad_answer(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::BadAnswer, message)
    }

    pub(crate) fn config(cause: tucuxi_core::Error) -> Self {
        Self::caused(ErrorKind::Config, "the S3 client is set up wrongly", cause)
    }

    pub(crate) fn credentials(cause: tucuxi_core::Error) -> Self {
        Self::caused(ErrorKind::Credentials, "no credentials to sign with", cause)
    }

    /// The signer refused the request.
    pub(crate) fn unsigned(cause: tucuxi_core::Error) -> Self {
        let mut error = Self::new(ErrorKind::InvalidRequest, cause.to_string());
        error.inner().cause = Some(cause);
        error
    }

    fn caused(kind: ErrorKind, message: &'static str, cause: tucuxi_core::Error) -> Self {
        let mut error = Self::new(kind, message);
        error.inner().cause = Some(cause);
        error
    }

    pub(crate) fn transport(cause: HttpError) -> Self {
        let transient = cause.is_transient();
        let message = cause.to_string();
        let of_body = cause.kind() == HttpErrorKind::Body;
        let cause = tucuxi_core::Error::from(cause);
        let kind = match cause.kind() {
            _ if of_body => ErrorKind::Body,
            tucuxi_core::ErrorKind::InvalidConfig => ErrorKind::Config,
            _ => ErrorKind::Unavailable,
        };
        let mut error = Self::new(kind, message);
        let inner = error.inner();
        inner.cause = Some(cause);
        inner.transient = transient;
        error
    }

    pub(crate) fn service(fault: Fault) -> Self {
        let mut error = Self::new(fault.kind(), fault.summary());
        error.inner().fault = Some(Box::new(fault));
        error
    }

    /// Names what was asked for.
    pub(crate) fn about(self, call: &Call) -> Self {
        self.concerning(call.operation, call.bucket.as_deref(), call.key.as_deref())
    }

    pub(crate) fn concerning(mut self, operation: &'static str, bucket: Option<&str>, key: Option<&str>) -> Self {
        let inner = self.inner();
        inner.operation = Some(operation);
        inner.bucket = bucket.map(str::to_owned);
        inner.key = key.map(str::to_owned);
        self
    }

    pub(crate) fn signed_by(mut self, identity: Identity) -> Self {
        self.inner().identity = Some(identity);
        self
    }

    /// Why the same request may be sent again; `None` when that would not help.
    pub(crate) fn retry_reason(&self) -> Option<Reason> {
        match &self.0.fault {
            Some(fault) => classify(fault.effective_status(), fault.code.as_deref()),
            None if self.0.transient => Some(Reason::Transient),
            None => None,
        }
    }

    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }
}

impl From<tucuxi_core::Error> for Error {
    /// `Config` for wrong settings, `Unavailable` for what did not answer, else `Credentials`.
    fn from(error: tucuxi_core::Error) -> Self {
        match error.kind() {
            tucuxi_core::ErrorKind::InvalidConfig => Self::config(error),
            tucuxi_core::ErrorKind::Unavailable => Self::caused(ErrorKind::Unavailable, "no answer", error),
            _ => Self::credentials(error),
        }
    }
}

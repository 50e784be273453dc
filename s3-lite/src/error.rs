//! One opaque error.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::retry::{Reason, classify};
use tucuxi_core::{Credentials, HttpError};

use crate::advice;
use crate::call::Call;
use crate::fault::Fault;

/// What a failure means for the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly; nothing was sent.
    Config,
    /// There are no credentials; nothing was sent. [`Error::credentials_error`] says why.
    Credentials,
    /// The request cannot be sent as it is; nothing was sent.
    InvalidRequest,
    /// There is no such bucket, object or version.
    NotFound,
    /// S3 refused: no permission, or it does not accept the signature or the key.
    Denied,
    /// The bucket is in another region than the client could find out.
    WrongRegion,
    /// The object is as the condition says it was (304).
    NotModified,
    /// A condition does not hold (412), or another write came first (409 `ConditionalRequestConflict`).
    PreconditionFailed,
    /// The state of the bucket does not allow it: it exists, it is not empty.
    Conflict,
    /// S3 asks for fewer requests.
    Throttled,
    /// S3 refused for another reason; [`Error::code`] names it.
    Refused,
    /// No usable answer: not reached, out of time, a 5xx, a body that ended early.
    Unavailable,
    /// The answer is not what S3 sends.
    BadAnswer,
}

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

/// Whose signature it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Nobody's.
    Anonymous,
    /// That of a key from a source.
    Key { access_key_id: String, provenance: String },
}

impl Identity {
    pub(crate) fn of(credentials: Option<&Credentials>) -> Self {
        match credentials {
            None => Self::Anonymous,
            Some(credentials) => Self::Key {
                access_key_id: credentials.access_key_id().to_owned(),
                provenance: credentials.provenance().to_string(),
            },
        }
    }
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
        let cause = tucuxi_core::Error::from(cause);
        let kind = match cause.kind() {
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

    /// What the failure means.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// True when there is no such bucket, object or version.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// True when S3 refused the permission, the signature or the key.
    pub fn is_access_denied(&self) -> bool {
        self.0.kind == ErrorKind::Denied
    }

    /// True when a condition did not hold.
    pub fn is_precondition_failed(&self) -> bool {
        self.0.kind == ErrorKind::PreconditionFailed
    }

    /// True when the object is unchanged.
    pub fn is_not_modified(&self) -> bool {
        self.0.kind == ErrorKind::NotModified
    }

    /// The operation as AWS names it, for example `GetObject`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The bucket that was asked for.
    pub fn bucket(&self) -> Option<&str> {
        self.0.bucket.as_deref()
    }

    /// The key that was asked for.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The status of the answer; `None` when there was none.
    pub fn status(&self) -> Option<u16> {
        self.fault().map(|fault| fault.status)
    }

    /// S3's name of the error, for example `NoSuchKey`. The answer to a HEAD has none.
    pub fn code(&self) -> Option<&str> {
        self.fault()?.code.as_deref()
    }

    /// S3's own words.
    pub fn message(&self) -> Option<&str> {
        self.fault()?.message.as_deref()
    }

    /// What AWS support asks for first (`x-amz-request-id`).
    pub fn request_id(&self) -> Option<&str> {
        self.fault()?.request_id.as_deref()
    }

    /// What AWS support asks for next (`x-amz-id-2`).
    pub fn extended_request_id(&self) -> Option<&str> {
        self.fault()?.extended_request_id.as_deref()
    }

    /// The region that the bucket is in, where the answer told.
    pub fn bucket_region(&self) -> Option<&str> {
        Some(self.fault()?.region.as_ref()?.as_str())
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.fault()?.retry_after
    }

    /// Why there are no credentials, or what is wrong with the client's settings.
    pub fn credentials_error(&self) -> Option<&tucuxi_core::Error> {
        match self.0.kind {
            ErrorKind::Config | ErrorKind::Credentials => self.0.cause.as_ref(),
            _ => None,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match &self.0.fault {
            Some(fault) => advice::for_fault(fault, self.0.identity.as_ref()),
            None => self.0.cause.as_ref()?.hint().map(str::to_owned),
        }
    }

    /// The whole story in several lines: the failure, its causes, who signed, and the cure.
    pub fn report(&self) -> String {
        let mut lines = vec![self.to_string()];
        if let Some(cause) = &self.0.cause {
            let report = cause.report();
            let is_cure = |line: &&str| line.starts_with("  try: ") || line.starts_with("   or: ");
            let mut told = report.lines().filter(|line| !is_cure(line));
            let first = told.next().filter(|first| *first != self.0.message);
            lines.extend(first.map(|first| format!("  because: {first}")));
            lines.extend(told.map(str::to_owned));
        }
        match &self.0.identity {
            _ if self.0.fault.is_none() && self.0.kind != ErrorKind::InvalidRequest => {}
            Some(Identity::Anonymous) => lines.push("  signed by: nobody, the client is anonymous".to_owned()),
            Some(Identity::Key { access_key_id, provenance }) => {
                lines.push(format!("  signed by: {access_key_id} from {provenance}"));
            }
            None => {}
        }
        lines.extend(self.request_id().map(|id| format!("  request id: {id}")));
        lines.extend(self.extended_request_id().map(|id| format!("  extended request id: {id}")));
        lines.extend(self.hint().map(|hint| format!("  try: {hint}")));
        if let (None, Some(cause)) = (&self.0.fault, &self.0.cause) {
            lines.extend(cause.hints().skip(1).map(|hint| format!("   or: {hint}")));
        }
        lines.join("\n")
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            f.write_str(operation)?;
            match (&self.0.bucket, &self.0.key) {
                (Some(bucket), Some(key)) => {
                    write!(f, " s3://{}/{}: ", bucket.escape_debug(), key.escape_debug())?;
                }
                (Some(bucket), None) => write!(f, " s3://{}: ", bucket.escape_debug())?,
                _ => f.write_str(": ")?,
            }
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &format_args!("{self}"));
        if let Some(fault) = &self.0.fault {
            debug.field("fault", fault);
        }
        if let Some(cause) = &self.0.cause {
            debug.field("cause", cause);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_ref().map(|cause| -> &(dyn StdError + 'static) { cause })
    }
}

//! What a failure means.

/// What a failure means for the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly; nothing was sent.
    Config,
    /// There are no credentials; nothing was sent. [`Error::credentials_error`](crate::Error::credentials_error) says why.
    Credentials,
    /// The request cannot be sent as it is; nothing was sent.
    InvalidRequest,
    /// The body that the program gave failed on its way out, or was another one at the next attempt.
    Body,
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
    /// S3 refused for another reason; [`Error::code`](crate::Error::code) names it.
    Refused,
    /// No usable answer: not reached, out of time, a 5xx, a body that ended early.
    Unavailable,
    /// The answer is not what S3 sends.
    BadAnswer,
}

//! Errors out of words that are put together only here.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::context::kind as kind_of;
use crate::{Error, ErrorKind, HttpError};

/// An error that says `what`, and what to do about it.
///
/// The same as [`Error::new`] with a `format!` and [`Error::with_hint`] with another one, whose code, and that for giving
/// up halfway, every place repeats that fails with words of its own.
///
/// # Example
/// ```
/// use tucuxi_core::{ErrorKind, failure};
///
/// let (set, unset) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
/// let error = failure(
///     ErrorKind::InvalidConfig,
///     format_args!("{set} is set without {unset}"),
///     Some(format_args!("set {unset} too")),
/// );
/// assert_eq!(error.to_string(), "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
/// assert_eq!(error.hint(), Some("set AWS_SECRET_ACCESS_KEY too"));
/// ```
#[cold]
pub fn failure(kind: ErrorKind, what: fmt::Arguments<'_>, cure: Option<fmt::Arguments<'_>>) -> Error {
    let error = Error::new(kind, words(what));
    match cure {
        Some(cure) => error.with_hint(words(cure)),
        None => error,
    }
}

/// The same for something that the system refused, which is said after `what` and lies underneath.
#[cold]
pub fn failure_of_system(kind: ErrorKind, what: fmt::Arguments<'_>, error: io::Error) -> Error {
    failure(kind, format_args!("{what}: {}", kind_of(&error)), None).with_source(error)
}

/// The same for a request without an answer, of which nothing is said; it lies underneath.
#[cold]
pub fn failure_of_request(
    kind: ErrorKind,
    what: fmt::Arguments<'_>,
    cure: Option<fmt::Arguments<'_>>,
    error: HttpError,
) -> Error {
    failure(kind, what, cure).with_source(error)
}

fn words(words: fmt::Arguments<'_>) -> Cow<'static, str> {
    match words.as_str() {
        Some(words) => Cow::Borrowed(words),
        None => Cow::Owned(fmt::format(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpErrorKind;

    #[test]
    fn words_causes_and_cures_stand_where_they_belong() {
        let host = "h:1";
        let error = HttpError::new(HttpErrorKind::Connect, "refused");
        let cure = Some(format_args!("start it"));
        let error = failure_of_request(ErrorKind::Unavailable, format_args!("no answer from {host}"), cure, error);
        assert_eq!(error.report(), "no answer from h:1\n  because: refused\n  try: start it");
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let error = failure_of_system(ErrorKind::InvalidConfig, format_args!("/a cannot be read"), missing);
        assert_eq!(error.report(), "/a cannot be read: entity not found\n  because: entity not found");
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    }
}

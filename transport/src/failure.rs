//! What hyper and rustls report, as a kind and one line that names the host.

use std::error::Error as StdError;
use std::io;

use tucuxi_core::{BoxError, HttpError, HttpErrorKind};

use crate::target::Target;

/// A failure with what lies underneath.
#[cold]
pub(crate) fn caused(kind: HttpErrorKind, message: String, source: BoxError) -> HttpError {
    HttpError::new(kind, message).with_source(source)
}

/// A failure of configuration.
#[cold]
pub(crate) fn misconfigured(message: String, source: Option<BoxError>) -> HttpError {
    match source {
        Some(source) => caused(HttpErrorKind::Request, message, source),
        None => HttpError::new(HttpErrorKind::Request, message),
    }
}

/// An exchange on an open connection failed.
#[cold]
pub(crate) fn exchange(error: hyper::Error, target: &Target) -> HttpError {
    let (kind, what) = if let Some(tls) = find::<rustls::Error>(&error) {
        return HttpError::new(HttpErrorKind::Tls, format!("TLS with {target} failed: {tls}"));
    } else if error.is_parse() || is_malformed(&error) {
        (HttpErrorKind::Protocol, "did not answer in readable HTTP/1.1")
    } else if error.is_user() {
        (HttpErrorKind::Request, "cannot be sent this request")
    } else {
        (HttpErrorKind::Closed, "closed the connection before its answer was complete")
    };
    caused(kind, format!("{target} {what}"), Box::new(error))
}

/// The first error of type `E` underneath, also where `io::Error` hides it.
pub(crate) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Bad chunk sizes come as I/O errors of these kinds.
fn is_malformed(error: &hyper::Error) -> bool {
    find::<io::Error>(error)
        .is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
}

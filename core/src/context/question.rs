//! Requests that have nothing but a URL and a header or two.

use http::{HeaderName, HeaderValue, Method, Uri};

use super::request::question;
use super::whole::{Look, whole};
use super::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, WholeAnswer, ask};
use crate::BoxFuture;

/// Asks `url`, once, and waits for the whole answer: [`ask`] for whoever has no URL that is taken apart already. A client
/// that does so by itself has the code for URLs and lists of headers once more. A header without
/// a value is not sent; no two of them have one name.
///
/// # Errors
/// Why there is no whole answer; `Request` for a text that is no URL.
pub fn ask_at<'a>(
    http: &'a dyn HttpClient,
    method: Method,
    url: &str,
    headers: &[(&HeaderName, Option<&HeaderValue>)],
    options: HttpOptions,
    header: Option<&'static HeaderName>,
) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
    match url.parse::<Uri>() {
        Ok(uri) => ask(http, question(method, uri, headers, Body::empty()), options, header),
        Err(error) => {
            let error = HttpError::new(HttpErrorKind::Request, format!("the URL cannot be asked: {error}"));
            whole(Err(error), 0, Look::Away)
        }
    }
}

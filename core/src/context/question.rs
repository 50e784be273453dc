//! Requests that have nothing but a URL and a header or two.

use http::{HeaderName, HeaderValue, Method, Uri};

use super::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, WholeAnswer, ask, request, set_header};
use crate::BoxFuture;

/// Asks `url`, once, and waits for the whole answer: [`ask`] for whoever has no URL that is taken apart already. A client
/// that does so by itself has the code for URLs and lists of headers once more. A header without
/// a value is not sent.
///
/// # Errors
/// Why there is no whole answer; `Request` for a text that is no URL.
pub fn ask_at<'a>(
    http: &'a dyn HttpClient,
    method: Method,
    url: &str,
    headers: &[(&HeaderName, Option<&HeaderValue>)],
    options: HttpOptions,
    header: Option<HeaderName>,
) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
    match url.parse::<Uri>() {
        Ok(uri) => {
            let mut request = request(method, uri, Vec::new(), Body::empty());
            for (name, value) in headers {
                set_header(request.headers_mut(), name, value.cloned());
            }
            ask(http, request, options, header)
        }
        Err(error) => {
            let error = HttpError::new(HttpErrorKind::Request, format!("the URL cannot be asked: {error}"));
            Box::pin(std::future::ready(Err(error)))
        }
    }
}

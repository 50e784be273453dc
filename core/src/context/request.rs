//! Requests with their headers.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::whole::Look;
use super::{Body, Request, Response, WholeAnswer};
#[cfg(all(feature = "document", feature = "lock"))]
use crate::{BoxFuture, HttpClient, HttpError, HttpOptions, ask};
use crate::{Error, ErrorKind, failure};

/// A request with these headers.
///
/// The same as `http::Request::builder()`, whose code every crate repeats that uses it.
///
/// # Example
/// ```
/// use http::{HeaderValue, Method, Uri, header::ACCEPT};
/// use tucuxi_core::{Body, request};
///
/// let uri = Uri::from_static("http://169.254.170.2/role");
/// let headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
/// let request = request(Method::GET, uri, headers, Body::empty());
/// assert_eq!(request.headers()["accept"], "application/json");
/// ```
pub fn request(method: Method, uri: Uri, headers: Vec<(HeaderName, HeaderValue)>, body: Body) -> Request {
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    for (name, value) in headers {
        add(request.headers_mut(), name, value);
    }
    request
}

// This and what is next stand here, so that requests and answers are given up by the code of one module only: what
// gives them up is repeated in every part of a crate that might have to.
pub(crate) fn question(
    method: Method,
    uri: Uri,
    headers: &[(&HeaderName, Option<&HeaderValue>)],
    body: Body,
) -> Request {
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    for (name, value) in headers {
        if let Some(value) = value {
            add(request.headers_mut(), (*name).clone(), (*value).clone());
        }
    }
    request
}

/// [`ask`] for whoever wants to know which host that is.
#[cfg(all(feature = "document", feature = "lock"))]
pub(crate) fn ask_host<'a>(
    http: &'a dyn HttpClient,
    request: Request,
    options: HttpOptions,
    header: &'static HeaderName,
) -> (String, BoxFuture<'a, Result<WholeAnswer, HttpError>>) {
    let host = request.uri().authority().map_or("", |authority| authority.as_str()).to_owned();
    (host, ask(http, request, options, Some(header)))
}

pub(super) fn give_up(request: Request) {
    drop(request);
}

/// An answer without its body, and that.
pub(super) fn taken_apart(response: Response, look: Look<'_>) -> (WholeAnswer, Body) {
    let header = match look {
        Look::Away => None,
        Look::For(name) => response.headers().get(name).cloned(),
        Look::With(look) => {
            look(response.headers());
            None
        }
    };
    let answer = WholeAnswer { status: response.status(), header, body: Bytes::new() };
    (answer, response.into_body())
}

/// The text of a header, if it is there and is one of visible ASCII; of several of one name the first.
///
/// The same as [`HeaderMap::get`], whose code every crate repeats that uses it.
#[inline]
pub fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The value of a header that is a secret, which its `Debug` does not show. An error calls it `name`.
///
/// # Errors
/// `InvalidConfig` for a character that no header can carry.
///
/// # Example
/// ```
/// use tucuxi_core::secret_header;
///
/// assert!(secret_header("the token", "abc")?.is_sensitive());
/// let error = secret_header("the token", "a\nb").unwrap_err();
/// assert_eq!(error.to_string(), "the token holds a character that no header can carry");
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
pub fn secret_header(name: &str, text: &str) -> Result<HeaderValue, Error> {
    let mut header = HeaderValue::from_str(text).map_err(|error| {
        failure(ErrorKind::InvalidConfig, format_args!("{name} holds a character that no header can carry"), None)
            .with_source(error)
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Puts a header there in place of all of the same name, or takes them away.
///
/// The same as [`HeaderMap::insert`] and [`HeaderMap::remove`], whose code every crate repeats that uses them.
pub fn set_header(headers: &mut HeaderMap, name: &HeaderName, value: Option<HeaderValue>) {
    if headers.get(name).is_some() {
        take_away(headers, name);
    }
    if let Some(value) = value {
        add(headers, name.clone(), value);
    }
}

/// By hand: the removal of `http` is many times its size, and nearly always nothing is there to remove.
#[cold]
fn take_away(headers: &mut HeaderMap, name: &HeaderName) {
    let old = std::mem::take(headers);
    for (other, value) in &old {
        if other != name {
            add(headers, other.clone(), value.clone());
        }
    }
}

#[inline(never)]
fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.append(name, value);
}

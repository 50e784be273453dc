//! Requests with their headers.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::{Body, Request};
use crate::Error;

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
        Error::invalid_config(format!("{name} holds a character that no header can carry")).with_source(error)
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Puts a header there in place of all of the same name, or takes them away.
///
/// The same as [`HeaderMap::insert`] and [`HeaderMap::remove`], whose code every crate repeats that uses them.
pub fn set_header(headers: &mut HeaderMap, name: &HeaderName, value: Option<HeaderValue>) {
    if headers.contains_key(name) {
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

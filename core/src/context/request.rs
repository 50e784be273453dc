//! Requests with their headers.

use http::{HeaderName, HeaderValue, Method, Uri};

use super::{Body, Request};

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
        request.headers_mut().append(name, value);
    }
    request
}

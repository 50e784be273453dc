//! Requests whose heads are changed.

use http::request::Parts;

use crate::{Error, Request};

/// The request with what `change` makes of all but its body, for example a signature in its headers.
///
/// The same as `into_parts` and `from_parts`, for which every crate that uses them has code that gives up the parts.
///
/// # Errors
/// What `change` fails with; the request is then gone.
///
/// # Example
/// ```
/// use http::{HeaderValue, Method, Uri, header::ACCEPT};
/// use tucuxi_core::{Body, request, set_header, with_parts};
///
/// let request = request(Method::GET, Uri::from_static("http://169.254.170.2/role"), Vec::new(), Body::empty());
/// let request = with_parts(request, &mut |parts| {
///     set_header(&mut parts.headers, &ACCEPT, Some(HeaderValue::from_static("application/json")));
///     Ok(())
/// })?;
/// assert_eq!(request.headers()["accept"], "application/json");
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
pub fn with_parts(request: Request, change: &mut dyn FnMut(&mut Parts) -> Result<(), Error>) -> Result<Request, Error> {
    let (mut parts, body) = request.into_parts();
    change(&mut parts)?;
    Ok(Request::from_parts(parts, body))
}

//! Requests to the services of sign-ins. Pure.

use http::header::CONTENT_TYPE;
use http::uri::InvalidUri;
use http::{HeaderName, HeaderValue, Method, Uri};

use crate::context::question;
use crate::json::Writer;
use crate::{Body, Error, ErrorKind, Request, failure};

/// A request to `url`, with the one header that says who asks and with an object in JSON. The same for all sign-ins, since
/// the code of URLs and headers is repeated by every crate that uses it.
///
/// # Errors
/// `InvalidConfig` for what is no URL, which the message calls `named`.
pub fn request_to(
    method: Method,
    url: &str,
    named: &str,
    header: Option<(HeaderName, HeaderValue)>,
    json: Option<Writer>,
) -> Result<Request, Error> {
    let uri: Uri = url.parse().map_err(|error: InvalidUri| {
        failure(ErrorKind::InvalidConfig, format_args!("{named} is no URL to send a request to"), None)
            .with_source(error)
    })?;
    let header = header.as_ref().map_or((&TYPE, None), |(name, value)| (name, Some(value)));
    let headers = [(&TYPE, json.is_some().then_some(&JSON)), header];
    let body = match json {
        Some(json) => Body::from(std::mem::take(&mut *json.finish())),
        None => Body::empty(),
    };
    Ok(question(method, uri, &headers, body))
}

static TYPE: HeaderName = CONTENT_TYPE;
static JSON: HeaderValue = HeaderValue::from_static("application/json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_who_asks_and_what() {
        let who = (HeaderName::from_static("x-who"), HeaderValue::from_static("me"));
        let mut json = Writer::default();
        json.text("a", "b");
        let posted = request_to(Method::POST, "https://h/x", "h", Some(who.clone()), Some(json)).unwrap();
        assert_eq!((posted.method().as_str(), posted.uri().to_string()), ("POST", "https://h/x".to_owned()));
        assert_eq!(
            (&posted.headers()["x-who"], &posted.headers()["content-type"]),
            (&who.1, &"application/json".parse().unwrap())
        );
        assert_eq!(posted.body().as_bytes().map(|bytes| bytes.to_vec()), Some(br#"{"a":"b"}"#.to_vec()));
        let asked = request_to(Method::GET, "https://h/x", "h", None, None).unwrap();
        assert!(asked.headers().is_empty());
        let error = request_to(Method::GET, "https://h/a b", "the portal", None, None).unwrap_err();
        assert_eq!(error.to_string(), "the portal is no URL to send a request to");
    }
}

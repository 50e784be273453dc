//! The request and the answer.

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Method, StatusCode};
use tucuxi_core::document::Document;
use tucuxi_core::json::{self, is_too_deep, member};
use tucuxi_core::{Body, Credentials, Error, ErrorKind, Request, Source};

use crate::place::Place;

pub(crate) fn ask(place: &Place, authorization: Option<&HeaderValue>) -> Request {
    let mut headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
    headers.extend(authorization.map(|value| (AUTHORIZATION, value.clone())));
    tucuxi_core::request(Method::GET, place.uri.clone(), headers, Body::empty())
}

pub(crate) fn credentials(host: &str, status: StatusCode, body: &[u8]) -> Result<Credentials, Error> {
    if status != StatusCode::OK {
        return Err(refusal(host, status, body));
    }
    match Document::parse(body).and_then(Document::temporary_credentials) {
        Ok(credentials) => Ok(credentials.with_source(Source::Container(host.to_owned()))),
        Err(error) => Err(Error::new(error.kind(), format!("{host}: {error}"))),
    }
}

fn refusal(host: &str, status: StatusCode, body: &[u8]) -> Error {
    let (status, code) = (status.as_u16(), code(body));
    let kind = match status {
        // Too many requests: the same one may be answered a moment later.
        429 => ErrorKind::Unavailable,
        400..500 => ErrorKind::Denied,
        _ => ErrorKind::Unavailable,
    };
    let words = code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
    let mut error = Error::new(kind, format!("{host} gives no credentials (status {status}{words})"));
    if matches!(status, 401 | 403) {
        error = error.with_hint("check the authorization token and the role of the task or pod");
    }
    match code {
        Some(code) => error.with_code(code),
        None => error,
    }
}

/// The error code in a body like `{"code": "...", "message": "..."}`; only a word is repeated.
fn code(body: &[u8]) -> Option<String> {
    if is_too_deep(body) {
        return None;
    }
    let mut code = String::new();
    json::read(body, vec![member("code", &mut code).or("Code")]).ok()?;
    let word = !code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    word.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: Result<(&str, Option<&str>), (ErrorKind, &str)>) {
        match (credentials("h:1", StatusCode::from_u16(status).unwrap(), body.as_bytes()), expected) {
            (Ok(credentials), Ok(row)) => {
                assert_eq!((credentials.access_key_id(), credentials.session_token()), row);
                assert_eq!(credentials.provenance().to_string(), "container-role h:1");
            }
            (Err(error), Err(row)) => assert_eq!((error.kind(), error.to_string().as_str()), row),
            (answer, expected) => panic!("{status} {body}: {answer:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn answers() {
        let keys = r#""AccessKeyId":"A","SecretAccessKey":"S""#;
        check(200, &format!(r#"{{{keys},"Token":"T","Expiration":"2026-01-01T00:00:00Z"}}"#), Ok(("A", Some("T"))));
        let (denied, unavailable) = (ErrorKind::Denied, ErrorKind::Unavailable);
        check(200, &format!("{{{keys}}}"), Err((unavailable, "h:1: the answer has no Token")));
        let token = format!(r#"{{{keys},"Token":"T"}}"#);
        check(200, &token, Err((unavailable, "h:1: the answer has no Expiration")));
        let blank = format!(r#"{{{keys},"Token":"","Expiration":"2026-01-01T00:00:00Z"}}"#);
        check(200, &blank, Err((unavailable, "h:1: the answer has no Token")));
        check(200, "{}", Err((unavailable, "h:1: the answer has no AccessKeyId")));
        check(200, "<html>", Err((unavailable, "h:1: the answer is not JSON (line 1, column 1)")));
        check(302, "", Err((unavailable, "h:1 gives no credentials (status 302)")));
        check(429, "", Err((unavailable, "h:1 gives no credentials (status 429)")));
        check(500, "SEKRIT", Err((unavailable, "h:1 gives no credentials (status 500)")));
        check(404, "", Err((denied, "h:1 gives no credentials (status 404)")));
        let body = r#"{"code":"AccessDenied","message":"SEKRIT"}"#;
        check(403, body, Err((denied, "h:1 gives no credentials (status 403 AccessDenied)")));
        check(403, r#"{"Code":"SEKRIT word"}"#, Err((denied, "h:1 gives no credentials (status 403)")));
    }
}

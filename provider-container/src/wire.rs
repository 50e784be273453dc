//! The answer.

use http::{HeaderValue, StatusCode};
use tucuxi_core::document::Document;
use tucuxi_core::json::{self, is_too_deep, member};
use tucuxi_core::{Credentials, Error, ErrorKind, Source, failure};

pub(crate) fn credentials(host: &str, status: StatusCode, body: &[u8]) -> Result<Credentials, Error> {
    if status != StatusCode::OK {
        return Err(refusal(host, status, body));
    }
    Document::read(body, host, &(), true, Source::Container(host.to_owned()))
}

#[cold]
fn refusal(host: &str, status: StatusCode, body: &[u8]) -> Error {
    let (status, code) = (status.as_u16(), code(body));
    let kind = match status {
        // Too many requests: the same one may be answered a moment later.
        429 => ErrorKind::Unavailable,
        400..500 => ErrorKind::Denied,
        _ => ErrorKind::Unavailable,
    };
    let space = if code.is_empty() { "" } else { " " };
    let error = failure(
        kind,
        format_args!("{host} gives no credentials (status {status}{space}{code})"),
        matches!(status, 401 | 403)
            .then_some(format_args!("check the authorization token and the role of the task or pod")),
    );
    if code.is_empty() { error } else { error.with_code(code) }
}

/// The error code in a body like `{"code": "...", "message": "..."}`, or an empty text; only a word is repeated.
fn code(body: &[u8]) -> String {
    let mut code = String::new();
    let found = !is_too_deep(body) && json::read(body, vec![member("code", &mut code).or("Code")]).is_ok();
    if !found || code.len() > 64 || code.bytes().any(|byte| !byte.is_ascii_alphabetic()) {
        code.clear();
    }
    code
}

pub(crate) static JSON: HeaderValue = HeaderValue::from_static("application/json");

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

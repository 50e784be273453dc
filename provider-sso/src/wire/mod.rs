//! Requests to the token service and the portal, and their answers. Pure.

mod client;
mod portal;
mod token;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use tucuxi_core::document::is_too_deep;
use tucuxi_core::{Body, Error, ErrorKind, Request, Secret};

pub(crate) use client::{Authorization, authorized, device_authorization, register, registered};
pub(crate) use portal::{
    Page, accounts, accounts_page, credentials, log_out, logged_out, role_credentials, roles, roles_page,
};
pub(crate) use token::{Grant, NewToken, granted, token};

/// An answer with the host that gave it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) host: String,
    pub(crate) status: StatusCode,
    pub(crate) body: bytes::Bytes,
}

impl Answer {
    fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        if !self.status.is_success() {
            return Err(self.refused());
        }
        if is_too_deep(&self.body) {
            return Err(self.senseless("JSON that nests too deep"));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            // The parser's own message quotes the text, which holds secrets.
            let what = if error.is_data() { "lacks a field or has one of the wrong type" } else { "is not JSON" };
            let (line, column) = (error.line(), error.column());
            Error::unavailable(format!("the answer of {} {what} (line {line}, column {column})", self.host))
        })
    }

    fn lacking(&self, field: &str) -> Error {
        Error::unavailable(format!("the answer of {} has no {field}", self.host))
    }

    fn senseless(&self, what: &str) -> Error {
        Error::unavailable(format!("the answer of {} has {what}", self.host))
    }

    /// The code of a refusal, where it is one.
    pub(crate) fn code(&self) -> Option<String> {
        let refusal: Refusal = match is_too_deep(&self.body) {
            true => Refusal::default(),
            false => serde_json::from_slice(&self.body).unwrap_or_default(),
        };
        refusal.error.or(refusal.kind).filter(|code| is_code(code))
    }

    fn refused(&self) -> Error {
        let status = self.status.as_u16();
        let code = self.code();
        let kind = match status {
            408 | 429 => ErrorKind::Unavailable,
            400..500 => ErrorKind::Denied,
            _ => ErrorKind::Unavailable,
        };
        let words = code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
        let error = Error::new(kind, format!("{} answered {status}{words}", self.host));
        let error = match status {
            400 | 401 => error.with_hint("sign in again: aws sso login"),
            403 => {
                error.with_hint("ask for access to this account and role, or correct sso_account_id and sso_role_name")
            }
            404 => error.with_hint("correct sso_account_id and sso_role_name"),
            _ => error,
        };
        match code {
            Some(code) => error.with_code(code),
            None => error,
        }
    }
}

#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
}

fn post(url: &str, body: &Value) -> Result<Request, Error> {
    http::Request::post(url)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .map_err(|error| bad_url(url, error))
}

/// The header by which the portal knows who asks.
fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    let mut header = HeaderValue::from_str(token.expose()).map_err(|error| {
        Error::invalid_config("the access token holds a character that no header can carry")
            .with_source(error)
            .with_hint("sign in again: aws sso login")
    })?;
    header.set_sensitive(true);
    Ok(header)
}

fn bad_url(url: &str, error: http::Error) -> Error {
    Error::invalid_config(format!("{url} is no URL to send a request to")).with_source(error)
}

/// Codes are short words; anything else does not belong into a message.
pub(crate) fn is_code(code: &str) -> bool {
    !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.#:".contains(&b))
}

/// The last second of the year 9999, in seconds since 1970: what can still be written as a time.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const HOST: &str = "h.amazonaws.com";

    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { host: HOST.into(), status, body: bytes::Bytes::copy_from_slice(body.as_bytes()) }
    }

    /// What a reader makes of an answer: `Ok` with a word of it, or the kind of error with words of it.
    #[track_caller]
    pub(crate) fn check<T: std::fmt::Debug>(
        read: impl FnOnce(&Answer) -> Result<T, Error>,
        status: u16,
        body: &str,
        expected: Result<&str, (ErrorKind, &str)>,
    ) {
        match (read(&answer(status, body)), expected) {
            (Ok(found), Ok(word)) => {
                let shown = format!("{found:?}");
                assert!(shown.contains(word) && !shown.contains("SEKRIT"), "{body}: {shown}");
            }
            (Err(error), Err((kind, words))) => {
                assert_eq!(error.kind(), kind, "{body}: {error}");
                assert!(error.to_string().contains(words), "{body}: {error}");
                assert!(!format!("{error:?} {}", error.report()).contains("SEKRIT"), "{}", error.report());
            }
            (found, _) => panic!("{status} {body}: {found:?}"),
        }
    }

    #[test]
    fn refusals_by_status_and_code() {
        use ErrorKind::{Denied, Unavailable};
        let refused = |answer: &Answer| Err::<(), _>(answer.refused());
        let code = |code: &str| format!(r#"{{"error":"{code}","error_description":"SEKRIT"}}"#);
        check(refused, 400, &code("invalid_grant"), Err((Denied, "h.amazonaws.com answered 400 (invalid_grant)")));
        check(refused, 401, r#"{"__type":"UnauthorizedException"}"#, Err((Denied, "401 (UnauthorizedException)")));
        check(refused, 403, &code("SEKRIT SEKRIT"), Err((Denied, "answered 403")));
        check(refused, 404, "SEKRIT", Err((Denied, "answered 404")));
        check(refused, 408, "", Err((Unavailable, "answered 408")));
        check(refused, 429, &code("slow_down"), Err((Unavailable, "429 (slow_down)")));
        check(refused, 302, "", Err((Unavailable, "answered 302")));
        check(refused, 500, "<html>SEKRIT", Err((Unavailable, "answered 500")));
    }
}

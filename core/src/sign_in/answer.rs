//! One request to a service, one answer.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::context::ask_host;
use crate::json::{self, Member, is_too_deep, member};
use crate::retry::{RETRY_AFTER, delay};
use crate::{BoxFuture, Error, ErrorKind, HttpClient, HttpError, HttpOptions, Request, WholeAnswer, failure};

/// Sends `request` within `limits`; the answer is at most 64 KiB, and where `limits` has no end of the whole call that
/// is the sum of those for connecting, the first byte and a silence.
///
/// # Errors
/// Why there is no whole answer.
pub fn exchange(
    http: &dyn HttpClient,
    request: Request,
    limits: HttpOptions,
) -> BoxFuture<'_, Result<Answer, HttpError>> {
    let end = limits.whole.unwrap_or_else(|| limits.connect.saturating_add(limits.answer_limit()));
    let limits = limits.with_body_limit(BODY_LIMIT).with_whole(end);
    // Handed over before anything is polled, so that no future here holds a request.
    let (host, whole) = ask_host(http, request, limits, &RETRY_AFTER);
    Box::pin(async move {
        let WholeAnswer { status, header, body } = whole.await?;
        let asked_delay = header.as_ref().and_then(|value| delay(value.to_str().ok()?));
        Ok(Answer { host, status, body, asked_delay })
    })
}

/// An answer with the host that gave it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// Who answered.
    pub host: String,
    /// How it went.
    pub status: StatusCode,
    /// What it says, which may be a secret.
    pub body: Bytes,
    /// How long it asks to wait before it is asked again.
    pub asked_delay: Option<Duration>,
}

impl Answer {
    /// What `host` answered.
    pub fn new(host: impl Into<String>, status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { host: host.into(), status, body: body.into(), asked_delay: None }
    }

    /// Reads the object that it is.
    ///
    /// # Errors
    /// `Unavailable` with line and column, never with what stands there.
    pub fn read(&self, members: Vec<Member<'_>>) -> Result<(), Error> {
        if is_too_deep(&self.body) {
            return Err(self.senseless("JSON that nests too deep"));
        }
        json::read(&self.body, members).map_err(|fault| self.unreadable("", &fault.in_general()))
    }

    /// The text of the first of two members that it has; nothing where either makes no sense.
    pub fn text(&self, name: &'static str, or: Option<&'static str>) -> Option<String> {
        let (mut text, mut other) = (None::<String>, None::<String>);
        let mut members = vec![member(name, &mut text)];
        if let Some(or) = or {
            members.push(member(or, &mut other));
        }
        self.read(members).ok()?;
        text.or(other)
    }

    /// Its error: a field that it should have is absent or empty.
    pub fn lacking(&self, field: &str) -> Error {
        self.unreadable("has no ", &field)
    }

    /// Its error: it has what makes no sense.
    pub fn senseless(&self, what: &str) -> Error {
        self.unreadable("has ", &what)
    }

    #[cold]
    fn unreadable(&self, what: &str, which: &dyn fmt::Display) -> Error {
        failure(ErrorKind::Unavailable, format_args!("the answer of {} {what}{which}", self.host), None)
    }

    /// Its error, where the service refused with this code or failed.
    #[cold]
    pub fn refusal(&self, code: Option<&str>) -> Error {
        let status = self.status.as_u16();
        let kind = match status {
            408 | 429 => ErrorKind::Unavailable,
            400..500 => ErrorKind::Denied,
            _ => ErrorKind::Unavailable,
        };
        let host = &self.host;
        match code {
            Some(code) => {
                failure(kind, format_args!("{host} answered {status} ({code})"), None).with_code(code.to_owned())
            }
            None => failure(kind, format_args!("{host} answered {status}"), None),
        }
    }
}

impl fmt::Debug for Answer {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("host", &self.host).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Error codes are short words; anything else does not belong into a message.
pub fn is_word(code: &str) -> bool {
    !code.is_empty() && code.len() <= 32 && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

const BODY_LIMIT: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::new("h.amazonaws.com", StatusCode::from_u16(status).unwrap(), body.to_owned())
    }

    #[test]
    fn an_error_names_the_host_and_never_what_stands_there() {
        let check = |body: &str, expected: &str| {
            let answer = answer(200, body);
            let error = answer.read(vec![member("id", &mut String::new())]).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, expected));
            assert!(!format!("{answer:?} {}", error.report()).contains("SEKRIT"));
        };
        check("SEKRIT", "the answer of h.amazonaws.com is not JSON (line 1, column 1)");
        let vague = "the answer of h.amazonaws.com lacks a field or has one of the wrong type (line 1, column";
        check(r#"{"ID":"SEKRIT"}"#, &format!("{vague} 15)"));
        check(r#"{"id":12}"#, &format!("{vague} 8)"));
        let deep = format!(r#"{{"id":{}{}}}"#, "[".repeat(40), "]".repeat(40));
        check(&deep, "the answer of h.amazonaws.com has JSON that nests too deep");
    }

    #[test]
    fn what_a_status_means() {
        let check = |status: u16, kind: ErrorKind| {
            let error = answer(status, "SEKRIT").refusal(None);
            assert_eq!((error.kind(), error.to_string()), (kind, format!("h.amazonaws.com answered {status}")));
            let error = answer(status, "").refusal(Some("slow_down"));
            assert_eq!((error.kind(), error.code()), (kind, Some("slow_down")));
            assert_eq!(error.to_string(), format!("h.amazonaws.com answered {status} (slow_down)"));
        };
        [400, 401, 403, 404, 499].into_iter().for_each(|status| check(status, ErrorKind::Denied));
        [302, 408, 429, 500, 503].into_iter().for_each(|status| check(status, ErrorKind::Unavailable));
    }
}

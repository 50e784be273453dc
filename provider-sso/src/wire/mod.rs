//! Requests to the token service and the portal, and their answers. Pure.

#[cfg(feature = "sign-in")]
mod client;
#[cfg(feature = "sign-in")]
mod lists;
mod portal;
#[cfg(feature = "sign-in")]
mod redeem;
mod token;

use http::{HeaderValue, Method};
#[cfg(feature = "sign-in")]
use tucuxi_core::json::Member;
use tucuxi_core::json::Writer;
use tucuxi_core::sign_in::{Answer, Texts, Wanted, request_to};
use tucuxi_core::{Error, Request, Secret, secret_header};

#[cfg(feature = "sign-in")]
pub(crate) use client::{Authorization, authorized, device_authorization, register, registered};
#[cfg(feature = "sign-in")]
pub(crate) use lists::{Page, accounts, accounts_page, log_out, logged_out, roles, roles_page};
pub(crate) use portal::{credentials, role_credentials};
#[cfg(feature = "sign-in")]
pub(crate) use redeem::{device_code, redeem};
#[cfg(feature = "sign-in")]
pub(crate) use token::NewToken;
pub(crate) use token::{granted, refresh};

/// Reads what is granted, unless it is refused.
fn grants(answer: &Answer, wanted: &Wanted) -> Result<(Texts, Option<u64>), Error> {
    if answer.status.is_success() { answer.granted(wanted) } else { Err(refused(answer)) }
}

/// The same for what is no grant.
#[cfg(feature = "sign-in")]
fn read(answer: &Answer, members: Vec<Member<'_>>) -> Result<(), Error> {
    if answer.status.is_success() { answer.read(members) } else { Err(refused(answer)) }
}

/// The code of a refusal, where it is one.
#[inline]
pub(crate) fn code(answer: &Answer) -> Option<String> {
    answer.text("error", Some("__type")).filter(|code| is_code(code))
}

fn refused(answer: &Answer) -> Error {
    let error = answer.refusal(code(answer).as_deref());
    let hint = match answer.status.as_u16() {
        400 | 401 => SIGN_IN_AGAIN,
        403 => "ask for access to this account and role, or correct sso_account_id and sso_role_name",
        404 => "correct sso_account_id and sso_role_name",
        _ => return error,
    };
    error.with_hint(hint)
}

#[inline]
fn post(url: &str, body: Writer) -> Result<Request, Error> {
    request_to(Method::POST, url, url, None, Some(body))
}

/// The header by which the portal knows who asks.
fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    secret_header("the access token", token.expose()).map_err(|error| error.with_hint(SIGN_IN_AGAIN))
}

/// Codes are short words; anything else does not belong into a message.
#[inline]
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.#:".contains(&b))
}

const SIGN_IN_AGAIN: &str = "sign in again: aws sso login";

/// The last second of the year 9999, in seconds since 1970: what can still be written as a time.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
pub(crate) mod tests {
    use http::StatusCode;
    use tucuxi_core::ErrorKind;

    use super::*;

    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        Answer::new("h.amazonaws.com", StatusCode::from_u16(status).unwrap(), body.to_owned())
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
        let refused = |answer: &Answer| Err::<(), _>(refused(answer));
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

//! The portal: credentials of a role.

use std::time::{Duration, SystemTime};

use http::{HeaderName, Method};
use tucuxi_core::encode::push_escaped;
use tucuxi_core::sign_in::{Answer, Need, Wanted, needed, request_to};
use tucuxi_core::{Credentials, Error, Request, Secret};

use super::{LAST_SECOND, bearer, grants};

/// `GET {portal}/federation/credentials` for a role in an account.
pub(crate) fn role_credentials(
    portal: &str,
    account_id: &str,
    role_name: &str,
    token: &Secret,
) -> Result<Request, Error> {
    let query = [("role_name", Some(role_name)), ("account_id", Some(account_id))];
    ask(Method::GET, portal, "/federation/credentials", &query, token)
}

/// Reads the answer to [`role_credentials`].
pub(crate) fn credentials(answer: &Answer) -> Result<Credentials, Error> {
    let (texts, expiration) = grants(answer, &ROLE)?;
    let text = |name| needed(&texts, name, answer);
    let (id, secret, token) = (text(ACCESS_KEY_ID)?, text(SECRET_ACCESS_KEY)?, text(SESSION_TOKEN)?);
    // Milliseconds since 1970.
    let expiration = expiration.unwrap_or_default();
    if expiration / 1000 > LAST_SECOND {
        return Err(answer.senseless("an expiration that is no time"));
    }
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_millis(expiration);
    let credentials =
        Credentials::new(id.expose(), secret.clone()).with_session_token(token.clone()).with_expires_at(expiry);
    match credentials.fault() {
        None => Ok(credentials),
        Some((part, fault)) => Err(answer.senseless(&format!("no usable keys: the {part} {fault}"))),
    }
}

/// A request by whoever has this access token.
pub(super) fn ask(
    method: Method,
    portal: &str,
    path: &str,
    query: &[(&str, Option<&str>)],
    token: &Secret,
) -> Result<Request, Error> {
    let mut url = format!("{portal}{path}");
    let mut mark = '?';
    for (name, value) in query {
        if let Some(value) = value {
            url.push(mark);
            url.push_str(name);
            url.push('=');
            push_escaped(&mut url, value, "");
            mark = '&';
        }
    }
    request_to(method, &url, portal, Some((BEARER, bearer(token)?)), None)
}

static ROLE: Wanted = Wanted {
    inner: (
        "roleCredentials",
        &[(ACCESS_KEY_ID, Need::Text), (SECRET_ACCESS_KEY, Need::ElseAbsent), (SESSION_TOKEN, Need::ElseAbsent)],
    ),
    members: &[],
    number: ("expiration", Need::Text),
};

const ACCESS_KEY_ID: &str = "accessKeyId";
const SECRET_ACCESS_KEY: &str = "secretAccessKey";
const SESSION_TOKEN: &str = "sessionToken";
const BEARER: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");

#[cfg(test)]
mod tests {
    use tucuxi_core::ErrorKind::{Denied, Unavailable};

    use super::super::tests::{answer, check};
    use super::*;

    const GOOD: &str = r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"SEKRIT","sessionToken":"SEKRIT","expiration":1767225600000}}"#;

    #[test]
    fn answers_of_the_portal() {
        check(credentials, 200, GOOD, Ok("ASIA"));
        check(credentials, 401, r#"{"message":"Session token not found or invalid"}"#, Err((Denied, "401")));
        check(
            credentials,
            403,
            r#"{"__type":"ForbiddenException","message":"SEKRIT"}"#,
            Err((Denied, "ForbiddenException")),
        );
        check(credentials, 429, "", Err((Unavailable, "429")));
        check(credentials, 503, "<html>SEKRIT", Err((Unavailable, "503")));
        check(credentials, 200, "SEKRIT", Err((Unavailable, "not JSON")));
        check(credentials, 200, &GOOD.replace("secretAccessKey", "x"), Err((Unavailable, "no secretAccessKey")));
        check(credentials, 200, &GOOD.replace("sessionToken", "x"), Err((Unavailable, "no sessionToken")));
        for (field, value) in [("accessKeyId", "ASIA"), ("secretAccessKey", "SEKRIT"), ("sessionToken", "SEKRIT")] {
            let empty = GOOD.replace(&format!(r#"{field}":"{value}"#), &format!("{field}\":\""));
            check(credentials, 200, &empty, Err((Unavailable, "is empty")));
        }
        check(credentials, 200, &GOOD.replace("expiration", "x"), Err((Unavailable, "lacks a field")));
        check(credentials, 200, &GOOD.replace("1767225600000", "18446744073709551615"), Err((Unavailable, "no time")));
    }

    #[test]
    fn the_expiration_is_in_milliseconds() {
        let credentials = credentials(&answer(200, GOOD)).unwrap();
        assert_eq!(credentials.expires_at(), tucuxi_core::parse_timestamp("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn names_are_escaped_in_the_query() {
        let request = role_credentials("https://p", "123456789012", "Read Only/+&", &"AT".into()).unwrap();
        assert_eq!(request.uri().query(), Some("role_name=Read%20Only%2F%2B%26&account_id=123456789012"));
        assert!(request.headers()["x-amz-sso_bearer_token"].is_sensitive());
        assert!(role_credentials("https://p", "1", "r", &"A\nT".into()).is_err());
    }
}

//! Requests and answers of instance metadata.

use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use tucuxi_core::document::Document;
use tucuxi_core::{Body, Credentials, Error, ErrorKind, Region, Request, Source, secret_header};

use crate::endpoint::Endpoint;

/// An answer that arrived whole.
pub(crate) struct Answer<'a> {
    pub(crate) host: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) body: &'a [u8],
}

/// What a request for a session token led to.
#[derive(Debug)]
pub(crate) enum Grant {
    /// A token, and for how many seconds.
    Token { token: HeaderValue, ttl: u64 },
    /// Something answers there that knows no tokens.
    NoTokens,
}

pub(crate) fn ask_token(endpoint: &Endpoint) -> Result<Request, Error> {
    build(Method::PUT, endpoint, TOKEN, vec![(TTL.clone(), HeaderValue::from(MAX_TTL))])
}

pub(crate) fn ask(endpoint: &Endpoint, path: &str, token: Option<&HeaderValue>) -> Result<Request, Error> {
    let headers = token.map(|token| (SESSION, token.clone())).into_iter().collect();
    build(Method::GET, endpoint, path, headers)
}

fn build(
    method: Method,
    endpoint: &Endpoint,
    path: &str,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Result<Request, Error> {
    let impossible = |error| Error::invalid_config(format!("{} cannot be asked: {error}", endpoint.host()));
    let uri = Uri::try_from(endpoint.url(path)).map_err(impossible)?;
    Ok(tucuxi_core::request(method, uri, headers, Body::empty()))
}

/// Reads the answer to [`ask_token`], and its header [`TTL`].
pub(crate) fn grant(answer: &Answer<'_>, ttl: Option<&HeaderValue>) -> Result<Grant, Error> {
    // What other clouds and version 1 answer at this address.
    if matches!(answer.status.as_u16(), 400 | 404 | 405 | 501) {
        return Ok(Grant::NoTokens);
    }
    answer.expect_ok("a session token").map_err(|error| match answer.status {
        StatusCode::FORBIDDEN => error.with_hint("turn instance metadata on for this instance, or let it through"),
        _ => error,
    })?;
    let text = answer.body.trim_ascii();
    let token = str::from_utf8(text).ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()));
    let token = token.and_then(|text| secret_header("the session token", text).ok());
    let token = token.ok_or_else(|| answer.unreadable("a session token"))?;
    let ttl = ttl.and_then(|value| value.to_str().ok()?.trim_ascii().parse().ok());
    Ok(Grant::Token { token, ttl: ttl.unwrap_or(MAX_TTL).min(MAX_TTL) })
}

/// The name of the instance's role.
pub(crate) fn role_name(answer: &Answer<'_>) -> Result<String, Error> {
    let none = || {
        Error::not_configured("no role is attached to this instance")
            .with_hint("attach an instance profile to the instance")
    };
    if answer.status == StatusCode::NOT_FOUND {
        return Err(none());
    }
    answer.expect_ok("the name of the role")?;
    let text = str::from_utf8(answer.body).ok().ok_or_else(|| answer.unreadable("the name of a role"))?.trim_ascii();
    let end = text.bytes().position(|byte| byte == b'\n').unwrap_or(text.len());
    let name = text[..end].trim_ascii_end();
    if name.is_empty() {
        return Err(none());
    }
    let valid = name.len() <= 128 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b));
    if valid { Ok(name.to_owned()) } else { Err(answer.unreadable("the name of a role")) }
}

/// The role's credentials.
pub(crate) fn credentials(answer: &Answer<'_>, role: &str) -> Result<Credentials, Error> {
    answer.expect_ok(&format!("the credentials of role {role}"))?;
    let named = |error: Error| Error::new(error.kind(), format!("{}, role {role}: {error}", answer.host));
    let document = Document::parse(answer.body).map_err(named)?;
    if let Some(code) = document.code.as_deref().filter(|code| *code != "Success") {
        return Err(refusal(answer.host, role, code));
    }
    Ok(document.temporary_credentials().map_err(named)?.with_source(Source::Imds(role.to_owned())))
}

fn refusal(host: &str, role: &str, code: &str) -> Error {
    // A code is a word; anything else is not repeated.
    let word = code.len() <= 64 && !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if word { code } else { "an unreadable code" };
    let (kind, hint) = match code {
        "AssumeRoleUnauthorizedAccess" => {
            (ErrorKind::Denied, format!("let ec2.amazonaws.com assume role {role} in its trust policy"))
        }
        _ => (ErrorKind::Unavailable, "check the instance profile and its role".to_owned()),
    };
    let message = format!("{host} has no credentials of role {role}: {code}");
    Error::new(kind, message).with_hint(hint).with_code(code.to_owned())
}

pub(crate) fn region(answer: &Answer<'_>) -> Result<Region, Error> {
    answer.expect_ok("the region")?;
    let name = String::from_utf8_lossy(answer.body);
    Region::new(name.trim_ascii()).ok().ok_or_else(|| answer.unreadable("a region"))
}

impl Answer<'_> {
    pub(crate) fn expect_ok(&self, what: &str) -> Result<(), Error> {
        let (host, status) = (self.host, self.status.as_u16());
        let (kind, message) = match status {
            200 => return Ok(()),
            // Too many requests: the same one may be answered a moment later.
            429 => (ErrorKind::Unavailable, format!("{host} is asked too often for {what} (status {status})")),
            400..500 => (ErrorKind::Denied, format!("{host} refused {what} (status {status})")),
            _ => (ErrorKind::Unavailable, format!("{host} answered status {status} when asked for {what}")),
        };
        Err(Error::new(kind, message))
    }

    pub(crate) fn unreadable(&self, what: &str) -> Error {
        Error::unavailable(format!("{} answered with something that is not {what}", self.host))
    }
}

const TOKEN: &str = "/latest/api/token";
const SESSION: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
pub(crate) const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// Six hours, the longest that the service grants.
const MAX_TTL: u64 = 21_600;
pub(crate) const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
pub(crate) const REGION: &str = "/latest/meta-data/placement/region";
pub(crate) const IDENTITY: &str = "/latest/dynamic/instance-identity/document";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer<'_> {
        Answer { host: "imds", status: StatusCode::from_u16(status).unwrap(), body: body.as_bytes() }
    }

    #[track_caller]
    fn check<T: PartialEq + std::fmt::Debug>(got: Result<T, Error>, expected: Result<T, (ErrorKind, &str)>) {
        let got = got.map_err(|error| (error.kind(), error.to_string()));
        assert_eq!(got, expected.map_err(|(kind, message)| (kind, message.to_owned())));
    }

    #[track_caller]
    fn role(status: u16, body: &str, expected: Result<&str, (ErrorKind, &str)>) {
        check(role_name(&answer(status, body)), expected.map(str::to_owned));
    }

    #[test]
    fn role_names() {
        let nobody = (ErrorKind::NotConfigured, "no role is attached to this instance");
        let strange = (ErrorKind::Unavailable, "imds answered with something that is not the name of a role");
        role(200, "web-server", Ok("web-server"));
        role(200, " web-server \r\n", Ok("web-server"));
        role(200, "first\nsecond\n", Ok("first"));
        role(200, "a+b=c,d.e@f_g", Ok("a+b=c,d.e@f_g"));
        role(200, "", Err(nobody));
        role(200, "\n", Err(nobody));
        role(404, "<html>", Err(nobody));
        for body in ["<html>sign in here</html>", "a b", "../../user-data", "a/b", "a?b", "a%2fb", &"x".repeat(129)] {
            role(200, body, Err(strange));
        }
        role(403, "", Err((ErrorKind::Denied, "imds refused the name of the role (status 403)")));
        role(503, "", Err((ErrorKind::Unavailable, "imds answered status 503 when asked for the name of the role")));
        role(302, "", Err((ErrorKind::Unavailable, "imds answered status 302 when asked for the name of the role")));
    }

    #[track_caller]
    fn token(status: u16, body: &str, ttl: &str, expected: Result<Option<(&str, u64)>, (ErrorKind, &str)>) {
        let ttl = HeaderValue::from_str(ttl).unwrap();
        let got = grant(&answer(status, body), Some(&ttl)).map(|grant| match grant {
            Grant::Token { token, ttl } => {
                assert!(token.is_sensitive());
                Some((token.to_str().unwrap().to_owned(), ttl))
            }
            Grant::NoTokens => None,
        });
        check(got, expected.map(|grant| grant.map(|(token, ttl)| (token.to_owned(), ttl))));
    }

    #[test]
    fn session_tokens() {
        token(200, "abc==", "60", Ok(Some(("abc==", 60))));
        token(200, "abc==\n", "", Ok(Some(("abc==", 21_600))));
        token(200, "abc==", "99999999", Ok(Some(("abc==", 21_600))));
        let strange = (ErrorKind::Unavailable, "imds answered with something that is not a session token");
        for body in ["", "a b", "a\r\nX-Evil: 1", "é", "<html> </html>"] {
            token(200, body, "60", Err(strange));
        }
        for status in [400, 404, 405, 501] {
            token(status, "", "", Ok(None));
        }
        token(403, "", "", Err((ErrorKind::Denied, "imds refused a session token (status 403)")));
        token(500, "", "", Err((ErrorKind::Unavailable, "imds answered status 500 when asked for a session token")));
        token(429, "", "", Err((ErrorKind::Unavailable, "imds is asked too often for a session token (status 429)")));
    }

    #[track_caller]
    fn document(body: &str, expected: Result<&str, (ErrorKind, &str)>) {
        check(
            credentials(&answer(200, body), "web").map(|credentials| credentials.access_key_id().to_owned()),
            expected.map(str::to_owned),
        );
    }

    #[test]
    fn credential_documents() {
        const KEYS: &str = r#""AccessKeyId":"ASIA","SecretAccessKey":"SEKRIT""#;
        const REST: &str = r#""Token":"SEKRIT","Expiration":"2026-01-01T00:00:00Z""#;
        document(&format!(r#"{{"Code":"Success",{KEYS},{REST}}}"#), Ok("ASIA"));
        document(&format!(r#"{{{KEYS},{REST}}}"#), Ok("ASIA"));
        let broken = |message| Err((ErrorKind::Unavailable, message));
        document(&format!("{{{KEYS}}}"), broken("imds, role web: the answer has no Token"));
        document(&format!(r#"{{{KEYS},"Token":"T"}}"#), broken("imds, role web: the answer has no Expiration"));
        document(&format!("{{{REST}}}"), broken("imds, role web: the answer has no AccessKeyId"));
        document("<html>", broken("imds, role web: the answer is not JSON (line 1, column 1)"));
        document(r#"{"Code":"Failed"}"#, broken("imds has no credentials of role web: Failed"));
        document(r#"{"Code":"<b>SEKRIT</b>"}"#, broken("imds has no credentials of role web: an unreadable code"));
        document(
            r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"SEKRIT"}"#,
            Err((ErrorKind::Denied, "imds has no credentials of role web: AssumeRoleUnauthorizedAccess")),
        );
    }

    #[test]
    fn regions() {
        check(region(&answer(200, "eu-west-1\n")), Ok(Region::new("eu-west-1").unwrap()));
        let strange = (ErrorKind::Unavailable, "imds answered with something that is not a region");
        check(region(&answer(200, "evil.example/")), Err(strange));
    }
}

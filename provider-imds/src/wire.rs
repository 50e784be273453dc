//! Answers of instance metadata.

use http::{HeaderName, HeaderValue, StatusCode};
use tucuxi_core::document::{Document, Judge};
use tucuxi_core::{Credentials, Error, ErrorKind, Region, Source, failure, secret_header, whole_number};

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

/// Reads the answer to a request for a session token, and its header [`TTL`].
pub(crate) fn grant(answer: &Answer<'_>, ttl: Option<&HeaderValue>) -> Result<Grant, Error> {
    // What other clouds and version 1 answer at this address.
    if matches!(answer.status.as_u16(), 400 | 404 | 405 | 501) {
        return Ok(Grant::NoTokens);
    }
    if let Err(error) = answer.expect_ok("a session token") {
        return Err(match answer.status {
            StatusCode::FORBIDDEN => error.with_hint("turn instance metadata on for this instance, or let it through"),
            _ => error,
        });
    }
    let text = answer.text("a session token")?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(answer.unreadable("a session token"));
    }
    let token = secret_header("the session token", text)?;
    let ttl = ttl.and_then(|value| whole_number(trimmed(value.as_bytes())?));
    Ok(Grant::Token { token, ttl: ttl.unwrap_or(MAX_SECONDS).min(MAX_SECONDS) })
}

/// The name of the instance's role.
pub(crate) fn role_name(answer: &Answer<'_>) -> Result<String, Error> {
    const WHAT: &str = "the name of a role";
    let mut name = "";
    if answer.status != StatusCode::NOT_FOUND {
        answer.expect_ok("the name of the role")?;
        name = answer.text(WHAT)?;
    }
    if let Some(end) = name.bytes().position(|byte| byte == b'\n') {
        name = name[..end].trim_ascii_end();
    }
    if name.is_empty() {
        return Err(failure(
            ErrorKind::NotConfigured,
            format_args!("no role is attached to this instance"),
            Some(format_args!("attach an instance profile to the instance")),
        ));
    }
    let is_odd = |byte: u8| !matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'=' | b',' | b'.' | b'@' | b'_' | b'-');
    if name.len() > 128 || name.bytes().any(is_odd) {
        return Err(answer.unreadable(WHAT));
    }
    Ok(name.to_owned())
}

/// The role's credentials.
pub(crate) fn credentials(answer: &Answer<'_>, role: &str) -> Result<Credentials, Error> {
    answer.expect_ok(&format!("the credentials of role {role}"))?;
    let who = format!("{}, role {role}", answer.host);
    Document::read(answer.body, &who, &Granted { host: answer.host, role }, true, Source::Imds(role.to_owned()))
}

struct Granted<'a> {
    host: &'a str,
    role: &'a str,
}

impl Judge for Granted<'_> {
    fn judge(&self, document: &Document) -> Result<(), Error> {
        match document.code.as_deref() {
            None | Some("Success") => Ok(()),
            Some(code) => Err(refusal(self.host, self.role, code)),
        }
    }
}

fn refusal(host: &str, role: &str, code: &str) -> Error {
    // A code is a word; anything else is not repeated.
    let word = code.len() <= 64 && !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if word { code } else { "an unreadable code" };
    let (kind, cure) = match code {
        "AssumeRoleUnauthorizedAccess" => {
            (ErrorKind::Denied, ["let ec2.amazonaws.com assume role ", role, " in its trust policy"])
        }
        _ => (ErrorKind::Unavailable, ["check the instance profile and its role", "", ""]),
    };
    let [before, name, after] = cure;
    failure(
        kind,
        format_args!("{host} has no credentials of role {role}: {code}"),
        Some(format_args!("{before}{name}{after}")),
    )
    .with_code(code.to_owned())
}

// Compiled by whoever asks for it, which most programs do not.
#[inline]
pub(crate) fn region(answer: &Answer<'_>) -> Result<Region, Error> {
    answer.expect_ok("the region")?;
    match Region::new(answer.text("a region")?) {
        Ok(region) => Ok(region),
        Err(_) => Err(answer.unreadable("a region")),
    }
}

impl Answer<'_> {
    pub(crate) fn expect_ok(&self, what: &str) -> Result<(), Error> {
        let (host, status) = (self.host, self.status.as_u16());
        Err(match status {
            200 => return Ok(()),
            // Too many requests: the same one may be answered a moment later.
            429 => {
                let kind = ErrorKind::Unavailable;
                failure(kind, format_args!("{host} is asked too often for {what} (status {status})"), None)
            }
            400..500 => failure(ErrorKind::Denied, format_args!("{host} refused {what} (status {status})"), None),
            _ => {
                let kind = ErrorKind::Unavailable;
                failure(kind, format_args!("{host} answered status {status} when asked for {what}"), None)
            }
        })
    }

    /// What it says, without white space at either end.
    #[inline(never)]
    fn text(&self, what: &str) -> Result<&str, Error> {
        trimmed(self.body).ok_or_else(|| self.unreadable(what))
    }

    #[cold]
    pub(crate) fn unreadable(&self, what: &str) -> Error {
        let host = self.host;
        failure(ErrorKind::Unavailable, format_args!("{host} answered with something that is not {what}"), None)
    }
}

#[inline(never)]
fn trimmed(bytes: &[u8]) -> Option<&str> {
    Some(str::from_utf8(bytes).ok()?.trim_ascii())
}

pub(crate) const TOKEN: &str = "/latest/api/token";
pub(crate) static SESSION: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
pub(crate) static TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// Six hours, the longest that the service grants.
const MAX_SECONDS: u64 = 21_600;
pub(crate) static MAX_TTL: HeaderValue = HeaderValue::from_static("21600");
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

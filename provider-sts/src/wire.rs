//! Requests and answers as they travel.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method};
use tucuxi_core::encode::push_escaped;
use tucuxi_core::{
    Body, Credentials, Error, ErrorKind, Request, Secret, Source, failure, parse_timestamp, set_header, with_parts,
};

use crate::endpoint::Endpoint;
use crate::xml::Answer;

/// A request's operation and parameters.
pub(crate) struct Form {
    pub(crate) action: &'static str,
    /// The role that it takes on, if it does.
    pub(crate) role_arn: String,
    body: String,
    secrets: Vec<Secret>,
}

impl Form {
    #[inline(never)]
    pub(crate) fn new(action: &'static str) -> Self {
        let body = format!("Action={action}&Version=2011-06-15");
        Self { action, role_arn: String::new(), body, secrets: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.body.push('&');
        self.body.push_str(name);
        self.body.push('=');
        push_escaped(&mut self.body, value, "");
    }

    pub(crate) fn push_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// Adds a value that no message may show.
    pub(crate) fn push_secret(&mut self, name: &str, value: &Secret) {
        self.push(name, value.expose());
        self.hide(value);
    }

    /// Lets no message show this.
    #[inline(never)]
    pub(crate) fn hide(&mut self, secret: &Secret) {
        self.secrets.push(secret.clone());
    }

    pub(crate) fn push_seconds(&mut self, name: &str, duration: Option<Duration>) {
        if let Some(duration) = duration {
            self.push(name, &duration.as_secs().to_string());
        }
    }

    /// Adds the least size of the session token.
    pub(crate) fn push_minimum(&mut self, bytes: Option<u16>) {
        if let Some(bytes) = bytes {
            self.push("MinimumSessionTokenSize", &bytes.to_string());
        }
    }

    /// Adds `LIST.member.1.FIELD=...` and so on.
    #[inline]
    pub(crate) fn push_members(&mut self, list: &str, field: &str, values: &[String]) {
        for (index, value) in values.iter().enumerate() {
            self.push_member(list, index, field, value);
        }
    }

    /// Adds a field of one in a list.
    pub(crate) fn push_member(&mut self, list: &str, index: usize, field: &str, value: &str) {
        self.push(&format!("{list}.member.{}{field}", index + 1), value);
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// What no message may show.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

/// A request, not yet signed.
pub(crate) fn request(
    endpoint: &Endpoint,
    form: &Form,
    sign: &dyn Fn(&mut Parts) -> Result<(), Error>,
) -> Result<Request, Error> {
    let body = Body::from(form.body.clone());
    let request = tucuxi_core::request(Method::POST, endpoint.uri.clone(), Vec::new(), body);
    with_parts(request, &mut |parts| {
        for (name, value) in [(&CONTENT_TYPE, &FORM), (&ACCEPT, &XML)] {
            set_header(&mut parts.headers, name, Some(value.clone()));
        }
        sign(parts)
    })
}

static FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
static XML: HeaderValue = HeaderValue::from_static("text/xml");

/// The answer to an operation that succeeded.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) action: &'static str,
    pub(crate) host: String,
}

impl Answered {
    /// The text at a path in the result.
    #[inline(never)]
    fn text(&self, path: &str) -> Option<&str> {
        self.answer.text(&format!("{0}Response/{0}Result/{path}", self.action))
    }

    #[inline(never)]
    pub(crate) fn required(&self, path: &str) -> Result<&str, Error> {
        self.text(path).ok_or_else(|| self.unreadable(format_args!("has no {path}")))
    }

    /// The session in the result, in the account of the user at this path, with the sources of those that asked for
    /// it, and how it was made.
    pub(crate) fn session(
        &self,
        user: &str,
        asked_with: Option<&Credentials>,
        made_by: Source,
    ) -> Result<Credentials, Error> {
        let expires = parse_timestamp(self.required("Credentials/Expiration")?)
            .ok_or_else(|| self.unreadable(format_args!("has an Expiration that is not a time")))?;
        let mut session =
            Credentials::new(self.required("Credentials/AccessKeyId")?, self.required("Credentials/SecretAccessKey")?)
                .with_session_token(self.required("Credentials/SessionToken")?)
                .with_expires_at(expires);
        if let Some((part, fault)) = session.fault() {
            return Err(self.unreadable(format_args!("has no usable keys: the {part} {fault}")));
        }
        if let Some(account) = self.text(&format!("{user}/Arn")).and_then(account_of) {
            session = session.with_account_id(account);
        }
        if let Some(credentials) = asked_with {
            let before = credentials.provenance();
            if before.sources().is_empty() {
                session = session.with_source(Source::Explicit);
            }
            for (place, source) in before.sources().iter().enumerate() {
                session = session.with_source(source.clone());
                if let Some(line) = before.location(place) {
                    session = session.asked_at(line.clone());
                }
            }
        }
        Ok(session.with_source(made_by))
    }

    fn unreadable(&self, why: fmt::Arguments<'_>) -> Error {
        unreadable(&self.host, self.action, why)
    }
}

#[cold]
pub(crate) fn unreadable(host: &str, action: &str, why: fmt::Arguments<'_>) -> Error {
    failure(
        ErrorKind::Unavailable,
        format_args!("the answer of {host} to {action} {why}"),
        Some(format_args!("check that the endpoint is that of STS")),
    )
}

/// The account in an ARN: `arn:aws:sts::123456789012:assumed-role/reader/me`.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let mut form = Form::new("X");
        form.push("A", "a b+&=/é~");
        form.push_some("B", None);
        form.push_members("C", ".arn", &["x".to_owned(), "y".to_owned()]);
        form.push_seconds("D", Some(Duration::from_secs(900)));
        assert_eq!(
            form.body(),
            "Action=X&Version=2011-06-15&A=a%20b%2B%26%3D%2F%C3%A9~&C.member.1.arn=x&C.member.2.arn=y&D=900"
        );
    }

    #[track_caller]
    fn check(arn: &str, account: Option<&str>) {
        assert_eq!(account_of(arn), account, "{arn}");
    }

    #[test]
    fn the_account_is_in_the_arn() {
        check("arn:aws:sts::123456789012:assumed-role/reader/me", Some("123456789012"));
        check("arn:aws-cn:sts::123456789012:federated-user/me", Some("123456789012"));
        check("arn:aws:iam::aws:policy/x", None);
        check("123456789012", None);
        check("", None);
    }
}

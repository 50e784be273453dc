//! The JSON credential document that instance metadata, the container endpoint and helper programs answer
//! with.
//!
//! ```json
//! {"AccessKeyId": "...", "SecretAccessKey": "...", "Token": "...", "Expiration": "2026-01-01T00:00:00Z"}
//! ```
//!
//! Helpers write `SessionToken` and `"Version": 1`, the endpoints write `Token`; both are read.

mod read;

use std::fmt;

pub use read::Judge;

pub use crate::json::is_too_deep;
use crate::json::{self, MAX_DEPTH, member, member_of_any_type};
use crate::{Credentials, Error, ErrorKind, Secret, failure, parse_timestamp};

/// A credential document as it was written; nothing is required yet.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Debug)]
#[non_exhaustive]
pub struct Document {
    /// `Success`, or why there are no credentials (instance metadata).
    pub code: Option<String>,
    /// More words on `code`.
    pub message: Option<String>,
    /// The format as it stands there, `1` for helper programs.
    pub version: Option<String>,
    /// The access key id.
    pub access_key_id: Option<String>,
    /// The secret.
    pub secret_access_key: Option<Secret>,
    /// The session token.
    pub session_token: Option<Secret>,
    /// The end of life, as text.
    pub expiration: Option<String>,
    /// The account.
    pub account_id: Option<String>,
    /// The role (container endpoint).
    pub role_arn: Option<String>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// `Unavailable` with line and column, never with what stands there.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if is_too_deep(json) {
            return Err(unreadable(format_args!("the JSON is nested more than {MAX_DEPTH} deep")));
        }
        let mut document = Self::empty();
        let members = vec![
            member("Code", &mut document.code),
            member("Message", &mut document.message),
            member_of_any_type("Version", &mut document.version),
            member("AccessKeyId", &mut document.access_key_id),
            member("SecretAccessKey", &mut document.secret_access_key),
            member("SessionToken", &mut document.session_token).or("Token"),
            member("Expiration", &mut document.expiration),
            member("AccountId", &mut document.account_id),
            member("RoleArn", &mut document.role_arn),
        ];
        json::read(json, members).map_err(|fault| unreadable(format_args!("the answer {fault}")))?;
        Ok(document)
    }

    fn empty() -> Self {
        Self {
            code: None,
            message: None,
            version: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            expiration: None,
            account_id: None,
            role_arn: None,
        }
    }

    /// The credentials in it, without provenance.
    ///
    /// # Errors
    /// `Unavailable` naming the field that is missing or unreadable.
    pub fn credentials(self) -> Result<Credentials, Error> {
        self.checked()
    }

    // Apart and of a borrowed document, which is then given up in one place.
    fn checked(&self) -> Result<Credentials, Error> {
        let Some(id) = self.access_key_id.as_ref().filter(|id| !id.is_empty()) else {
            return Err(without("AccessKeyId"));
        };
        let Some(secret) = self.secret_access_key.as_ref().filter(|secret| !secret.expose().is_empty()) else {
            return Err(without("SecretAccessKey"));
        };
        let mut credentials = Credentials::new(id.as_str(), secret.clone());
        if let Some(token) = self.session_token.as_ref().filter(|token| !token.expose().is_empty()) {
            credentials.set_session_token(token.clone());
        }
        if let Some((part, fault)) = credentials.fault() {
            return Err(unreadable(format_args!("the answer's {part} {fault}")));
        }
        if let Some(text) = &self.expiration {
            let Some(at) = parse_timestamp(text) else {
                return Err(unreadable(format_args!("the answer's Expiration is not an RFC 3339 time with a zone")));
            };
            credentials.set_expires_at(at);
        }
        if let Some(account_id) = self.account_id.as_ref().filter(|id| !id.is_empty()) {
            credentials.set_account_id(account_id.clone());
        }
        Ok(credentials)
    }

    /// The credentials in it, which are never without a token, and end.
    ///
    /// # Errors
    /// Those of [`credentials`](Self::credentials).
    pub fn temporary_credentials(self) -> Result<Credentials, Error> {
        let credentials = self.credentials()?;
        let missing = match (credentials.session_token(), credentials.expires_at()) {
            (None, _) => "Token",
            (_, None) => "Expiration",
            _ => return Ok(credentials),
        };
        Err(without(missing))
    }
}

fn without(field: &str) -> Error {
    unreadable(format_args!("the answer has no {field}"))
}

#[cold]
fn unreadable(what: fmt::Arguments<'_>) -> Error {
    failure(ErrorKind::Unavailable, what, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: Result<(&str, Option<&str>), &str>) {
        let answer = Document::parse(json.as_bytes()).and_then(Document::credentials);
        match expected {
            Ok((id, token)) => {
                let credentials = answer.unwrap();
                assert_eq!((credentials.access_key_id(), credentials.session_token()), (id, token), "{json}");
            }
            Err(message) => {
                let error = answer.unwrap_err();
                assert!(error.to_string().contains(message), "{json}: {error}");
                assert!(!error.report().contains("SEKRIT"), "{json}: {error}");
            }
        }
    }

    #[test]
    fn every_writer_of_the_document_is_understood() {
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"S"}"#, Ok(("A", None)));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T"}"#, Ok(("A", Some("T"))));
        check(r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T"}"#, Ok(("A", Some("T"))));
        check(r#"{"AccessKeyId":"A"}"#, Err("no SecretAccessKey"));
        check(r#"{"SecretAccessKey":"SEKRIT"}"#, Err("no AccessKeyId"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":["SEKRIT"]}"#, Err("wrong type"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT""#, Err("not JSON"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT","SecretAccessKey":"SEKRIT"}"#, Err("a field twice"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT","Expiration":"soon"}"#, Err("Expiration"));
        // Keys whose end nobody can read must not count as keys without one.
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT","Expiration":""}"#, Err("Expiration"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT","Expiration":null}"#, Ok(("A", None)));
        check(
            r#"{"AccessKeyId":" A","SecretAccessKey":"SEKRIT"}"#,
            Err("access key id begins or ends with white space"),
        );
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT\n"}"#, Err("secret access key ends in a line break"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"SEKRIT\u0007"}"#, Err("holds a control character"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"S","Token":"SEKRITé"}"#, Err("token holds a character that is"));
        check(r#"{"AccessKeyId":"A","SecretAccessKey":"'SEKRIT'"}"#, Err("is wrapped in quotes"));
        check(&format!("{}1{}", "[".repeat(40), "]".repeat(40)), Err("nested"));
    }
}

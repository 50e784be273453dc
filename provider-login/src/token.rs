//! The cached sign-in, in the AWS CLI's own format. Pure.

use std::time::{Duration, SystemTime};

use tucuxi_core::json::{self, Rest, Writer, member, rest};
use tucuxi_core::{Credentials, Error, Secret, format_rfc3339, parse_timestamp};

use crate::key::DpopKey;
use crate::wire::Grant;

/// A console sign-in, as `~/.aws/login/cache` holds it.
///
/// Fields that are not named here are kept when the file is written again.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// The keys that the sign-in gave last.
    pub access_token: AccessToken,
    /// What kind of keys these are: `aws_sigv4`.
    pub token_type: Option<String>,
    /// Which way the sign-in went: on this device or on another one.
    pub client_id: String,
    /// What new keys are asked with; each use gives a new one.
    pub refresh_token: Secret,
    /// Who signed in, as a signed statement.
    pub id_token: Option<Secret>,
    /// The key that the sign-in is bound to: SEC1 or PKCS#8 in PEM.
    pub dpop_key: Secret,
    other: Rest,
}

/// The keys in a [`Token`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The public half of the key.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// What goes with each request.
    pub session_token: Secret,
    /// The account signed in to.
    pub account_id: String,
    /// Until when, as the file says it.
    pub expires_at: String,
    other: Rest,
}

impl Token {
    /// Reads a cache file.
    ///
    /// # Errors
    /// `InvalidConfig` with the line and the field that is missing, never with what stands there.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let mut token = Self::empty();
        let keys = &mut token.access_token;
        let keys = vec![
            member("accessKeyId", &mut keys.access_key_id),
            member("secretAccessKey", &mut keys.secret_access_key),
            member("sessionToken", &mut keys.session_token),
            member("accountId", &mut keys.account_id),
            member("expiresAt", &mut keys.expires_at),
            rest(&mut keys.other),
        ];
        let members = vec![
            member("accessToken", keys),
            member("tokenType", &mut token.token_type),
            member("clientId", &mut token.client_id),
            member("refreshToken", &mut token.refresh_token),
            member("idToken", &mut token.id_token),
            member("dpopKey", &mut token.dpop_key),
            rest(&mut token.other),
        ];
        json::read(json, members).map_err(|fault| Error::invalid_config(fault.to_string()))?;
        Ok(token)
    }

    /// The file's text.
    ///
    /// # Errors
    /// None: every field can be written.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let (mut keys, mut json) = (Writer::default(), Writer::default());
        let AccessToken { access_key_id, secret_access_key, session_token, account_id, expires_at, other } =
            &self.access_token;
        keys.text("accessKeyId", access_key_id)
            .text("secretAccessKey", secret_access_key.expose())
            .text("sessionToken", session_token.expose())
            .text("accountId", account_id)
            .text("expiresAt", expires_at)
            .rest(other);
        json.object("accessToken", keys)
            .optional("tokenType", self.token_type.as_deref())
            .text("clientId", &self.client_id)
            .text("refreshToken", self.refresh_token.expose())
            .optional("idToken", self.id_token.as_ref().map(Secret::expose))
            .text("dpopKey", self.dpop_key.expose())
            .rest(&self.other);
        Ok(std::mem::take(&mut *json.finish()))
    }

    fn empty() -> Self {
        Self {
            access_token: AccessToken {
                access_key_id: String::new(),
                secret_access_key: Secret::new(""),
                session_token: Secret::new(""),
                account_id: String::new(),
                expires_at: String::new(),
                other: Rest::default(),
            },
            token_type: None,
            client_id: String::new(),
            refresh_token: Secret::new(""),
            id_token: None,
            dpop_key: Secret::new(""),
            other: Rest::default(),
        }
    }

    /// When the keys end.
    ///
    /// # Errors
    /// `InvalidConfig` when the field is no time.
    pub fn expiry(&self) -> Result<SystemTime, Error> {
        parse_timestamp(&self.access_token.expires_at)
            .ok_or_else(|| Error::invalid_config("has an expiresAt that is no time with a zone"))
    }

    /// Whether the keys end within `window` from now.
    ///
    /// # Errors
    /// Those of [`expiry`](Self::expiry).
    pub fn ends_within(&self, window: Duration, now: SystemTime) -> Result<bool, Error> {
        Ok(self.expiry()? <= now + window)
    }

    /// The keys as credentials.
    pub(crate) fn credentials(&self) -> Result<Credentials, Error> {
        let keys = &self.access_token;
        Ok(Credentials::new(&keys.access_key_id, keys.secret_access_key.clone())
            .with_session_token(keys.session_token.clone())
            .with_account_id(&keys.account_id)
            .with_expires_at(self.expiry()?))
    }

    /// The sign-in that a first grant makes.
    pub(crate) fn granted(client_id: &str, account_id: &str, key: &DpopKey, grant: Grant, now: SystemTime) -> Self {
        Self {
            access_token: AccessToken {
                access_key_id: grant.access_key_id,
                secret_access_key: grant.secret_access_key,
                session_token: grant.session_token,
                account_id: account_id.to_owned(),
                expires_at: format_rfc3339(now + grant.lifetime),
                other: Rest::default(),
            },
            token_type: grant.token_type,
            client_id: client_id.to_owned(),
            refresh_token: grant.refresh_token,
            id_token: grant.id_token,
            dpop_key: key.to_pem(),
            other: Rest::default(),
        }
    }

    /// The sign-in after a refresh, with everything that the answer does not name.
    pub(crate) fn renewed(mut self, grant: Grant, now: SystemTime) -> Self {
        self.access_token.access_key_id = grant.access_key_id;
        self.access_token.secret_access_key = grant.secret_access_key;
        self.access_token.session_token = grant.session_token;
        self.access_token.expires_at = format_rfc3339(now + grant.lifetime);
        self.refresh_token = grant.refresh_token;
        self.token_type = grant.token_type.or(self.token_type);
        self.id_token = grant.id_token.or(self.id_token);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FILE: &str = r#"{"accessToken":{"accessKeyId":"ASIA","secretAccessKey":"SAK1","sessionToken":"ST1",
        "accountId":"123456789012","expiresAt":"2026-01-01T00:10:00Z","scope":"all"},"tokenType":"aws_sigv4",
        "clientId":"C","refreshToken":"RT1","idToken":"ID1","dpopKey":"KEY1","added":{"by":"another tool"}}"#;

    fn grant() -> Grant {
        Grant {
            access_key_id: "ASIANEW".into(),
            secret_access_key: "SAK2".into(),
            session_token: "ST2".into(),
            lifetime: Duration::from_secs(900),
            refresh_token: "RT2".into(),
            id_token: None,
            token_type: None,
        }
    }

    #[test]
    fn a_file_is_read_and_written_without_losing_a_field() {
        let token = Token::parse(FILE.as_bytes()).unwrap();
        let token = token.renewed(grant(), parse_timestamp("2026-01-01T00:06:00Z").unwrap());
        let written: Value = serde_json::from_slice(&token.to_json().unwrap()).unwrap();
        let expected = serde_json::json!({"accessToken": {"accessKeyId": "ASIANEW", "secretAccessKey": "SAK2",
            "sessionToken": "ST2", "accountId": "123456789012", "expiresAt": "2026-01-01T00:21:00Z", "scope": "all"},
            "tokenType": "aws_sigv4", "clientId": "C", "refreshToken": "RT2", "idToken": "ID1", "dpopKey": "KEY1",
            "added": {"by": "another tool"}});
        assert_eq!(written, expected);
    }

    #[test]
    fn fields_are_written_in_the_order_of_the_aws_cli_and_others_after_them() {
        let token = Token::parse(FILE.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(token.to_json().unwrap()).unwrap(), FILE.replace("\n        ", ""));
    }

    #[test]
    fn a_missing_field_is_named() {
        for field in [
            "accessKeyId",
            "secretAccessKey",
            "sessionToken",
            "accountId",
            "expiresAt",
            "clientId",
            "refreshToken",
            "dpopKey",
        ] {
            let error = Token::parse(FILE.replace(field, "something").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(&format!("has no {field}")), "{field}: {error}");
        }
        for field in ["idToken", "tokenType"] {
            assert!(Token::parse(FILE.replace(field, "something").as_bytes()).is_ok(), "{field}");
        }
    }

    #[test]
    fn errors_and_debug_show_no_secret() {
        for broken in [r#"{"clientId":["SEKRIT"]}"#, r#"{"refreshToken":"SEKRIT""#, r#"{"accessToken":"SEKRIT"}"#] {
            let error = Token::parse(broken.as_bytes()).unwrap_err();
            assert!(!error.report().contains("SEKRIT"), "{}", error.report());
        }
        let shown = format!("{:?}", Token::parse(FILE.as_bytes()).unwrap());
        for secret in ["SAK1", "ST1", "RT1", "ID1", "KEY1", "another tool"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}

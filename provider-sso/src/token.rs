//! The cached sign-in, in the AWS CLI's own format. Pure.

use std::time::{Duration, SystemTime};

use tucuxi_core::json::{self, Rest, Writer, member, rest};
use tucuxi_core::{Error, Secret, format_rfc3339, parse_timestamp};

use crate::SignInSettings;
use crate::registration::Registration;
use crate::wire::NewToken;

/// A sign-in to IAM Identity Center, as `~/.aws/sso/cache` holds it.
///
/// Fields that are not named here are kept when the file is written again.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// Where the sign-in took place.
    pub start_url: Option<String>,
    /// The region of the identity center.
    pub region: Option<String>,
    /// What the portal accepts.
    pub access_token: Option<Secret>,
    /// Until when, as the file says it.
    pub expires_at: Option<String>,
    /// The registration that may refresh it.
    pub client_id: Option<String>,
    /// The registration's secret.
    pub client_secret: Option<Secret>,
    /// Until when the registration counts.
    pub registration_expires_at: Option<String>,
    /// What a new access token is asked with; each use gives a new one.
    pub refresh_token: Option<Secret>,
    other: Rest,
}

/// What it takes to refresh a [`Token`].
#[derive(Clone, Debug)]
pub(crate) struct Renewal<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a Secret,
    pub(crate) refresh_token: &'a Secret,
}

impl Token {
    /// Reads a cache file.
    ///
    /// # Errors
    /// `InvalidConfig` with the line, never with what stands there.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let mut token = Self::empty();
        let members = vec![
            member("startUrl", &mut token.start_url),
            member("region", &mut token.region),
            member("accessToken", &mut token.access_token).required(),
            member("expiresAt", &mut token.expires_at),
            member("clientId", &mut token.client_id),
            member("clientSecret", &mut token.client_secret),
            member("registrationExpiresAt", &mut token.registration_expires_at),
            member("refreshToken", &mut token.refresh_token),
            rest(&mut token.other),
        ];
        json::read(json, members).map_err(|fault| Error::invalid_config(fault.in_general()))?;
        Ok(token)
    }

    /// The file's text.
    ///
    /// # Errors
    /// None: every field can be written.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut json = Writer::default();
        json.optional("startUrl", self.start_url.as_deref())
            .optional("region", self.region.as_deref())
            .nullable("accessToken", self.access_token.as_ref().map(Secret::expose))
            .nullable("expiresAt", self.expires_at.as_deref())
            .optional("clientId", self.client_id.as_deref())
            .optional("clientSecret", self.client_secret.as_ref().map(Secret::expose))
            .optional("registrationExpiresAt", self.registration_expires_at.as_deref())
            .optional("refreshToken", self.refresh_token.as_ref().map(Secret::expose))
            .rest(&self.other);
        Ok(std::mem::take(&mut *json.finish()))
    }

    fn empty() -> Self {
        Self {
            start_url: None,
            region: None,
            access_token: None,
            expires_at: None,
            client_id: None,
            client_secret: None,
            registration_expires_at: None,
            refresh_token: None,
            other: Rest::default(),
        }
    }

    /// When the access token ends.
    ///
    /// # Errors
    /// `InvalidConfig` when the field is absent or no time.
    pub fn expiry(&self) -> Result<SystemTime, Error> {
        let text = self.expires_at.as_deref().ok_or_else(|| Error::invalid_config("has no expiresAt"))?;
        parse_timestamp(text).ok_or_else(|| Error::invalid_config("has an expiresAt that is no time with a zone"))
    }

    /// Whether the access token ends within `window` from now.
    ///
    /// # Errors
    /// Those of [`expiry`](Self::expiry).
    pub fn ends_within(&self, window: Duration, now: SystemTime) -> Result<bool, Error> {
        Ok(self.expiry()? <= now + window)
    }

    /// What a refresh needs, unless something is missing or the registration has ended.
    pub(crate) fn renewal(&self, now: SystemTime) -> Option<Renewal<'_>> {
        let registration = parse_timestamp(self.registration_expires_at.as_deref()?)?;
        if registration <= now {
            return None;
        }
        Some(Renewal {
            client_id: self.client_id.as_deref()?,
            client_secret: self.client_secret.as_ref()?,
            refresh_token: self.refresh_token.as_ref()?,
        })
    }

    /// The sign-in that a first grant makes, as the AWS CLI writes it.
    pub(crate) fn signed_in(settings: &SignInSettings, client: &Registration, new: NewToken, now: SystemTime) -> Self {
        Self {
            start_url: Some(settings.start_url.clone()),
            region: Some(settings.region.to_string()),
            access_token: Some(new.access_token),
            expires_at: Some(format_rfc3339(now + new.lifetime)),
            client_id: Some(client.client_id.clone()),
            client_secret: Some(client.client_secret.clone()),
            registration_expires_at: Some(client.expires_at.clone()),
            refresh_token: new.refresh_token,
            other: Rest::default(),
        }
    }

    /// The token after a refresh; the old refresh token stays where no new one came.
    pub(crate) fn renewed(mut self, new: NewToken, now: SystemTime) -> Self {
        self.access_token = Some(new.access_token);
        self.expires_at = Some(format_rfc3339(now + new.lifetime));
        self.refresh_token = new.refresh_token.or(self.refresh_token);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FILE: &str = r#"{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"AT",
        "expiresAt":"2026-01-01T00:00:00UTC","clientId":"C","clientSecret":"CS",
        "registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT","added":{"by":"another tool"}}"#;

    fn at(text: &str) -> SystemTime {
        parse_timestamp(text).unwrap()
    }

    #[test]
    fn a_file_is_read_and_written_without_losing_a_field() {
        let token = Token::parse(FILE.as_bytes()).unwrap();
        let now = at("2026-01-01T01:00:00Z");
        let lifetime = Duration::from_secs(3600);
        let token = token.renewed(NewToken { access_token: "NEW".into(), lifetime, refresh_token: None }, now);
        let written: Value = serde_json::from_slice(&token.to_json().unwrap()).unwrap();
        assert_eq!(written["accessToken"], "NEW");
        assert_eq!(written["expiresAt"], "2026-01-01T02:00:00Z");
        assert_eq!(written["refreshToken"], "RT");
        assert_eq!(written["added"]["by"], "another tool");
    }

    #[test]
    fn fields_are_written_in_the_order_of_the_aws_cli_and_others_after_them() {
        let token = Token::parse(br#"{"z":1,"refreshToken":"RT","accessToken":null,"a":[2],"region":"r"}"#).unwrap();
        let written = String::from_utf8(token.to_json().unwrap()).unwrap();
        assert_eq!(written, r#"{"region":"r","accessToken":null,"expiresAt":null,"refreshToken":"RT","z":1,"a":[2]}"#);
        let token = Token::parse(FILE.as_bytes()).unwrap();
        let written = String::from_utf8(token.to_json().unwrap()).unwrap();
        assert_eq!(written, FILE.replace("\n        ", ""));
    }

    #[test]
    fn a_registration_that_ended_refreshes_nothing() {
        let token = Token::parse(FILE.as_bytes()).unwrap();
        assert!(token.renewal(at("2026-02-01T00:00:00Z")).is_some());
        assert!(token.renewal(at("2026-03-01T00:00:00Z")).is_none());
        let token = Token { refresh_token: None, ..token };
        assert!(token.renewal(at("2026-02-01T00:00:00Z")).is_none());
    }

    #[test]
    fn errors_and_debug_show_no_secret() {
        for broken in [r#"{"accessToken":["SEKRIT"]}"#, r#"{"accessToken":"SEKRIT""#] {
            let error = Token::parse(broken.as_bytes()).unwrap_err();
            assert!(!error.report().contains("SEKRIT"), "{}", error.report());
        }
        let shown = format!("{:?}", Token::parse(FILE.as_bytes()).unwrap());
        assert!(!shown.contains("\"AT\"") && !shown.contains("RT\"") && !shown.contains("CS"), "{shown}");
    }
}

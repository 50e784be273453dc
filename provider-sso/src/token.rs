//! The cached sign-in, in the AWS CLI's own format. Pure.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use tucuxi_core::{Error, Secret, format_rfc3339, parse_timestamp};

use crate::SignInSettings;
use crate::registration::Registration;
use crate::wire::NewToken;

/// A sign-in to IAM Identity Center, as `~/.aws/sso/cache` holds it.
///
/// Fields that are not named here are kept when the file is written again.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Token {
    /// Where the sign-in took place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_url: Option<String>,
    /// The region of the identity center.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What the portal accepts.
    #[serde(serialize_with = "expose", deserialize_with = "secret")]
    pub access_token: Option<Secret>,
    /// Until when, as the file says it.
    pub expires_at: Option<String>,
    /// The registration that may refresh it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The registration's secret.
    #[serde(default, serialize_with = "expose", deserialize_with = "secret", skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// Until when the registration counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_expires_at: Option<String>,
    /// What a new access token is asked with; each use gives a new one.
    #[serde(default, serialize_with = "expose", deserialize_with = "secret", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    #[serde(flatten)]
    other: Other,
}

/// Fields of other tools, which may be secrets too.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
struct Other(Map<String, Value>);

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
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
        serde_json::from_slice(json).map_err(|error| {
            // The parser's own message quotes the text, which holds secrets.
            let what = if error.is_data() { "lacks a field or has one of the wrong type" } else { "is not JSON" };
            Error::invalid_config(format!("{what} (line {}, column {})", error.line(), error.column()))
        })
    }

    /// The file's text.
    ///
    /// # Errors
    /// `InvalidConfig` should a field not be JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self)
            .map_err(|error| Error::invalid_config("the sign-in cannot be written").with_source(error))
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

    /// Whether both are the same grant: each has an access token of its own.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.access_token == other.access_token && self.refresh_token == other.refresh_token
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
            other: Other::default(),
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

pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
}

pub(crate) fn required_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::from)
}

pub(crate) fn expose_secret<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn expose<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
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

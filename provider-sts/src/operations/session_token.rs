//! `GetSessionToken`.

use std::time::Duration;

use tucuxi_core::{Credentials, Error, Secret, Source, trimmed};

use crate::Sts;
use crate::wire::Form;

/// A session of the caller's own, usually for MFA. Needs the feature `operations`.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug, Default)]
pub struct SessionToken {
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    mfa: Option<(String, Secret)>,
}

impl SessionToken {
    /// A session as long as the service gives by itself: 12 hours.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the session lives: 15 minutes to 36 hours.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The least size of the session token in bytes, up to 4,096; a smaller one is filled up. 0 changes nothing.
    #[must_use]
    pub fn minimum_session_token_size(mut self, bytes: u16) -> Self {
        self.minimum_token_size = Some(bytes);
        self
    }

    /// The serial number or ARN of the caller's MFA device, and the 6 digits that it shows.
    #[must_use]
    pub fn mfa(mut self, serial: impl Into<String>, code: impl Into<Secret>) -> Self {
        self.mfa = Some((serial.into(), code.into()));
        self
    }
}

impl Sts {
    /// Asks for a session with the rights of `credentials`, which must be long-term keys.
    /// Needs the feature `operations`.
    ///
    /// # Errors
    /// See [`Sts`]; `InvalidConfig` also when the MFA device or its code is empty.
    pub async fn session_token(&self, session: &SessionToken, credentials: &Credentials) -> Result<Credentials, Error> {
        // The answer names no user.
        let made = self.session(session.form(), Some(credentials), "", Source::Sts("get-session-token")).await?;
        Ok(match credentials.account_id() {
            Some(account) => made.with_account_id(account),
            None => made,
        })
    }
}

impl SessionToken {
    fn form(&self) -> Result<Form, Error> {
        let mut form = Form::new("GetSessionToken");
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        if let Some((serial, code)) = &self.mfa {
            if trimmed(serial).is_empty() || trimmed(code.expose()).is_empty() {
                return Err(Error::invalid_config("a session with MFA needs both the device and its code")
                    .with_hint("give the serial number or ARN of the device, and the 6 digits that it shows"));
            }
            form.push("SerialNumber", serial);
            form.push_secret("TokenCode", code);
        }
        Ok(form)
    }
}

//! `GetFederationToken`.

use std::time::Duration;

use tucuxi_core::{Credentials, Error, Source};

use super::{push_policies, push_tags};
use crate::Sts;
use crate::wire::Form;

/// A session for a user whom AWS does not know. Without policies it may do nothing. Needs the feature `operations`.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
#[derive(Clone, Debug)]
pub struct FederationToken {
    name: String,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    tags: Vec<(String, String)>,
}

impl FederationToken {
    /// The user's name, 2 to 32 letters, digits and `_+=,.@-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            duration: None,
            minimum_token_size: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
        }
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

    /// A JSON policy of what the session may do, within what the caller may.
    #[must_use]
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        self.policy = Some(json.into());
        self
    }

    /// A managed policy of what the session may do; may be called again.
    #[must_use]
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// A session tag; may be called again.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }
}

impl Sts {
    /// Asks for a session for somebody else with `credentials`, which must be long-term keys.
    /// Needs the feature `operations`.
    ///
    /// # Errors
    /// See [`Sts`].
    pub async fn federation_token(
        &self,
        session: &FederationToken,
        credentials: &Credentials,
    ) -> Result<Credentials, Error> {
        let made_by = Source::Sts("get-federation-token");
        self.session(Ok(session.form()), Some(credentials), "FederatedUser", made_by).await
    }
}

impl FederationToken {
    fn form(&self) -> Form {
        let mut form = Form::new("GetFederationToken");
        form.push("Name", &self.name);
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        push_policies(&mut form, self.policy.as_deref(), &self.policy_arns);
        push_tags(&mut form, &self.tags);
        form
    }
}

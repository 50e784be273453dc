//! `AssumeRoleWithWebIdentity`.

use std::time::Duration;

use tucuxi_core::{Credentials, Error, Secret, Source, trimmed};

use super::{ASSUMED_USER, push_name, push_policies, push_role};
use crate::Sts;
use crate::wire::Form;

/// A role to take on with the token of an OpenID Connect provider.
///
/// # Example
/// ```
/// use tucuxi_provider_sts::AssumeRoleWithWebIdentity;
///
/// let role = AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/pod").session_name("pod-1");
/// assert_eq!(role.role_arn(), "arn:aws:iam::123456789012:role/pod");
/// ```
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Debug)]
pub struct AssumeRoleWithWebIdentity {
    role_arn: String,
    pub(crate) session_name: Option<String>,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    provider_id: Option<String>,
}

impl AssumeRoleWithWebIdentity {
    /// The role with this ARN.
    pub fn new(role_arn: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            session_name: None,
            duration: None,
            minimum_token_size: None,
            policy: None,
            policy_arns: Vec::new(),
            provider_id: None,
        }
    }

    /// A role with all that a profile may say of it.
    ///
    /// The same as [`new`](Self::new) and [`session_name`](Self::session_name), whose code every crate repeats that
    /// uses them.
    pub fn in_profile(role_arn: &str, session_name: Option<&str>) -> Self {
        let mut role = Self::new(role_arn);
        role.session_name = session_name.map(str::to_owned);
        role
    }

    /// The name of the session, 2 to 64 letters, digits and `_+=,.@-`.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// How long the session lives: 15 minutes to 12 hours.
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

    /// A JSON policy that narrows what the session may do.
    #[must_use]
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        self.policy = Some(json.into());
        self
    }

    /// A managed policy that narrows what the session may do; may be called again.
    #[must_use]
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// The host of an OAuth 2.0 provider; absent for OpenID Connect.
    #[must_use]
    pub fn provider_id(mut self, id: impl Into<String>) -> Self {
        self.provider_id = Some(id.into());
        self
    }

    /// The role.
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }
}

impl From<&str> for AssumeRoleWithWebIdentity {
    #[inline]
    fn from(role_arn: &str) -> Self {
        Self::new(role_arn)
    }
}

impl From<String> for AssumeRoleWithWebIdentity {
    #[inline]
    fn from(role_arn: String) -> Self {
        Self::new(role_arn)
    }
}

impl Sts {
    /// Takes on a role with the token of an OpenID Connect provider. The request is not signed; the token
    /// travels in its body.
    ///
    /// # Errors
    /// See [`Sts`]; `InvalidConfig` also when the session has no name.
    pub async fn assume_role_with_web_identity(
        &self,
        role: &AssumeRoleWithWebIdentity,
        token: &Secret,
    ) -> Result<Credentials, Error> {
        let form = role.form(role.session_name.as_deref(), token);
        self.session(form, None, ASSUMED_USER, role.source()).await
    }
}

impl AssumeRoleWithWebIdentity {
    /// What a session of the role says of itself.
    #[inline]
    pub(crate) fn source(&self) -> Source {
        Source::WebIdentity(trimmed(&self.role_arn).to_owned())
    }

    pub(crate) fn form(&self, name: Option<&str>, token: &Secret) -> Result<Form, Error> {
        let mut form = Form::new("AssumeRoleWithWebIdentity");
        push_role(&mut form, &self.role_arn)?;
        push_name(&mut form, &self.role_arn, name)?;
        form.push_secret("WebIdentityToken", token);
        form.push_some("ProviderId", self.provider_id.as_deref());
        push_policies(&mut form, self.policy.as_deref(), &self.policy_arns);
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        Ok(form)
    }
}

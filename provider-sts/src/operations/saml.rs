//! `AssumeRoleWithSAML`.

use std::time::Duration;

use tucuxi_core::{Credentials, Error, Secret, Source, trimmed};

use super::{ASSUMED_USER, push_policies, push_role};
use crate::Sts;
use crate::wire::Form;

/// A role to take on with the assertion of a SAML identity provider. Needs the feature `operations`.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
#[derive(Clone, Debug)]
pub struct AssumeRoleWithSaml {
    role_arn: String,
    principal_arn: String,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
    policy: Option<String>,
    policy_arns: Vec<String>,
}

impl AssumeRoleWithSaml {
    /// The role, and the identity provider in IAM, each by its ARN.
    pub fn new(role_arn: impl Into<String>, principal_arn: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            principal_arn: principal_arn.into(),
            duration: None,
            minimum_token_size: None,
            policy: None,
            policy_arns: Vec::new(),
        }
    }

    /// How long the session lives: 15 minutes to 12 hours, never longer than the assertion says.
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
}

impl Sts {
    /// Takes on a role with a SAML assertion in base64. The request is not signed. Needs the feature `operations`.
    ///
    /// # Errors
    /// See [`Sts`]; `InvalidConfig` also when the assertion or the identity provider's ARN is empty.
    pub async fn assume_role_with_saml(
        &self,
        role: &AssumeRoleWithSaml,
        assertion: &Secret,
    ) -> Result<Credentials, Error> {
        let made_by = Source::Saml(trimmed(&role.role_arn).to_owned());
        self.session(role.form(assertion), None, ASSUMED_USER, made_by).await
    }
}

impl AssumeRoleWithSaml {
    fn form(&self, assertion: &Secret) -> Result<Form, Error> {
        let mut form = Form::new("AssumeRoleWithSAML");
        push_role(&mut form, &self.role_arn)?;
        let principal = trimmed(&self.principal_arn);
        if principal.is_empty() {
            return Err(Error::invalid_config("the ARN of the SAML identity provider is empty")
                .with_hint("write it like arn:aws:iam::123456789012:saml-provider/name"));
        }
        if trimmed(assertion.expose()).is_empty() {
            return Err(Error::invalid_config("the SAML assertion is empty")
                .with_hint("give the SAMLResponse of the identity provider, in base64 as it sends it"));
        }
        form.push("PrincipalArn", principal);
        form.push_secret("SAMLAssertion", assertion);
        push_policies(&mut form, self.policy.as_deref(), &self.policy_arns);
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        Ok(form)
    }
}

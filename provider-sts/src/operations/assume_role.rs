//! `AssumeRole`.

use std::fmt;
use std::time::Duration;

use tucuxi_core::{Credentials, Error, ErrorKind, Secret, Source, failure, trimmed};

use super::{ASSUMED_USER, push_name, push_policies, push_role, push_tags};
use crate::Sts;
use crate::wire::Form;

/// A role to take on, and how.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use tucuxi_provider_sts::AssumeRole;
///
/// let role = AssumeRole::new("arn:aws:iam::123456789012:role/deploy")
///     .session_name("release-42")
///     .external_id("customer-7")
///     .duration(Duration::from_secs(900))
///     .tag("team", "storage");
/// assert_eq!(role.role_arn(), "arn:aws:iam::123456789012:role/deploy");
/// ```
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) minimum_token_size: Option<u16>,
    pub(crate) external_id: Option<String>,
    pub(crate) mfa_serial: Option<String>,
    pub(crate) source_identity: Option<String>,
    pub(crate) policy: Option<String>,
    // Made with the policy, so that only programs that set one carry what reads it.
    #[cfg(feature = "role-cache")]
    pub(crate) policy_in_python: Option<String>,
    pub(crate) policy_arns: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) transitive_tag_keys: Vec<String>,
    // Secrets last: what is dropped after one is dropped on two ways.
    pub(crate) token_code: Option<Secret>,
    pub(crate) provided_contexts: Vec<(String, Secret)>,
}

impl AssumeRole {
    /// The role with this ARN.
    pub fn new(role_arn: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            session_name: None,
            duration: None,
            minimum_token_size: None,
            external_id: None,
            mfa_serial: None,
            token_code: None,
            source_identity: None,
            policy: None,
            #[cfg(feature = "role-cache")]
            policy_in_python: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            provided_contexts: Vec::new(),
        }
    }

    /// A role with all that a profile may say of it.
    ///
    /// The same as [`new`](Self::new) and the methods below, whose code every crate repeats that uses them.
    pub fn in_profile(
        role_arn: &str,
        session_name: Option<&str>,
        external_id: Option<&str>,
        mfa_serial: Option<&str>,
        duration: Option<Duration>,
    ) -> Self {
        Self {
            session_name: session_name.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            mfa_serial: mfa_serial.map(str::to_owned),
            duration,
            ..Self::new(role_arn)
        }
    }

    /// The name of the session, 2 to 64 letters, digits and `_+=,.@-`; else one that shows who acted.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// How long the session lives: 15 minutes to 12 hours, one hour if a role takes on a role.
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

    /// What the role's owner asks for, so that nobody else can make the caller use the role.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The serial number or ARN of the caller's MFA device; its code comes from
    /// [`token_code`](Self::token_code) or [`MfaPrompt`](crate::MfaPrompt).
    #[must_use]
    pub fn mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.mfa_serial = Some(serial.into());
        self
    }

    /// The 6 digits that the MFA device shows; good for one call.
    #[must_use]
    pub fn token_code(mut self, code: impl Into<Secret>) -> Self {
        self.token_code = Some(code.into());
        self
    }

    /// Who acts; stays through further roles and cannot be changed.
    #[must_use]
    pub fn source_identity(mut self, identity: impl Into<String>) -> Self {
        self.source_identity = Some(identity.into());
        self
    }

    /// A JSON policy that narrows what the session may do.
    #[must_use]
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        let json = json.into();
        #[cfg(feature = "role-cache")]
        {
            self.policy_in_python = Some(crate::role_cache::key::in_python(&json));
        }
        self.policy = Some(json);
        self
    }

    /// A managed policy that narrows what the session may do; may be called again.
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

    /// A session tag that stays through further roles; may be called again.
    #[must_use]
    pub fn transitive_tag_key(mut self, key: impl Into<String>) -> Self {
        self.transitive_tag_keys.push(key.into());
        self
    }

    /// A context assertion of a trusted provider; may be called again.
    #[must_use]
    pub fn provided_context(mut self, provider_arn: impl Into<String>, assertion: impl Into<Secret>) -> Self {
        self.provided_contexts.push((provider_arn.into(), assertion.into()));
        self
    }

    /// The role.
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }

    /// The device whose code has to be asked for.
    pub(crate) fn wants_code_of(&self) -> Option<&str> {
        self.mfa_serial.as_deref().filter(|_| self.token_code.is_none())
    }
}

impl Sts {
    /// Takes on a role with `credentials`, those of a user or of another role.
    ///
    /// The session's account is that of the role, its provenance that of `credentials` and the role.
    ///
    /// # Errors
    /// See [`Sts`]; `InvalidConfig` also when the session has no name or an MFA device no code.
    pub async fn assume_role(&self, role: &AssumeRole, credentials: &Credentials) -> Result<Credentials, Error> {
        let form = role.form(role.session_name.as_deref(), role.token_code.as_ref());
        self.session(form, Some(credentials), ASSUMED_USER, role.source()).await
    }
}

impl AssumeRole {
    /// What a session of the role says of itself.
    #[inline]
    pub(crate) fn source(&self) -> Source {
        Source::AssumeRole(trimmed(&self.role_arn).to_owned())
    }

    pub(crate) fn form(&self, name: Option<&str>, code: Option<&Secret>) -> Result<Form, Error> {
        let mut form = Form::new("AssumeRole");
        push_role(&mut form, &self.role_arn)?;
        push_name(&mut form, &self.role_arn, name)?;
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        form.push_some("ExternalId", self.external_id.as_deref());
        match (&self.mfa_serial, code) {
            (Some(serial), Some(code)) => {
                form.push("SerialNumber", serial);
                form.push_secret("TokenCode", code);
            }
            (None, None) => {}
            (Some(serial), None) => {
                return Err(
                    self.lacks(format_args!("the MFA device {serial}, but there is nobody to ask for its code"))
                );
            }
            (None, Some(_)) => return Err(self.lacks(format_args!("an MFA code, but no device is named"))),
        }
        form.push_some("SourceIdentity", self.source_identity.as_deref());
        push_policies(&mut form, self.policy.as_deref(), &self.policy_arns);
        push_tags(&mut form, &self.tags);
        form.push_members("TransitiveTagKeys", "", &self.transitive_tag_keys);
        for (index, (provider, assertion)) in self.provided_contexts.iter().enumerate() {
            form.push_member("ProvidedContexts", index, ".ProviderArn", provider);
            form.push_member("ProvidedContexts", index, ".ContextAssertion", assertion.expose());
            form.hide(assertion);
        }
        Ok(form)
    }

    #[cold]
    fn lacks(&self, what: fmt::Arguments<'_>) -> Error {
        failure(ErrorKind::InvalidConfig, format_args!("role {} is to be taken on with {what}", self.role_arn), None)
    }
}

//! The session's settings as the Security Token Service takes them, and sessions of roles.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Chain, Error};
use tucuxi_provider_sts::{AssumeRole, CallerIdentity, MfaPrompt, Sts};

use crate::{Session, SessionBuilder, assemble};

impl Session {
    /// A client of the Security Token Service with the session's region, endpoint and limits; without a
    /// region it asks the global endpoint.
    ///
    /// # Errors
    /// `InvalidConfig` when the region is unknown because a file is broken, or the endpoint URL is none.
    pub fn sts(&self) -> Result<Sts, Error> {
        assemble::sts(self.context(), self.settings())
    }

    /// Whose credentials the session has, as the Security Token Service sees it.
    ///
    /// - Network: that of the credentials' source, if they are not cached, and one `GetCallerIdentity`
    ///
    /// # Errors
    /// Those of [`credentials`](Self::credentials), of [`sts`](Self::sts), and of the service.
    pub async fn caller_identity(&self) -> Result<CallerIdentity, Error> {
        let credentials = self.credentials().provide_credentials().await?;
        self.sts()?.caller_identity(&credentials).await
    }

    /// A session of a role, taken on with this session's credentials and renewed for ever.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
    /// # let context = tucuxi::Context::local().with_env(tucuxi::Env::fake([("HOME", "/nowhere")]));
    /// let session = tucuxi::Session::builder().access_key("AKID", "secret").context(context).load().await?;
    /// let reader = session.assume_role("arn:aws:iam::123456789012:role/reader").external_id("x").session();
    /// # Ok(()) }
    /// ```
    pub fn assume_role(&self, role_arn: impl Into<String>) -> RoleBuilder {
        RoleBuilder { session: self.clone(), role: AssumeRole::new(role_arn) }
    }
}

impl SessionBuilder {
    /// Asks here for the codes of MFA devices that roles want.
    pub fn mfa_prompt(mut self, prompt: impl MfaPrompt + 'static) -> Self {
        self.code_mut().mfa = Some(Arc::new(prompt));
        self
    }
}

/// A role to take on; made by [`Session::assume_role`].
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone)]
#[must_use = "nothing happens before `session`"]
pub struct RoleBuilder {
    session: Session,
    role: AssumeRole,
}

impl RoleBuilder {
    /// The name that CloudTrail shows; by default one that says who acted.
    pub fn session_name(self, name: impl Into<String>) -> Self {
        self.with(|role| role.session_name(name))
    }

    /// How long the credentials of one fetch live.
    pub fn duration(self, duration: Duration) -> Self {
        self.with(|role| role.duration(duration))
    }

    /// What the role's trust policy asks of others.
    pub fn external_id(self, id: impl Into<String>) -> Self {
        self.with(|role| role.external_id(id))
    }

    /// The MFA device whose code is asked for by [`SessionBuilder::mfa_prompt`].
    pub fn mfa_serial(self, serial: impl Into<String>) -> Self {
        self.with(|role| role.mfa_serial(serial))
    }

    /// Who is behind the session; stays through further roles.
    pub fn source_identity(self, identity: impl Into<String>) -> Self {
        self.with(|role| role.source_identity(identity))
    }

    /// A policy, as JSON, that narrows what the role may do.
    pub fn policy(self, json: impl Into<String>) -> Self {
        self.with(|role| role.policy(json))
    }

    /// A managed policy that narrows what the role may do; may be called again.
    pub fn policy_arn(self, arn: impl Into<String>) -> Self {
        self.with(|role| role.policy_arn(arn))
    }

    /// A tag of the session; may be called again.
    pub fn tag(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|role| role.tag(key, value))
    }

    /// A tag that stays through further roles; may be called again.
    pub fn transitive_tag_key(self, key: impl Into<String>) -> Self {
        self.with(|role| role.transitive_tag_key(key))
    }

    /// A session with the settings of the one it came from, and the credentials of the role. Nothing is
    /// asked before credentials are needed; what is wrong is the error of whoever needs them.
    pub fn session(self) -> Session {
        let Self { session, role } = self;
        let source = Arc::new(session.credentials());
        let provider = assemble::assume(session.context(), session.settings(), role, source);
        session.with_credentials(Chain::builder().link("assume-role", provider).build())
    }

    fn with(mut self, change: impl FnOnce(AssumeRole) -> AssumeRole) -> Self {
        self.role = change(self.role);
        self
    }
}

impl fmt::Debug for RoleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleBuilder").field("role_arn", &self.role.role_arn()).finish_non_exhaustive()
    }
}

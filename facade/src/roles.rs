//! Sessions that a session makes of itself: roles.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Error, Secret};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleWithWebIdentity, MfaPrompt, TokenSource, mfa_from_fn};

use crate::federation::{Role, WebIdentity};
use crate::source::Source;
use crate::{Session, SessionBuilder};

impl Session {
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
    #[inline]
    pub fn assume_role(&self, role_arn: impl Into<String>) -> RoleBuilder {
        RoleBuilder { session: self.clone(), role: AssumeRole::new(role_arn) }
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

    /// The MFA device whose code is asked for by [`SessionBuilder::mfa`](crate::SessionBuilder::mfa).
    pub fn mfa_serial(self, serial: impl Into<String>) -> Self {
        self.with(|role| role.mfa_serial(serial))
    }

    /// Who is behind the session; stays through further roles.
    pub fn source_identity(self, identity: impl Into<String>) -> Self {
        self.with(|role| role.source_identity(identity))
    }

    /// The least size of the session token in bytes, up to 4,096; a smaller one is filled up. 0 changes nothing.
    pub fn minimum_session_token_size(self, bytes: u16) -> Self {
        self.with(|role| role.minimum_session_token_size(bytes))
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

    /// An assertion of a trusted context provider, for example IAM Identity Center; may be called again.
    pub fn provided_context(self, provider_arn: impl Into<String>, assertion: impl Into<Secret>) -> Self {
        self.with(|role| role.provided_context(provider_arn, assertion))
    }

    /// A session with the settings of the one it came from, and the credentials of the role. Nothing is
    /// asked before credentials are needed; what is wrong is the error of whoever needs them.
    #[inline]
    pub fn session(self) -> Session {
        self.session.then(Arc::new(Role(self.role)))
    }

    fn with(mut self, change: impl FnOnce(AssumeRole) -> AssumeRole) -> Self {
        self.role = change(self.role);
        self
    }
}

impl fmt::Debug for RoleBuilder {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleBuilder").field("role_arn", &self.role.role_arn()).finish_non_exhaustive()
    }
}

impl SessionBuilder {
    /// Asks here for the codes of MFA devices that roles and sessions want; the callback is given the device's
    /// serial number or ARN.
    ///
    /// # Example
    /// ```
    /// use tucuxi::{Error, Secret, Session};
    ///
    /// # fn read_line() -> Option<String> { None }
    /// let builder = Session::builder().mfa(|serial| async move {
    ///     let code = read_line().ok_or_else(|| Error::denied(format!("nobody typed the code of {serial}")))?;
    ///     Ok(Secret::new(code))
    /// });
    /// ```
    pub fn mfa<F, Fut>(self, ask: F) -> Self
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Secret, Error>> + Send + 'static,
    {
        self.mfa_prompt(mfa_from_fn(ask))
    }

    /// The same with a type of the program's own.
    #[inline]
    pub fn mfa_prompt(mut self, prompt: impl MfaPrompt + 'static) -> Self {
        self.code.mfa = Some(Arc::new(prompt));
        self
    }

    /// Shares sessions of roles with other processes and the AWS CLI, in `~/.aws/cli/cache`: those of profiles, of
    /// [`role_arn`](Self::role_arn) and of [`Session::assume_role`]. By default nothing is shared, unless
    /// `TUCUXI_ROLE_CACHE` is `true`. Needs the feature `role-cache`.
    ///
    /// A file is named after the role and what is asked of it, not after whose credentials ask: whoever may read
    /// the home directory can use the session. See [`RoleCache`](crate::sts::RoleCache).
    #[cfg(feature = "role-cache")]
    pub fn role_cache(mut self, share: bool) -> Self {
        self.code.role_cache = Some(share);
        self
    }

    /// Takes on this role, whatever identity the other settings lead to. [`Session::assume_role`] can say more
    /// about the role.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
    /// # let context = tucuxi::Context::local().with_env(tucuxi::Env::fake([("HOME", "/nowhere")]));
    /// let session = tucuxi::Session::builder()
    ///     .access_key("AKID", "secret")
    ///     .role_arn("arn:aws:iam::123456789012:role/reader")
    ///     .context(context)
    ///     .load()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn role_arn(mut self, role_arn: impl Into<String>) -> Self {
        self.role = Some(Arc::new(Role(AssumeRole::new(role_arn))));
        self
    }

    /// Takes on the role with a web identity token: the path of its file, a callback, or a reader. The role is its ARN,
    /// or says more, such as the name and the duration of the session.
    ///
    /// # Example
    /// ```
    /// use tucuxi::sts::{AssumeRoleWithWebIdentity, TokenSource};
    /// use tucuxi::{Secret, Session};
    ///
    /// let role = "arn:aws:iam::123456789012:role/pod";
    /// let by_file = Session::builder().web_identity(role, "/var/run/secrets/token");
    /// let token = TokenSource::from_fn(|| async { Ok(Secret::new("eyJ...")) });
    /// let named = AssumeRoleWithWebIdentity::new(role).session_name("nightly");
    /// let by_callback = Session::builder().web_identity(named, token);
    /// ```
    #[inline]
    pub fn web_identity(mut self, role: impl Into<AssumeRoleWithWebIdentity>, token: impl Into<TokenSource>) -> Self {
        self.take_source("web_identity", Source::Federated(Arc::new(WebIdentity(role.into(), token.into()))));
        self
    }
}

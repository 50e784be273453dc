//! Roles, and who may take them.

use std::time::Duration;

use crate::keyring::Caller;

/// A role of the sandbox's account, and whom it trusts: everybody in the account and every web identity, unless
/// something here says less.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// use tucuxi_sandbox::{Role, Sandbox};
///
/// let deploy = Role::new("deploy").trusting("arn:aws:iam::123456789012:role/sandbox").with_external_id("corp-7");
/// let sandbox = Sandbox::builder().with_role(deploy).with_role(Role::new("admin").with_mfa()).start().await?;
/// assert_eq!(sandbox.mfa_serial(), "arn:aws:iam::123456789012:mfa/sandbox");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a role is part of a sandbox when it was given to its builder"]
pub struct Role {
    name: String,
    principals: Vec<String>,
    external_id: Option<String>,
    mfa: bool,
    subject: Option<String>,
    longest: Duration,
}

impl Role {
    /// A role that trusts the account.
    pub fn new(name: impl Into<String>) -> Self {
        let longest = Duration::from_secs(12 * 3600);
        Self { name: name.into(), principals: Vec::new(), external_id: None, mfa: false, subject: None, longest }
    }

    /// Only principals that are named so, users and roles by their ARN, may take it with `AssumeRole`.
    pub fn trusting(mut self, arn: impl Into<String>) -> Self {
        self.principals.push(arn.into());
        self
    }

    /// `AssumeRole` must bring this external id.
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// `AssumeRole` must bring a code of [`mfa_serial`](crate::Sandbox::mfa_serial).
    pub fn with_mfa(mut self) -> Self {
        self.mfa = true;
        self
    }

    /// Only web identities with this subject may take it.
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// How long a session may be asked to last: 12 hours unless it is said here.
    pub fn with_longest_session(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_well_named(&self) -> bool {
        !self.name.is_empty() && self.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    }

    pub(super) fn longest(&self) -> Duration {
        self.longest
    }

    /// `account_id` is where the role is; `mfa` says that a right code came along.
    pub(super) fn admits(&self, caller: &Caller, account_id: &str, external_id: Option<&str>, mfa: bool) -> bool {
        let trusted = match self.principals.as_slice() {
            [] => caller.account_id == account_id,
            principals => principals.iter().any(|arn| *arn == caller.arn || Some(arn) == caller.role_arn().as_ref()),
        };
        let external = self.external_id.as_deref().is_none_or(|wanted| external_id == Some(wanted));
        trusted && external && (mfa || !self.mfa)
    }

    pub(super) fn admits_subject(&self, subject: &str) -> bool {
        self.subject.as_deref().is_none_or(|wanted| wanted == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "123456789012";

    #[track_caller]
    fn check(role: &Role, arn: &str, external_id: Option<&str>, mfa: bool, expected: bool) {
        let account_id = arn.split(':').nth(4).unwrap().to_owned();
        let caller =
            Caller { account_id, arn: arn.to_owned(), user_id: String::new(), assumed: false, temporary: false };
        assert_eq!(role.admits(&caller, ACCOUNT, external_id, mfa), expected, "{role:?} {arn} {external_id:?} {mfa}");
    }

    #[test]
    fn a_role_trusts_its_account_or_whom_it_names() {
        let (user, other) = ("arn:aws:iam::123456789012:user/u", "arn:aws:iam::210987654321:user/u");
        let session = "arn:aws:sts::123456789012:assumed-role/deploy/me";
        check(&Role::new("r"), user, None, false, true);
        check(&Role::new("r"), other, None, false, false);
        let named = Role::new("r").trusting(other).trusting("arn:aws:iam::123456789012:role/deploy");
        check(&named, user, None, false, false);
        check(&named, other, None, false, true);
        check(&named, session, None, false, true);
        check(&named, &session.replace("deploy", "deploy2"), None, false, false);
    }

    #[test]
    fn conditions_must_be_met() {
        let user = "arn:aws:iam::123456789012:user/u";
        let external = Role::new("r").with_external_id("x");
        check(&external, user, Some("x"), false, true);
        check(&external, user, Some("y"), false, false);
        check(&external, user, None, false, false);
        check(&Role::new("r").with_mfa(), user, None, false, false);
        check(&Role::new("r").with_mfa(), user, None, true, true);
        assert!(Role::new("r").admits_subject("s") && Role::new("r").with_subject("s").admits_subject("s"));
        assert!(!Role::new("r").with_subject("s").admits_subject("t"));
    }
}

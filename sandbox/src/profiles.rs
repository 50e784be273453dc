//! The files of a machine that uses the sandbox.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use tucuxi_core::{Error, Secret};

use crate::sandbox::READER;
use crate::{Sandbox, SignInRefusal};

impl Sandbox {
    /// Where the portal of IAM Identity Center is.
    pub fn sso_endpoint(&self) -> String {
        format!("http://{}", self.sso)
    }

    /// Where people sign in to IAM Identity Center: the token service, and the pages on which they approve.
    pub fn sso_oidc_endpoint(&self) -> String {
        format!("http://{}", self.sso_oidc)
    }

    /// Where people sign in to the console, and where console sign-ins are refreshed.
    pub fn signin_endpoint(&self) -> String {
        format!("http://{}", self.sign_in_address)
    }

    /// Whom a console sign-in gives the keys of: what a profile names as `login_session`.
    pub fn login_session(&self) -> String {
        self.sign_in.session_arn()
    }

    /// A new console sign-in as `aws login` keeps it: the name of the file in `~/.aws/login/cache`, and its text,
    /// which is a secret. Its keys have ended, so that whoever uses it refreshes it first.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no random numbers.
    pub fn console_sign_in(&self) -> Result<(String, Secret), Error> {
        let hash = digest(&SHA256, self.login_session().as_bytes());
        let name: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((format!("{name}.json"), Secret::from(self.sign_in.kept()?)))
    }

    /// Makes console sign-ins fail from the next request on, or work again.
    pub fn refuse_console_sign_ins(&self, refusal: Option<SignInRefusal>) {
        self.sign_in.set_refusal(refusal);
    }

    /// The text of a config file with the profile `sso`, which takes a role of IAM Identity Center, and its session
    /// `sandbox`. Sign in with `aws sso login --profile sso`.
    pub fn profiles(&self) -> String {
        let (account_id, region, start_url) = (self.account_id(), self.region(), self.ledger.start_url());
        format!(
            "[profile sso]\nsso_session = {SESSION}\nsso_account_id = {account_id}\nsso_role_name = {READER}\n\
             region = {region}\n\n[sso-session {SESSION}]\nsso_start_url = {start_url}\nsso_region = {region}\n\
             sso_registration_scopes = sso:account:access\n"
        )
    }

    /// What the profile `sso` signs in to.
    #[cfg(feature = "tour")]
    pub(crate) fn sso_settings(&self) -> Result<tucuxi::sso::SignInSettings, Error> {
        let region = tucuxi_core::Region::new(self.region())?;
        Ok(tucuxi::sso::SignInSettings::new(self.ledger.start_url(), region).with_session(SESSION))
    }

    /// A new sign-in to IAM Identity Center as `aws sso login` keeps it: the name of the file in `~/.aws/sso/cache`,
    /// and its text, which is a secret.
    pub fn sso_sign_in(&self) -> (String, Secret) {
        let text = self.ledger.cached_sign_in(self.region()).to_string();
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, SESSION.as_bytes());
        let name: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (format!("{name}.json"), Secret::from(text))
    }
}

/// The name of the session.
const SESSION: &str = "sandbox";

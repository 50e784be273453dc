//! The files of a machine that uses the sandbox.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tucuxi_core::Secret;

use crate::Sandbox;
use crate::sandbox::READER;

impl Sandbox {
    /// Where the portal of IAM Identity Center is.
    pub fn sso_endpoint(&self) -> String {
        format!("http://{}", self.sso)
    }

    /// Where people sign in to IAM Identity Center: the token service, and the pages on which they approve.
    pub fn sso_oidc_endpoint(&self) -> String {
        format!("http://{}", self.sso_oidc)
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

//! What can be chosen about IAM Identity Center.

use std::time::Duration;

/// The IAM Identity Center of a sandbox: where people sign in, and how long everything lasts.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// use std::time::Duration;
/// use tucuxi_sandbox::{IdentityCenter, Sandbox};
///
/// let mut center = IdentityCenter::default();
/// center.access_token_ttl = Duration::from_secs(60);
/// let sandbox = Sandbox::builder().identity_center(center).start().await?;
/// assert!(sandbox.profiles().contains("sso_start_url = https://sandbox.awsapps.com/start"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityCenter {
    /// The only start URL there is. Nothing is ever asked there; a sign-in must name it.
    pub start_url: String,
    /// How long a registered program is known. 90 days.
    pub registration_ttl: Duration,
    /// How long a person may take to enter a device's code. 10 minutes.
    pub device_code_ttl: Duration,
    /// How long a device waits before it asks again. A second; 5 more each time it does not.
    pub poll_interval: Duration,
    /// How long the code counts that a browser brings back. 10 minutes.
    pub authorization_code_ttl: Duration,
    /// How long the portal takes an access token. An hour.
    pub access_token_ttl: Duration,
    /// How long a sign-in can be refreshed. 8 hours.
    pub session_ttl: Duration,
}

impl Default for IdentityCenter {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        Self {
            start_url: "https://sandbox.awsapps.com/start".to_owned(),
            registration_ttl: Duration::from_secs(90 * 24 * HOUR),
            device_code_ttl: Duration::from_secs(10 * MINUTE),
            poll_interval: Duration::from_secs(1),
            authorization_code_ttl: Duration::from_secs(10 * MINUTE),
            access_token_ttl: Duration::from_secs(HOUR),
            session_ttl: Duration::from_secs(8 * HOUR),
        }
    }
}

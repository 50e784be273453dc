//! The sandbox as a whole.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tucuxi_core::{Credentials, Error, Secret};

use crate::SandboxBuilder;
use crate::container::CONTAINER_PATH;
use crate::keyring::Keyring;
use crate::seen::{Seen, Service};
use crate::server::{Fault, House};
use crate::signin::SignIn;
use crate::sso::Ledger;
use crate::sts::{Assertions, Issuer, Mfa, SAML_PROVIDER};

/// A running sandbox: seven endpoints on loopback, a folder for objects, a pair of keys.
///
/// It ends when it is dropped: listeners and connections close, the folder goes. [`shutdown`](Self::shutdown)
/// lets running answers end first.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// use std::time::Duration;
/// use tucuxi_sandbox::{Sandbox, Service};
///
/// let sandbox = Sandbox::builder().region("eu-west-1").session_ttl(Duration::from_secs(900)).start().await?;
/// assert_eq!(sandbox.region(), "eu-west-1");
/// assert_eq!(sandbox.count(Service::Imds), 0);
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    pub(crate) house: Arc<House>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
    pub(crate) role: String,
    pub(crate) container: SocketAddr,
    pub(crate) container_token: Secret,
    pub(crate) imds: SocketAddr,
    pub(crate) s3: SocketAddr,
    pub(crate) sign_in_address: SocketAddr,
    pub(crate) sign_in: Arc<SignIn>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) sso: SocketAddr,
    pub(crate) sso_oidc: SocketAddr,
    pub(crate) sts: SocketAddr,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) assertions: Arc<Assertions>,
    pub(crate) mfa: Arc<Mfa>,
    pub(crate) tasks: Vec<JoinHandle<()>>,
    // Dropped after the tasks have been told to end.
    pub(crate) _objects: TempDir,
}

impl Sandbox {
    /// A sandbox with the defaults, to be changed before it starts.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Starts a sandbox with the defaults.
    ///
    /// # Errors
    /// As [`SandboxBuilder::start`].
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Where S3 is, for example `http://127.0.0.1:40001`. Buckets are paths; `bucket.localhost` works as well.
    pub fn s3_endpoint(&self) -> String {
        format!("http://{}", self.s3)
    }

    /// Where instance metadata is.
    pub fn imds_endpoint(&self) -> String {
        format!("http://{}", self.imds)
    }

    /// Where STS is.
    pub fn sts_endpoint(&self) -> String {
        format!("http://{}", self.sts)
    }

    /// The variables of a container: `AWS_CONTAINER_CREDENTIALS_FULL_URI` and its authorization token, which
    /// is a secret. [`environment`](Self::environment) does not hold them.
    pub fn container_environment(&self) -> Vec<(String, String)> {
        let uri = format!("http://{}{CONTAINER_PATH}", self.container);
        vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), uri),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(), self.container_token.expose().to_owned()),
        ]
    }

    /// A token that `AssumeRoleWithWebIdentity` takes for a while: a JSON web token, signed by the sandbox.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no random numbers.
    pub fn web_identity_token(&self, ttl: Duration) -> Result<String, Error> {
        self.issuer.token(self.keyring.clock().now(), ttl)
    }

    /// An assertion in base64 that `AssumeRoleWithSAML` takes for a while, for the role of that ARN.
    pub fn saml_assertion(&self, role_arn: &str, ttl: Duration) -> String {
        self.assertions.issue(role_arn, &self.saml_provider_arn(), ttl)
    }

    /// The ARN of the identity provider whose assertions those are: `PrincipalArn`.
    pub fn saml_provider_arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT_ID}:saml-provider/{SAML_PROVIDER}")
    }

    /// A JSON web token with any claims, signed by the sandbox.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no random numbers.
    pub fn sign_identity(&self, claims: &Value) -> Result<String, Error> {
        self.issuer.sign(claims)
    }

    /// The key of the tokens that the sandbox signs, as a JSON web key set.
    pub fn jwks(&self) -> String {
        self.issuer.jwks()
    }

    /// The MFA device of the sandbox's user.
    pub fn mfa_serial(&self) -> &str {
        MFA_SERIAL
    }

    /// What the MFA device shows now. A code counts once; the next one comes within 30 seconds.
    pub fn mfa_code(&self) -> String {
        self.mfa.code(self.keyring.clock().now())
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account that every key here belongs to.
    pub fn account_id(&self) -> &str {
        ACCOUNT_ID
    }

    /// The role that the instance has and that `AssumeRole` gives.
    pub fn role_arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT_ID}:role/{}", self.role)
    }

    /// Long-term keys that S3 and STS accept; the same in every sandbox.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The same without a sandbox.
    pub fn static_credentials() -> Credentials {
        Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY).with_account_id(ACCOUNT_ID)
    }

    /// A session of the role, as `AssumeRole` would issue it, without asking.
    pub fn session(&self, ttl: Duration) -> Credentials {
        self.keyring.issue(&self.role, "tests", ttl)
    }

    /// The variables that point any AWS SDK and the AWS CLI at this sandbox. `NO_PROXY` and `no_proxy` name the loopback
    /// address alone: add what yours hold.
    ///
    /// Those of [`variables_to_unset`](Self::variables_to_unset) must not be set beside them.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key().to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_ENDPOINT_URL_S3", self.s3_endpoint()),
            ("AWS_ENDPOINT_URL_SIGNIN", self.signin_endpoint()),
            ("AWS_ENDPOINT_URL_SSO", self.sso_endpoint()),
            ("AWS_ENDPOINT_URL_SSO_OIDC", self.sso_oidc_endpoint()),
            ("AWS_ENDPOINT_URL_STS", self.sts_endpoint()),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", self.imds_endpoint()),
            ("AWS_EC2_METADATA_DISABLED", "false".to_owned()),
            ("NO_PROXY", LOOPBACK.to_owned()),
            ("no_proxy", LOOPBACK.to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Variables that would lead an SDK away from the sandbox.
    pub fn variables_to_unset() -> &'static [&'static str] {
        &[
            "AWS_ACCOUNT_ID",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CREDENTIAL_EXPIRATION",
            "AWS_CREDENTIAL_FILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            "AWS_ENDPOINT_URL",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_IMDS_USE_IPV6",
            "AWS_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_SECURITY_TOKEN",
            "AWS_SESSION_TOKEN",
            "AWS_STS_REGIONAL_ENDPOINTS",
            "AWS_USE_DUALSTACK_ENDPOINT",
            "AWS_USE_FIPS_ENDPOINT",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "BOTO_CONFIG",
            "TUCUXI_ROLE_CACHE",
        ]
    }

    /// The last 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<Seen> {
        self.house.journal.entries()
    }

    /// How many requests have come to an endpoint.
    pub fn count(&self, service: Service) -> usize {
        self.house.journal.count(service)
    }

    /// Makes an endpoint misbehave from the next request on, or behave again.
    pub fn set_fault(&self, service: Service, fault: Option<Fault>) {
        self.house.set_fault(service, fault);
    }

    /// Stops listening, lets running answers end (at most 5 seconds), and removes the objects.
    pub async fn shutdown(mut self) {
        self.house.stop.send_replace(true);
        for task in &mut self.tasks {
            // What is not done by then ends when `self` is dropped.
            let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("region", &self.region)
            .field("container", &self.container)
            .field("imds", &self.imds)
            .field("s3", &self.s3)
            .field("signin", &self.sign_in_address)
            .field("sso", &self.sso)
            .field("sso_oidc", &self.sso_oidc)
            .field("sts", &self.sts)
            .finish_non_exhaustive()
    }
}

/// A role that people have in the portal.
pub(crate) const READER: &str = "ReadOnly";
pub(crate) const ACCOUNT_ID: &str = "123456789012";
pub(crate) const OTHER_ACCOUNT_ID: &str = "210987654321";
pub(crate) const MFA_SERIAL: &str = "arn:aws:iam::123456789012:mfa/sandbox";
const LOOPBACK: &str = "127.0.0.1,localhost";
const ACCESS_KEY_ID: &str = "AKIATUCUXI0SANDBOX00";
/// Shares no piece with a name or number that messages hold: whoever takes secrets out of them would take these out too.
const SECRET_ACCESS_KEY: &str = "Xk2/of+no/worth+Qz8/made+up/Wv5+7rT3pLm9";

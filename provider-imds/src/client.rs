//! The public face: what is set, and what can be asked.

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Context, Error, Location, Region};

use crate::session::Session;
use crate::settings::Settings;
use crate::{EndpointMode, InstanceIdentity, wire};

/// Asks EC2 instance metadata, version 2.
///
/// A clone shares the session token. What is set in code wins over the environment, which wins over the
/// profile.
///
/// - Reads, at each call: `AWS_EC2_METADATA_DISABLED`, `AWS_EC2_METADATA_SERVICE_ENDPOINT`,
///   `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, `AWS_IMDS_USE_IPV6`, `AWS_METADATA_SERVICE_TIMEOUT`,
///   `AWS_METADATA_SERVICE_NUM_ATTEMPTS`, and with [`allow_v1`](Self::allow_v1) `AWS_EC2_METADATA_V1_DISABLED`
/// - Network: a PUT for a session token, which is kept for up to six hours, then one GET. 1 s to connect and
///   1 s for the answer; one attempt until instance metadata has answered once, then three
///
/// # Errors
/// Every method:
/// - `NotConfigured`: `AWS_EC2_METADATA_DISABLED` is true; nothing answers, or something that knows no
///   session tokens, at an address that nobody chose
/// - `InvalidConfig`: a variable, profile key or setting cannot be read
/// - `Denied`: a status from 400 to 499
/// - `Unavailable`: no answer at a chosen address, or where there was one before; any other status; an
///   answer that cannot be read
///
/// # Example
/// ```
/// use tucuxi_core::{Env, ErrorKind};
/// use tucuxi_provider_imds::ImdsClient;
///
/// # tucuxi_testkit::block_on(async {
/// let context = tucuxi_testkit::context().with_env(Env::fake([("AWS_EC2_METADATA_DISABLED", "true")]));
/// let error = ImdsClient::new(&context).region().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotConfigured);
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>
#[derive(Clone, Debug)]
pub struct ImdsClient {
    pub(crate) context: Context,
    pub(crate) settings: Settings,
    pub(crate) session: Arc<Session>,
}

impl ImdsClient {
    /// A client over the context's variables, clock and HTTP; nothing is read or asked yet.
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone(), settings: Settings::default(), session: Arc::default() }
    }

    /// Takes `ec2_metadata_service_endpoint`, `ec2_metadata_service_endpoint_mode`,
    /// `ec2_metadata_v1_disabled`, `metadata_service_timeout` and `metadata_service_num_attempts` from a
    /// profile. `value` yields the text of a key and where it stands.
    #[must_use]
    #[inline]
    pub fn with_profile(mut self, value: impl Fn(&str) -> Option<(String, Location)>) -> Self {
        self.settings.read_profile(&value);
        self
    }

    /// Asks this address, for example `http://169.254.169.254`; wins over every other setting.
    #[must_use]
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.settings.endpoint = Some(url.into());
        self
    }

    /// Asks the default address of this mode, unless an address is set.
    #[must_use]
    pub fn with_endpoint_mode(mut self, mode: EndpointMode) -> Self {
        self.settings.mode = Some(mode);
        self
    }

    /// Another limit for connecting, and for the answer. Default 1 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self
    }

    /// Another number of times that a request is sent at most; 0 counts as 1.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = Some(attempts);
        self
    }

    /// Goes on without a session token where the service refuses to give one, unless
    /// `AWS_EC2_METADATA_V1_DISABLED` or the profile forbids it.
    ///
    /// Version 1 answers anything that can make this machine send a GET. Use it only where version 2 does
    /// not exist.
    #[must_use]
    pub fn allow_v1(mut self) -> Self {
        self.settings.v1 = true;
        self
    }

    /// The region that the instance is in.
    ///
    /// # Errors
    /// See [`ImdsClient`].
    pub async fn region(&self) -> Result<Region, Error> {
        self.fetch(wire::REGION, wire::region).await
    }

    /// Which instance this is.
    ///
    /// # Errors
    /// See [`ImdsClient`].
    pub async fn instance_identity(&self) -> Result<InstanceIdentity, Error> {
        self.fetch(wire::IDENTITY, InstanceIdentity::parse).await
    }
}

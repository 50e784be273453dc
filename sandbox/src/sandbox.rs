//! The sandbox as a whole.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tucuxi_core::{Clock, Credentials, Error, Region, Secret, SystemClock};

use crate::container::{CONTAINER_PATH, Container};
use crate::imds::Imds;
use crate::keyring::{Keyring, random};
use crate::rotation::Rotation;
use crate::seen::{Journal, Seen, Service};
use crate::server::{Answer, Fault, House, bind, serve};
use crate::sso::{Assignment, IdentityCenter, Ledger, Oidc, Portal};
use crate::sts::Sts;

/// A running sandbox: six endpoints on loopback, a folder for objects, a pair of keys.
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
    house: Arc<House>,
    keyring: Arc<Keyring>,
    credentials: Credentials,
    region: String,
    role: String,
    container: SocketAddr,
    container_token: Secret,
    imds: SocketAddr,
    s3: SocketAddr,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) sso: SocketAddr,
    pub(crate) sso_oidc: SocketAddr,
    sts: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
    // Dropped after the tasks have been told to end.
    _objects: TempDir,
}

/// Chooses what a [`Sandbox`] is like.
#[derive(Debug)]
#[must_use = "nothing runs until `start` is awaited"]
pub struct SandboxBuilder {
    region: String,
    role: String,
    role_attached: bool,
    session_ttl: Duration,
    identity_center: IdentityCenter,
    clock: Arc<dyn Clock>,
}

impl SandboxBuilder {
    /// The only region there is. Default `us-east-1`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The name of the role that the instance has and that `AssumeRole` gives. Default `sandbox`.
    pub fn role(mut self, name: impl Into<String>) -> Self {
        self.role = name.into();
        self
    }

    /// No role is attached to the instance: instance metadata has no credentials.
    pub fn without_instance_role(mut self) -> Self {
        self.role_attached = false;
        self
    }

    /// How long a session lives when nobody asks STS for another time. Default one hour.
    pub fn session_ttl(mut self, ttl: Duration) -> Self {
        self.session_ttl = ttl;
        self
    }

    /// What IAM Identity Center is like.
    pub fn identity_center(mut self, center: IdentityCenter) -> Self {
        self.identity_center = center;
        self
    }

    /// The clock by which tokens, codes and sessions end. The 15 minutes that a signature may be off are
    /// always measured by the system's clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts the sandbox on the current tokio runtime, which needs I/O and time enabled.
    ///
    /// # Errors
    /// `InvalidConfig` for a region or role name that cannot be one; `Unavailable` when no loopback port or
    /// no temporary folder can be had.
    pub async fn start(self) -> Result<Sandbox, Error> {
        Region::new(&*self.region)?;
        if self.role.is_empty() || !self.role.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)) {
            return Err(Error::invalid_config(format!("{:?} is not a role name", self.role))
                .with_hint("use letters, digits and _+=,.@-"));
        }
        let objects = tempfile::Builder::new().prefix("tucuxi-sandbox-").tempdir().map_err(|error| {
            Error::unavailable("cannot make a temporary folder for objects").with_source(error).with_hint("set TMPDIR")
        })?;
        let credentials = Sandbox::static_credentials();
        let keyring = Arc::new(Keyring::new(Arc::clone(&self.clock), ACCOUNT_ID, &credentials));
        let house = Arc::new(House {
            clock: Arc::clone(&self.clock),
            journal: Journal::default(),
            faults: Mutex::new(HashMap::new()),
            requests: AtomicU64::new(1),
            stop: watch::Sender::new(false),
        });
        let (container_listener, container) = listener().await?;
        let (imds_listener, imds) = listener().await?;
        let (s3_listener, s3) = listener().await?;
        let (sso_listener, sso) = listener().await?;
        let (sso_oidc_listener, sso_oidc) = listener().await?;
        let (sts_listener, sts) = listener().await?;

        let container_token = Secret::from(random());
        let rotation = Rotation::new(Arc::clone(&keyring), self.role.clone(), "container", self.session_ttl);
        let task = Container::new(rotation, ACCOUNT_ID, container_token.clone());
        let attached = self.role_attached.then(|| self.role.clone());
        let metadata = Imds::new(Arc::clone(&keyring), attached, &self.region, self.session_ttl);
        let storage = crate::s3::endpoint(&keyring, &self.region, objects.path(), s3.port())?;
        let tokens = Sts::new(&keyring, &self.region, vec![self.role.clone()], self.session_ttl);
        let ledger = Arc::new(Ledger::new(self.clock, self.identity_center));
        let oidc = Oidc::new(Arc::clone(&ledger), format!("http://{sso_oidc}"));
        let portal = Portal::new(Arc::clone(&ledger), Arc::clone(&keyring), assignments(&self.role), self.session_ttl);
        let run = |listener: TcpListener, service: Service, answer: Arc<dyn Answer>| {
            tokio::spawn(serve(listener, service, answer, Arc::clone(&house)))
        };
        let tasks = vec![
            run(container_listener, Service::Container, Arc::new(task)),
            run(imds_listener, Service::Imds, Arc::new(metadata)),
            run(s3_listener, Service::S3, Arc::new(storage)),
            run(sso_listener, Service::Sso, Arc::new(portal)),
            run(sso_oidc_listener, Service::SsoOidc, Arc::new(oidc)),
            run(sts_listener, Service::Sts, Arc::new(tokens)),
        ];
        let (region, role) = (self.region, self.role);
        Ok(Sandbox {
            house,
            keyring,
            credentials,
            region,
            role,
            container,
            container_token,
            imds,
            s3,
            ledger,
            sso,
            sso_oidc,
            sts,
            tasks,
            _objects: objects,
        })
    }
}

impl Sandbox {
    /// A sandbox with the defaults, to be changed before it starts.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            region: "us-east-1".to_owned(),
            role: "sandbox".to_owned(),
            role_attached: true,
            session_ttl: Duration::from_secs(3600),
            identity_center: IdentityCenter::default(),
            clock: Arc::new(SystemClock::default()),
        }
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

    /// A token that `AssumeRoleWithWebIdentity` takes for a while.
    pub fn web_identity_token(&self, ttl: Duration) -> String {
        self.keyring.new_identity(ttl)
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

    /// The variables that point any AWS SDK and the AWS CLI at this sandbox.
    ///
    /// Those of [`variables_to_unset`](Self::variables_to_unset) must not be set beside them.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key().to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_ENDPOINT_URL_S3", self.s3_endpoint()),
            ("AWS_ENDPOINT_URL_SSO", self.sso_endpoint()),
            ("AWS_ENDPOINT_URL_SSO_OIDC", self.sso_oidc_endpoint()),
            ("AWS_ENDPOINT_URL_STS", self.sts_endpoint()),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", self.imds_endpoint()),
            ("AWS_EC2_METADATA_DISABLED", "false".to_owned()),
            ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
            ("no_proxy", "127.0.0.1,localhost".to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Variables that would lead an SDK away from the sandbox.
    pub fn variables_to_unset() -> &'static [&'static str] {
        &["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
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
            .field("sso", &self.sso)
            .field("sso_oidc", &self.sso_oidc)
            .field("sts", &self.sts)
            .finish_non_exhaustive()
    }
}

/// What people find in the portal: the account of the sandbox, and another one.
fn assignments(role: &str) -> Vec<Assignment> {
    let assignment = |account_id: &str, account_name: &str, roles: &[&str]| Assignment {
        account_id: account_id.to_owned(),
        account_name: account_name.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    vec![assignment(ACCOUNT_ID, "Sandbox", &[READER, role]), assignment(OTHER_ACCOUNT_ID, "Archive", &[READER])]
}

async fn listener() -> Result<(TcpListener, SocketAddr), Error> {
    bind().await.map_err(|error| Error::unavailable("cannot listen on 127.0.0.1").with_source(error))
}

/// A role that people have in the portal.
pub(crate) const READER: &str = "ReadOnly";
const ACCOUNT_ID: &str = "123456789012";
const OTHER_ACCOUNT_ID: &str = "210987654321";
const ACCESS_KEY_ID: &str = "AKIATUCUXI0SANDBOX00";
const SECRET_ACCESS_KEY: &str = "sandbox/secret+of+no+value/0123456789abc";

//! The order of events: variables, token, address, request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;
use tucuxi_core::{
    Clock, Context, Credentials, Env, Error, ErrorKind, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions,
    ProvideCredentials, SharedProvider, ask, async_trait,
};

use crate::authorization::authorization;
use crate::place::{Place, Reach, check_resolved, place};
use crate::wire;

/// Credentials of the role that a container runs with, from its endpoint: ECS, EKS Pod Identity, Greengrass.
///
/// Over plain http only loopback, `169.254.170.2`, `169.254.170.23` and `[fd00:ec2::23]` are asked. A name
/// is looked up once: all of its addresses must be among these, and the request goes to what was checked.
///
/// - Reads, at each call: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, else
///   `AWS_CONTAINER_CREDENTIALS_FULL_URI`; the file of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, else
///   `AWS_CONTAINER_AUTHORIZATION_TOKEN`, of which white space at both ends is taken off
/// - Network: one GET, 2 s to connect and 5 s for the answer; three attempts, 1 s apart;
///   never through a proxy
/// - Lifetime: given by the endpoint; nothing is kept here
///
/// # Errors
/// - `NotConfigured`: neither URI is set
/// - `InvalidConfig`: the URI cannot be read or names a host that may not be asked; the token cannot be read
/// - `Denied`: a status from 400 to 499
/// - `Unavailable`: no answer, any other status, or an answer that cannot be read, three times
///
/// # Example
/// ```
/// use tucuxi_core::{Env, ErrorKind, ProvideCredentials};
/// use tucuxi_provider_container::ContainerProvider;
///
/// # tucuxi_testkit::block_on(async {
/// let env = Env::fake([("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.169.254/latest")]);
/// let context = tucuxi_testkit::context().with_env(env);
/// let error = ContainerProvider::new(&context).provide_credentials().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug)]
pub struct ContainerProvider {
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
    http: Arc<dyn HttpClient>,
}

impl ContainerProvider {
    /// A provider over the context's variables, files, clock and HTTP; nothing is read or asked yet.
    pub fn new(context: &Context) -> Self {
        Self {
            env: context.env().clone(),
            fs: context.fs().clone(),
            clock: Arc::clone(context.clock()),
            http: Arc::clone(context.http()),
        }
    }

    /// One look at everything, and one request for each address that does not answer.
    async fn once(&self, place: &Place) -> Result<Credentials, Error> {
        let authorization = authorization(&self.env, &self.fs).await?;
        let mut refused = Error::unavailable(format!("{} has no address", place.host));
        for address in self.addresses(place).await? {
            let options = options().with_connect_to(SocketAddr::new(address, place.port));
            match ask(self.http.as_ref(), wire::ask(place, authorization.as_ref()), options, None).await {
                // `localhost` is often two addresses, of which one is listened at.
                Err(error) if error.kind() == HttpErrorKind::Connect => refused = unanswered(error, place),
                Err(error) => return Err(unanswered(error, place)),
                Ok(answer) => return wire::credentials(&place.host, answer.status, &answer.body),
            }
        }
        Err(refused)
    }

    /// The addresses to connect to, each of them allowed, and no proxy between: none may see the token of the task.
    async fn addresses(&self, place: &Place) -> Result<Vec<IpAddr>, Error> {
        let name = match &place.reach {
            Reach::Address(address) => return Ok(vec![*address]),
            Reach::Name(name) | Reach::Tls(name) => name,
        };
        let addresses = self.http.resolve(name).await.map_err(|error| unanswered(error, place))?;
        // TLS proves who answers, wherever that is.
        if !matches!(place.reach, Reach::Tls(_)) {
            check_resolved(name, &addresses)?;
        }
        Ok(addresses)
    }
}

#[async_trait]
impl ProvideCredentials for ContainerProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let place = place(&self.env)?;
        let mut attempt = 1;
        loop {
            let error = match self.once(&place).await {
                Err(error) if error.kind() == ErrorKind::Unavailable && !error.is_offline() => error,
                settled => return settled,
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            debug!(%error, attempt, "asking the container endpoint again");
            self.clock.sleep(PAUSE).await;
            attempt += 1;
        }
    }
}

impl From<ContainerProvider> for SharedProvider {
    fn from(provider: ContainerProvider) -> Self {
        Arc::new(provider)
    }
}

fn unanswered(error: HttpError, place: &Place) -> Error {
    match error.kind() {
        HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Closed => {
            Error::unavailable(format!("no answer from {}", place.host))
                .with_source(error)
                .with_hint("check that the agent that gives this container its role is running")
        }
        _ => error.into(),
    }
}

fn options() -> HttpOptions {
    HttpOptions::within(CONNECT, READ).with_whole(CONNECT + READ)
}

const CONNECT: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

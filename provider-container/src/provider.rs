//! The order of events: variables, token, address, request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;
use tucuxi_core::{
    Clock, Context, Credentials, Env, Error, ErrorKind, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions,
    ProvideCredentials, Response, SharedProvider, async_trait,
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

    async fn once(&self, place: &Place) -> Result<Credentials, Error> {
        let response = self.send(place).await?;
        let (status, body) = (response.status(), response.into_body());
        let body = body.collect(options().body_limit).await.map_err(|error| unanswered(error, place))?;
        wire::credentials(&place.host, status, &body)
    }

    async fn send(&self, place: &Place) -> Result<Response, Error> {
        let authorization = authorization(&self.env, &self.fs).await?;
        let mut refused = None;
        for address in self.addresses(place).await? {
            let request = wire::ask(place, authorization.as_ref());
            match self.http.send(request, options().with_connect_to(address)).await {
                // `localhost` is often two addresses, of which one is listened at.
                Err(error) if error.kind() == HttpErrorKind::Connect => refused = Some(error),
                Err(error) => return Err(unanswered(error, place)),
                Ok(response) => return Ok(response),
            }
        }
        Err(match refused {
            Some(error) => unanswered(error, place),
            None => Error::unavailable(format!("{} has no address", place.host)),
        })
    }

    /// The addresses to connect to, each of them allowed, and no proxy between: none may see the token of the task.
    async fn addresses(&self, place: &Place) -> Result<Vec<SocketAddr>, Error> {
        let resolve = async |name: &str| self.http.resolve(name).await.map_err(|error| unanswered(error, place));
        let addresses = match &place.reach {
            // TLS proves who answers, wherever that is.
            Reach::Tls(name) => resolve(name).await?,
            Reach::Address(address) => vec![*address],
            Reach::Name(name) => {
                let addresses = resolve(name).await?;
                check_resolved(name, &addresses)?;
                addresses
            }
        };
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, place.port)).collect())
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

//! The order of events: variables, token, address, request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use tracing::debug;
use tucuxi_core::{
    BoxFuture, Context, Credentials, Error, ErrorKind, HttpError, HttpErrorKind, HttpOptions, ProvideCredentials,
    SharedProvider, WholeAnswer, ask_at, failure, failure_of_request,
};

use crate::authorization::authorization;
use crate::place::{Place, Reach, place};
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
    context: Context,
}

impl ContainerProvider {
    /// A provider over the context's variables, files, clock and HTTP; nothing is read or asked yet.
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone() }
    }

    /// One look at everything, and one request for each address that does not answer.
    fn once<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, Result<Credentials, Error>> {
        Box::pin(async move {
            let (env, fs, http) = (self.context.env(), self.context.fs(), self.context.http().as_ref());
            let authorization = authorization(env, fs).await?;
            // The addresses to connect to, each of them allowed, and no proxy between: none may see the token of the task.
            let addresses = match place.reach {
                Reach::Address(address) => vec![address],
                Reach::Name | Reach::Tls => match http.resolve(place.name()).await {
                    Ok(addresses) => addresses,
                    Err(error) => return Err(unanswered(error, place)),
                },
            };
            place.check_resolved(&addresses)?;
            let mut at = 0;
            loop {
                let Some(address) = addresses.get(at) else { return Err(nowhere(place)) };
                at += 1;
                let limits = limits(SocketAddr::new(*address, place.port));
                let headers = [(&ACCEPT, Some(&wire::JSON)), (&AUTHORIZATION, authorization.as_ref())];
                match ask_at(http, Method::GET, &place.url, &headers, limits, None).await {
                    // `localhost` is often two addresses, of which one is listened at.
                    Err(error) if error.kind() == HttpErrorKind::Connect && at < addresses.len() => {}
                    answer => return settled(answer, place),
                }
            }
        })
    }
}

impl ProvideCredentials for ContainerProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let place = place(self.context.env())?;
            let mut attempt = 1;
            loop {
                match self.once(&place).await {
                    Err(error) if attempt < ATTEMPTS && is_passing(&error) => log(&error, attempt),
                    settled => return settled,
                }
                self.context.clock().sleep(PAUSE).await;
                attempt += 1;
            }
        })
    }
}

impl From<ContainerProvider> for SharedProvider {
    fn from(provider: ContainerProvider) -> Self {
        Arc::new(provider)
    }
}

fn settled(answer: Result<WholeAnswer, HttpError>, place: &Place) -> Result<Credentials, Error> {
    match answer {
        Ok(answer) => wire::credentials(&place.host, answer.status, &answer.body),
        Err(error) => Err(unanswered(error, place)),
    }
}

fn is_passing(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable && !error.is_offline()
}

#[cold]
fn log(error: &Error, attempt: u32) {
    debug!(%error, attempt, "asking the container endpoint again");
}

fn unanswered(error: HttpError, place: &Place) -> Error {
    match error.kind() {
        HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Closed => failure_of_request(
            ErrorKind::Unavailable,
            format_args!("no answer from {}", place.host),
            Some(format_args!("check that the agent that gives this container its role is running")),
            error,
        ),
        _ => error.into(),
    }
}

fn nowhere(place: &Place) -> Error {
    failure(ErrorKind::Unavailable, format_args!("{} has no address", place.host), None)
}

fn limits(address: SocketAddr) -> HttpOptions {
    HttpOptions::within(CONNECT, READ).with_whole(CONNECT + READ).with_connect_to(address)
}

const CONNECT: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

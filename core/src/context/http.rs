//! HTTP as the providers and S3 see it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::request::give_up;
use super::{Body, Command, CommandError, CommandErrorKind, CommandOutput, RunCommand};
use crate::{BoxFuture, Error, ErrorKind};

/// A request with its body.
pub type Request = http::Request<Body>;

/// An answer with its body.
pub type Response = http::Response<Body>;

/// Sends one request and gives one answer: no redirects, no retries.
///
/// Its methods are implemented in the two ways of [`ProvideCredentials`](crate::ProvideCredentials).
pub trait HttpClient: Send + Sync {
    /// Sends `request` within the limits of `options`. The answer's body obeys `idle`, `whole` and
    /// `body_limit` too.
    ///
    /// # Errors
    /// By [`HttpErrorKind`]; an answer with any status is not an error.
    fn send<'a, 'f>(&'a self, request: Request, options: HttpOptions) -> BoxFuture<'f, Result<Response, HttpError>>
    where
        'a: 'f,
        Self: 'f;

    /// The addresses of a host name, for whoever must judge them before connecting to one by
    /// [`HttpOptions::connect_to`].
    ///
    /// # Errors
    /// `Connect` when the name does not resolve.
    fn resolve<'a, 'b, 'f>(&'a self, host: &'b str) -> BoxFuture<'f, Result<Vec<IpAddr>, HttpError>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f;
}

impl fmt::Debug for dyn HttpClient + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn HttpClient")
    }
}

/// Limits of one request. Every wait has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Name look-up, TCP and TLS together. Default 3.1 s.
    pub connect: Duration,
    /// From the request sent to the head of the answer. Default 30 s.
    pub first_byte: Duration,
    /// Between two pieces of a body, either way. Default 30 s.
    pub idle: Duration,
    /// The whole exchange with its body, if limited. Default none, for bodies that may be of any size: what is read
    /// as a whole has to end within [`answer_limit`](Self::answer_limit).
    pub whole: Option<Duration>,
    /// Bytes of the answer's body. Default 64 KiB, what a credential endpoint may send.
    pub body_limit: u64,
    /// The address to connect to instead of looking the name up.
    pub connect_to: Option<SocketAddr>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(3100),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            whole: None,
            body_limit: 64 * 1024,
            connect_to: None,
        }
    }
}

impl HttpOptions {
    /// The given limits for connecting and for everything after it.
    pub fn within(connect: Duration, read: Duration) -> Self {
        Self { connect, first_byte: read, idle: read, ..Self::default() }
    }

    /// How long an answer that is read as a whole, a document or an error, may take from its head to its end: as long
    /// as `first_byte` and `idle` together, 60 s by default. A server that sends a byte now and then keeps every
    /// other limit.
    pub fn answer_limit(&self) -> Duration {
        self.first_byte.saturating_add(self.idle)
    }

    /// Another cap on the answer's body.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Another limit for the whole exchange.
    #[must_use]
    pub fn with_whole(mut self, whole: Duration) -> Self {
        self.whole = Some(whole);
        self
    }

    /// Connects to this address instead of looking the name up.
    #[must_use]
    pub fn with_connect_to(mut self, address: SocketAddr) -> Self {
        self.connect_to = Some(address);
        self
    }
}

/// Where an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// Nothing answered at the address: refused, unreachable, no such name, no connection in time.
    Connect,
    /// TLS could not be agreed on: certificates, versions, roots.
    Tls,
    /// Connected, but the answer took longer than its limit.
    Timeout,
    /// The connection ended in the middle.
    Closed,
    /// The answer is larger than allowed.
    TooLarge,
    /// The answer is not HTTP.
    Protocol,
    /// The request cannot be sent as it is.
    Request,
    /// A request body that the program supplies failed.
    Body,
    /// The context is offline.
    Offline,
    /// The context has no HTTP client.
    Unwired,
}

/// Why an exchange failed. Names the host, never the path, a header or a body.
// Boxed: what waits for an answer moves it around, and every crate that does so has code to give it up.
pub struct HttpError(Box<Failure>);

struct Failure {
    kind: HttpErrorKind,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl HttpError {
    /// A failure at the given place.
    pub fn new(kind: HttpErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self::saying(kind, message.into())
    }

    /// Adds the failure underneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Where it failed.
    pub fn kind(&self) -> HttpErrorKind {
        self.0.kind
    }

    /// True when no byte of the request can have reached a server.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, HttpErrorKind::Connect | HttpErrorKind::Tls)
    }

    /// True when the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self.0.kind, HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Closed)
    }

    fn saying(kind: HttpErrorKind, message: Cow<'static, str>) -> Self {
        Self(Box::new(Failure { kind, message, source: None }))
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { kind, message, source } = &*self.0;
        let mut debug = f.debug_struct("HttpError");
        debug.field("kind", kind).field("message", message).field("source", source).finish()
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| -> &(dyn StdError + 'static) { source.as_ref() })
    }
}

impl From<HttpError> for Error {
    /// `Unavailable`, except for a request that configuration made impossible (`InvalidConfig`); keeps the
    /// mark of an offline context.
    fn from(error: HttpError) -> Self {
        let Failure { kind, message, source } = *error.0;
        let kind = match kind {
            HttpErrorKind::Offline => return Self::unavailable(message).offline(),
            HttpErrorKind::Request | HttpErrorKind::Unwired => ErrorKind::InvalidConfig,
            _ => ErrorKind::Unavailable,
        };
        Self::because(kind, message, source)
    }
}

/// No network and no programs, by choice.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Offline;

impl HttpClient for Offline {
    #[inline]
    fn send<'a, 'f>(&'a self, request: Request, _: HttpOptions) -> BoxFuture<'f, Result<Response, HttpError>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let host = request.uri().authority().map_or("the network", |authority| authority.as_str());
            Err(HttpError::new(HttpErrorKind::Offline, format!("would ask {host}")))
        })
    }

    #[inline]
    fn resolve<'a, 'b, 'f>(&'a self, host: &'b str) -> BoxFuture<'f, Result<Vec<IpAddr>, HttpError>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { Err(HttpError::new(HttpErrorKind::Offline, format!("would look up {host}"))) })
    }
}

impl RunCommand for Offline {
    #[inline]
    fn run<'a, 'f>(&'a self, command: Command) -> BoxFuture<'f, Result<CommandOutput, CommandError>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(
            async move { Err(CommandError::new(CommandErrorKind::Offline, format!("would run {}", command.name()))) },
        )
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Unwired;

impl HttpClient for Unwired {
    // The request is given up here: a future that held it would carry the code for that into every program.
    fn send<'a, 'f>(&'a self, request: Request, _: HttpOptions) -> BoxFuture<'f, Result<Response, HttpError>>
    where
        'a: 'f,
        Self: 'f,
    {
        give_up(request);
        Box::pin(async { Err(unwired()) })
    }

    fn resolve<'a, 'b, 'f>(&'a self, _: &'b str) -> BoxFuture<'f, Result<Vec<IpAddr>, HttpError>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async { Err(unwired()) })
    }
}

#[cold]
fn unwired() -> HttpError {
    HttpError::new(HttpErrorKind::Unwired, "this context has no HTTP client; use tucuxi_transport::system()")
}

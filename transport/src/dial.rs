//! From a target to an open connection: name, TCP, proxy, tunnel, TLS.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use tower_service::Service;
use tucuxi_core::{Env, Fs, HttpError, HttpErrorKind};

use crate::TransportOptions;
use crate::failure::find;
use crate::proxy::{Proxies, Proxy};
use crate::target::Target;
use crate::tls::Tls;
use crate::tunnel;

/// A connection to a target: TCP, perhaps TLS to a proxy, perhaps TLS to the target.
///
/// A trait object, so that TLS and HTTP are compiled for one kind of stream, whatever lies underneath.
pub(crate) type Wire = Box<dyn Stream>;

/// An open stream.
pub(crate) trait Stream: Connection + Read + Write + Send + Unpin {}

impl<T: Connection + Read + Write + Send + Unpin> Stream for T {}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        (**self).connected()
    }
}

/// Opens connections.
#[derive(Debug)]
pub(crate) struct Dialer {
    env: Env,
    proxies: OnceLock<Proxies>,
    tls: Tls,
}

impl Dialer {
    pub(crate) fn new(env: &Env, fs: &Fs, options: TransportOptions) -> Self {
        Self { env: env.clone(), proxies: OnceLock::new(), tls: Tls::new(env.clone(), fs.clone(), options.ca_bundle) }
    }

    /// The proxy for a target; the variables are read at the first request.
    pub(crate) fn proxy(&self, target: &Target) -> Result<Option<&Proxy>, HttpError> {
        self.proxies.get_or_init(|| Proxies::read(&self.env)).choose(target)
    }

    pub(crate) async fn dial(
        &self,
        target: &Target,
        proxy: Option<&Proxy>,
        connect_to: Option<SocketAddr>,
        limit: Duration,
    ) -> Result<Wire, HttpError> {
        let near = proxy.map_or(target, |proxy| &proxy.target);
        let tcp: Wire = self.connect(near, connect_to, limit).await.map_err(|error| {
            let message = match proxy {
                Some(_) => format!("cannot connect to the proxy {near} for {target}"),
                None => format!("cannot connect to {near}"),
            };
            HttpError::new(HttpErrorKind::Connect, message).with_source(error)
        })?;
        let mut stream = if near.https { self.secure(tcp, near).await? } else { tcp };
        let (Some(proxy), true) = (proxy, target.https) else { return Ok(stream) };
        tunnel::open(&mut stream, target, near, proxy.authorization.as_ref()).await?;
        self.secure(stream, target).await
    }

    async fn connect(
        &self,
        near: &Target,
        connect_to: Option<SocketAddr>,
        limit: Duration,
    ) -> Result<Wire, Box<dyn std::error::Error + Send + Sync>> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limit));
        connector.set_keepalive(Some(KEEP_ALIVE));
        let uri = match connect_to {
            Some(address) => format!("http://{address}/").parse()?,
            None => near.uri(),
        };
        Ok(Box::new(connector.call(uri).await?))
    }

    /// TLS over an open stream.
    async fn secure(&self, stream: Wire, target: &Target) -> Result<Wire, HttpError> {
        let trust = self.tls.trust().await?;
        let names = Arc::new(DefaultServerNameResolver::default());
        let mut connector = HttpsConnector::new(Opened(Some(stream)), Arc::clone(&trust.config), true, names);
        let secured = connector.call(target.uri()).await;
        secured.map(|stream| Box::new(stream) as Wire).map_err(|error| match find::<rustls::Error>(&*error) {
            Some(tls) => HttpError::new(
                HttpErrorKind::Tls,
                format!("TLS with {target} failed: {tls}; trusted are {}", trust.roots),
            ),
            None => HttpError::new(HttpErrorKind::Connect, format!("{target} broke off the TLS handshake"))
                .with_source(error),
        })
    }
}

/// Hands out a stream that is open already.
struct Opened(Option<Wire>);

impl Service<Uri> for Opened {
    type Response = Wire;
    type Error = io::Error;
    type Future = Ready<io::Result<Wire>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

const KEEP_ALIVE: Duration = Duration::from_secs(60);

//! From a target to an open connection: name, TCP, proxy, tunnel, TLS.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;
use tucuxi_core::{BoxFuture, Env, Fs, HttpError, HttpErrorKind};

use crate::TransportOptions;
use crate::proxy::{Proxies, Proxy};
use crate::target::Target;
use crate::tls::Tls;
use crate::tunnel;

/// A connection to a target: TCP, perhaps TLS to a proxy, perhaps TLS to the target.
///
/// A trait object, so that TLS and HTTP are compiled for one kind of stream, whatever lies underneath.
pub(crate) type Wire = Box<dyn Stream>;

/// An open stream.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens connections.
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

    pub(crate) fn dial<'a>(
        &'a self,
        target: &'a Target,
        proxy: Option<&'a Proxy>,
        connect_to: Option<SocketAddr>,
        limit: Duration,
    ) -> BoxFuture<'a, Result<Wire, HttpError>> {
        Box::pin(async move {
            let near = proxy.map_or(target, |proxy| &proxy.target);
            let tcp = self.connect(near, connect_to, limit).await.map_err(|error| {
                let message = match proxy {
                    Some(_) => format!("cannot connect to the proxy {near} for {target}"),
                    None => format!("cannot connect to {near}"),
                };
                HttpError::new(HttpErrorKind::Connect, message).with_source(error)
            })?;
            let mut stream = if near.https { self.tls.secure(tcp, near).await? } else { tcp };
            let (Some(proxy), true) = (proxy, target.https) else { return Ok(stream) };
            tunnel::open(&mut stream, target, near, proxy.authorization.as_ref()).await?;
            self.tls.secure(stream, target).await
        })
    }

    async fn connect(
        &self,
        near: &Target,
        connect_to: Option<SocketAddr>,
        limit: Duration,
    ) -> Result<Wire, Box<dyn StdError + Send + Sync>> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limit));
        connector.set_keepalive(Some(KEEP_ALIVE));
        let uri = match connect_to {
            Some(address) => format!("http://{address}/"),
            None => format!("http://{}:{}/", near.host(), near.port()),
        };
        Ok(Box::new(connector.call(uri.parse()?).await?.into_inner()))
    }
}

const KEEP_ALIVE: Duration = Duration::from_secs(60);

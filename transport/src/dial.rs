//! From a target to an open connection: name, TCP, proxy, tunnel, TLS.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tucuxi_core::{BoxError, BoxFuture, Env, Fs, HttpError, HttpErrorKind};

use crate::TransportOptions;
use crate::connect::connect;
use crate::failure::caused;
use crate::lookup;
use crate::proxy::{Proxies, Proxy};
use crate::target::Target;
use crate::tls::Tls;
use crate::tunnel;

/// A connection to a target: TCP, perhaps TLS to a proxy, perhaps TLS to the target.
///
/// A trait object, so that TLS and HTTP are compiled for one kind of stream, whatever lies underneath.
pub(crate) type Wire = Box<dyn Stream>;

/// An open stream, as hyper sees it.
pub(crate) trait Stream: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Stream for T {}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Opens connections.
pub(crate) struct Dialer {
    env: Env,
    proxies: OnceLock<Arc<Proxies>>,
    tls: Tls,
}

impl Dialer {
    pub(crate) fn new(env: &Env, fs: &Fs, options: TransportOptions) -> Self {
        Self { env: env.clone(), proxies: OnceLock::new(), tls: Tls::new(env.clone(), fs.clone(), options.ca_bundle) }
    }

    /// The proxy for a target; the variables are read at the first request.
    pub(crate) fn proxy(&self, target: &Target) -> Result<Option<&Proxy>, HttpError> {
        self.proxies.get_or_init(|| Arc::new(Proxies::read(&self.env))).choose(target)
    }

    pub(crate) fn dial<'a>(
        &'a self,
        target: &'a Target,
        proxy: Option<&'a Proxy>,
        connect_to: Option<SocketAddr>,
        limit: Duration,
    ) -> BoxFuture<'a, Result<Wire, HttpError>> {
        Box::pin(async move {
            let mut near = proxy.map_or(target, |proxy| &proxy.target);
            let connected = open(near, connect_to, limit).await;
            let mut stream = connected.map_err(|error| unconnected(near, target, proxy.is_some(), error))?;
            let mut through = proxy.filter(|_| target.https);
            loop {
                if near.https {
                    stream = self.tls.secure(stream, near).await?;
                }
                let Some(proxy) = through.take() else { return Ok(stream) };
                tunnel::open(&mut stream, target, proxy).await?;
                near = target;
            }
        })
    }
}

async fn open(near: &Target, connect_to: Option<SocketAddr>, limit: Duration) -> Result<Wire, BoxError> {
    let addresses = match connect_to {
        Some(address) => vec![address],
        None => lookup::sockets(near.host(), near.port()).await?,
    };
    Ok(Box::new(TokioIo::new(connect(addresses, limit).await?)))
}

#[cold]
fn unconnected(near: &Target, target: &Target, is_proxy: bool, source: BoxError) -> HttpError {
    let message = match is_proxy {
        true => format!("cannot connect to the proxy {near} for {target}"),
        false => format!("cannot connect to {near}"),
    };
    caused(HttpErrorKind::Connect, message, source)
}

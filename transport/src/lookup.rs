//! The addresses of a name, as the system knows them.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};

use hyper_util::client::legacy::connect::dns::GaiResolver;
use tower_service::Service;
use tucuxi_core::{BoxError, BoxFuture, HttpError, HttpErrorKind, HttpOptions};

use crate::failure::caused;
use crate::runtime;
use crate::waiting::within;

/// Where a host, as a URL writes it, can be connected to. Needs a running tokio runtime.
pub(crate) fn sockets(host: &str, port: u16) -> BoxFuture<'_, Result<Vec<SocketAddr>, BoxError>> {
    Box::pin(async move {
        let bare = bare(host);
        let mut sockets = Vec::new();
        if let Ok(address) = bare.parse() {
            sockets.push(SocketAddr::new(address, port));
            return Ok(sockets);
        }
        for mut socket in GaiResolver::new().call(bare.parse()?).await? {
            socket.set_port(port);
            sockets.push(socket);
        }
        Ok(sockets)
    })
}

/// Each address once. Needs a running tokio runtime, except for an address that is written out.
pub(crate) async fn addresses(host: &str) -> Result<Vec<IpAddr>, HttpError> {
    if let Ok(address) = bare(host).parse() {
        return Ok(vec![address]);
    }
    runtime::current()?;
    let mut found = None;
    let mut looking = sockets(host, 0);
    within(HttpOptions::default().connect, &mut poll_fn(|cx| looking.as_mut().poll(cx).map(|done| found = Some(done))))
        .await;
    distinct(found).map_err(|error| failed(host, error))
}

fn distinct(found: Option<Result<Vec<SocketAddr>, BoxError>>) -> Result<Vec<IpAddr>, Option<BoxError>> {
    let mut addresses = Vec::new();
    let found = found.ok_or_else(|| Some(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))?;
    for socket in found.map_err(Some)? {
        if !addresses.contains(&socket.ip()) {
            addresses.push(socket.ip());
        }
    }
    if addresses.is_empty() { Err(None) } else { Ok(addresses) }
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cold]
fn failed(host: &str, source: Option<BoxError>) -> HttpError {
    let message = format!("{host} cannot be looked up");
    match source {
        Some(source) => caused(HttpErrorKind::Connect, message, source),
        None => HttpError::new(HttpErrorKind::Connect, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_without_an_end_says_so() {
        assert_eq!(distinct(None).unwrap_err().unwrap().to_string(), "timed out");
        assert!(distinct(Some(Ok(Vec::new()))).unwrap_err().is_none());
    }

    #[test]
    fn each_address_is_there_once() {
        let sockets = ["127.0.0.1:1", "[::1]:1", "127.0.0.1:2"].map(|socket| socket.parse().unwrap());
        let addresses = distinct(Some(Ok(sockets.to_vec()))).unwrap();
        assert_eq!(addresses, ["127.0.0.1", "::1"].map(|address| address.parse::<IpAddr>().unwrap()));
    }
}

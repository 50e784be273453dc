//! The addresses of a name, asked of the system as for connections.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;

use hyper_util::client::legacy::connect::dns::GaiResolver;
use tower_service::Service;
use tucuxi_core::{BoxError, HttpError, HttpErrorKind, HttpOptions};

use crate::failure::caused;
use crate::runtime;
use crate::waiting::within;

/// Each address once. Needs a running tokio runtime, except for an address that is written out.
pub(crate) async fn addresses(host: &str) -> Result<Vec<IpAddr>, HttpError> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse() {
        return Ok(vec![address]);
    }
    runtime::current()?;
    let Ok(name) = bare.parse() else { return Err(failed(host, None)) };
    let mut found = None;
    let mut looking = pin!(GaiResolver::new().call(name));
    within(HttpOptions::default().connect, &mut |cx| looking.as_mut().poll(cx).map(|done| found = Some(done))).await;
    let mut addresses = Vec::new();
    match found {
        Some(Ok(sockets)) => {
            for socket in sockets {
                if !addresses.contains(&socket.ip()) {
                    addresses.push(socket.ip());
                }
            }
        }
        Some(Err(error)) => return Err(failed(host, Some(error.into()))),
        None => {}
    }
    if addresses.is_empty() { Err(failed(host, None)) } else { Ok(addresses) }
}

#[cold]
fn failed(host: &str, source: Option<BoxError>) -> HttpError {
    let message = format!("{host} cannot be looked up");
    match source {
        Some(source) => caused(HttpErrorKind::Connect, message, source),
        None => HttpError::new(HttpErrorKind::Connect, message),
    }
}

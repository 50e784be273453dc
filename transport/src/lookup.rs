//! The addresses of a name, asked of the system as for connections.

use std::net::IpAddr;

use hyper_util::client::legacy::connect::dns::GaiResolver;
use tokio::time::timeout;
use tower_service::Service;
use tucuxi_core::{HttpError, HttpErrorKind, HttpOptions};

use crate::runtime;

/// Each address once. Needs a running tokio runtime, except for an address that is written out.
pub(crate) async fn addresses(host: &str) -> Result<Vec<IpAddr>, HttpError> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse() {
        return Ok(vec![address]);
    }
    runtime::current()?;
    let failed = || HttpError::new(HttpErrorKind::Connect, format!("{host} cannot be looked up"));
    let Ok(name) = bare.parse() else { return Err(failed()) };
    let found = timeout(HttpOptions::default().connect, GaiResolver::new().call(name))
        .await
        .map_err(|error| failed().with_source(error))?
        .map_err(|error| failed().with_source(error))?;
    let mut addresses = Vec::new();
    for socket in found {
        if !addresses.contains(&socket.ip()) {
            addresses.push(socket.ip());
        }
    }
    if addresses.is_empty() { Err(failed()) } else { Ok(addresses) }
}

//! The real capabilities for tucuxi: HTTP on hyper and rustls, clock and commands on tokio.
//!
//! [`system`] wires all of them into a [`Context`]; each is also usable alone. Nothing here follows a
//! redirect, retries an answer or waits without a limit.
//!
//! - Reads: at the first request `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`
//!   (lower case first; not `HTTP_PROXY` where `REQUEST_METHOD` is set, as by a CGI server); at the first TLS connection,
//!   without [`TransportOptions::ca_bundle`], `AWS_CA_BUNDLE`, `REQUESTS_CA_BUNDLE`, then the system's certificates (in their place `SSL_CERT_FILE` and `SSL_CERT_DIR`, read by
//!   rustls-native-certs from the process). Constructing reads nothing.
//! - Features: `ring` (default) or `aws-lc-rs` is the crypto provider of TLS, handed over explicitly; the
//!   process-wide default of rustls is neither read nor set. `process` (default) runs helper programs. `callback` (default)
//!   waits for a browser at the end of a sign-in.
//!
//! # Example
//! ```
//! let context = tucuxi_transport::system();
//! assert!(context.spawn().is_some());
//! ```

mod activity;
mod answer;
mod call;
#[cfg(feature = "callback")]
mod callback;
mod client;
#[cfg(feature = "process")]
mod commands;
mod connect;
mod crypto;
mod dial;
mod failure;
mod host;
mod lookup;
mod no_proxy;
mod pool;
mod proxy;
mod runtime;
mod target;
mod tls;
mod tunnel;
mod upload;
mod waiting;

use std::path::PathBuf;

use tucuxi_core::Context;

#[cfg(feature = "callback")]
pub use callback::Callback;
pub use client::HyperClient;
#[cfg(feature = "process")]
pub use commands::TokioCommands;
pub use runtime::{TokioClock, TokioSpawn};

/// What a program may choose about its connections.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TransportOptions {
    /// Certificates to trust instead of those of `AWS_CA_BUNDLE` and of the system. For the profile key
    /// `ca_bundle`, give it only where that variable is not set.
    pub ca_bundle: Option<PathBuf>,
}

impl TransportOptions {
    /// Trusts the certificates of this PEM file instead of the system's.
    #[must_use]
    pub fn with_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(path.into());
        self
    }
}

/// The environment, files, network and programs of this machine. Reads nothing yet.
///
/// Its HTTP client takes proxies and certificates from the variables of this process, also after
/// [`Context::with_env`]; a test that wants others gives the context a [`HyperClient`] of its own.
pub fn system() -> Context {
    system_with(TransportOptions::default())
}

/// [`system`] with choices.
pub fn system_with(options: TransportOptions) -> Context {
    let context = Context::local();
    let http = HyperClient::new(context.env(), context.fs(), options);
    let context = context.with_http(http).with_clock(TokioClock::new()).with_spawn(TokioSpawn);
    #[cfg(feature = "process")]
    let context = context.with_commands(TokioCommands);
    context
}

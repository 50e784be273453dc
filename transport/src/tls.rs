//! Which certificates are trusted, found out at the first TLS connection.

use std::future::{Ready, ready};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::sync::OnceCell;
use tower_service::Service;
use tucuxi_core::{BoxFuture, Env, Fs, HttpError, HttpErrorKind};

use crate::crypto::provider;
use crate::dial::Wire;
use crate::failure::find;
use crate::target::Target;

/// The TLS settings of one client.
pub(crate) struct Tls {
    env: Env,
    fs: Fs,
    ca_bundle: Option<PathBuf>,
    trust: OnceCell<Trust>,
}

/// Settings with the certificates in them, and where those came from.
struct Trust {
    config: Arc<ClientConfig>,
    roots: String,
}

impl Tls {
    pub(crate) fn new(env: Env, fs: Fs, ca_bundle: Option<PathBuf>) -> Self {
        Self { env, fs, ca_bundle, trust: OnceCell::new() }
    }

    /// TLS over an open stream.
    ///
    /// The certificates are loaded once; a failure is found out anew each time, for it may be mended.
    pub(crate) fn secure<'a>(&'a self, stream: Wire, target: &'a Target) -> BoxFuture<'a, Result<Wire, HttpError>> {
        Box::pin(async move {
            let trust = self.trust.get_or_try_init(|| self.load()).await?;
            let names = Arc::new(DefaultServerNameResolver::default());
            let mut connector = HttpsConnector::new(Opened(Some(stream)), Arc::clone(&trust.config), true, names);
            match connector.call(target.uri()).await {
                Ok(MaybeHttpsStream::Https(secured)) => Ok(Box::new(secured.into_inner()) as Wire),
                Ok(MaybeHttpsStream::Http(_)) => {
                    Err(HttpError::new(HttpErrorKind::Tls, format!("{target} was reached without TLS")))
                }
                Err(error) => Err(match find::<rustls::Error>(&*error) {
                    Some(tls) => HttpError::new(
                        HttpErrorKind::Tls,
                        format!("TLS with {target} failed: {tls}; trusted are {}", trust.roots),
                    ),
                    None => HttpError::new(HttpErrorKind::Connect, format!("{target} broke off the TLS handshake"))
                        .with_source(error),
                }),
            }
        })
    }

    async fn load(&self) -> Result<Trust, HttpError> {
        let provider = provider().ok_or_else(|| {
            config_error("tucuxi-transport is built without TLS; switch on its feature `ring` or `aws-lc-rs`")
        })?;
        let (roots, certificates) = match self.bundle() {
            Some((named_by, path)) => {
                let roots = format!("{} ({named_by})", path.display());
                let certificates = self.read(&path, named_by).await?;
                (roots, certificates)
            }
            None => {
                // Well over a hundred files or one long one: not on a thread that drives other work.
                let found = tokio::task::spawn_blocking(system)
                    .await
                    .map_err(|error| config_error("the system's certificates cannot be read").with_source(error))?;
                ("the system's certificates".to_owned(), found?)
            }
        };
        let config = config(provider, certificates, &roots)?;
        Ok(Trust { config: Arc::new(config), roots })
    }

    /// What the program gave, the variable, the variable of Python's `requests`.
    fn bundle(&self) -> Option<(&'static str, PathBuf)> {
        let variable = |name| {
            let path = self.env.path(name).filter(|path| !path.to_string_lossy().trim().is_empty())?;
            Some((name, path))
        };
        let given = self.ca_bundle.clone().map(|path| ("ca_bundle", path));
        given.or_else(|| variable("AWS_CA_BUNDLE")).or_else(|| variable("REQUESTS_CA_BUNDLE"))
    }

    async fn read(&self, path: &Path, named_by: &str) -> Result<Vec<CertificateDer<'static>>, HttpError> {
        let shown = path.display();
        let pem = self
            .fs
            .read(path, BUNDLE_LIMIT)
            .await
            .map_err(|error| config_error(format!("{named_by}: cannot read {shown}")).with_source(error))?;
        let certificates = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| config_error(format!("{named_by}: {shown} is not PEM: {error}")))?;
        if certificates.is_empty() {
            return Err(config_error(format!("{named_by}: there is no certificate in {shown}")));
        }
        Ok(certificates)
    }
}

/// Hands out a stream that is open already.
struct Opened(Option<Wire>);

impl Service<Uri> for Opened {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Wire>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

fn system() -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(found.certs);
    }
    let none = config_error("this system has no root certificates; install them or set AWS_CA_BUNDLE");
    Err(match found.errors.into_iter().next() {
        Some(error) => none.with_source(error),
        None => none,
    })
}

fn config(
    provider: CryptoProvider,
    certificates: Vec<CertificateDer<'static>>,
    roots: &str,
) -> Result<ClientConfig, HttpError> {
    let mut store = RootCertStore::empty();
    let (usable, _) = store.add_parsable_certificates(certificates);
    if usable == 0 {
        return Err(config_error(format!("no certificate of {roots} can be used as a root")));
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| config_error("the TLS crypto provider knows no usable version").with_source(error))?
        .with_root_certificates(store)
        .with_no_client_auth())
}

fn config_error(message: impl Into<std::borrow::Cow<'static, str>>) -> HttpError {
    HttpError::new(HttpErrorKind::Request, message)
}

const BUNDLE_LIMIT: u64 = 16 * 1024 * 1024;

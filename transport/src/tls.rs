//! Which certificates are trusted, found out at the first TLS connection.

use std::convert::Infallible;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, MaybeHttpsStream};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::sync::{Notify, OnceCell};
use tower_service::Service;
use tucuxi_core::{BoxError, BoxFuture, Env, Fs, HttpError, HttpErrorKind, on_a_thread};

use crate::crypto::provider;
use crate::dial::Wire;
use crate::failure::{caused, find, misconfigured};
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
            match trust.connector(stream).call(target.uri()).await {
                Ok(stream) => match HttpsConnector::<Opened>::secured(stream) {
                    Some(secured) => Ok(secured),
                    None => Err(unsecured(target)),
                },
                Err(error) => Err(trust.failed(target, error)),
            }
        })
    }

    async fn load(&self) -> Result<Trust, HttpError> {
        if cfg!(not(any(feature = "ring", feature = "aws-lc-rs"))) {
            return Err(without_tls());
        }
        if let Some((named_by, path)) = self.bundle() {
            let pem = self.fs.read(&path, BUNDLE_LIMIT).await;
            let pem = pem.map_err(|error| unread(named_by, &path, error.into()))?;
            return Trust::in_bundle(&pem, named_by, &path);
        }
        let found = Found::on_a_thread()?;
        found.there.notified().await;
        Trust::new(found.take()?, "the system's certificates".to_owned())
    }

    /// What the program gave, the variable, the variable of Python's `requests`.
    fn bundle(&self) -> Option<(&'static str, PathBuf)> {
        if let Some(path) = &self.ca_bundle {
            return Some(("ca_bundle", path.clone()));
        }
        for name in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
            if let Some(path) = self.env.path(name).filter(|path| !path.to_string_lossy().trim().is_empty()) {
                return Some((name, path));
            }
        }
        None
    }
}

impl Trust {
    fn in_bundle(pem: &[u8], named_by: &str, path: &Path) -> Result<Self, HttpError> {
        let shown = path.display();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            match certificate {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => return Err(misconfigured(format!("{named_by}: {shown} is not PEM: {error}"), None)),
            }
        }
        if certificates.is_empty() {
            return Err(misconfigured(format!("{named_by}: there is no certificate in {shown}"), None));
        }
        Self::new(certificates, format!("{shown} ({named_by})"))
    }

    fn new(certificates: Certificates, roots: String) -> Result<Self, HttpError> {
        let mut store = RootCertStore::empty();
        for certificate in certificates {
            // Those that cannot be used are left out, as by others who read the same files.
            let _ = store.add(certificate);
        }
        if store.is_empty() {
            return Err(misconfigured(format!("no certificate of {roots} can be used as a root"), None));
        }
        let provider = provider().ok_or_else(without_tls)?;
        let config = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions();
        let config = config.map_err(|error| unusable(&error))?;
        Ok(Self { config: Arc::new(config.with_root_certificates(store).with_no_client_auth()), roots })
    }

    fn connector(&self, stream: Wire) -> HttpsConnector<Opened> {
        let names = Arc::new(DefaultServerNameResolver::default());
        HttpsConnector::new(Opened(Some(stream)), Arc::clone(&self.config), true, names)
    }

    #[cold]
    fn failed(&self, target: &Target, error: BoxError) -> HttpError {
        match find::<rustls::Error>(&*error) {
            Some(tls) => HttpError::new(
                HttpErrorKind::Tls,
                format!("TLS with {target} failed: {tls}; trusted are {}", self.roots),
            ),
            None => caused(HttpErrorKind::Connect, format!("{target} broke off the TLS handshake"), error),
        }
    }
}

/// What a connector gives, as a trait object. A method of hyper-rustls's type, for the compiler puts it beside the code
/// of that type, which drops such streams too; here it would be there once more.
trait Secured: Service<Uri> {
    fn secured(stream: Self::Response) -> Option<Wire>;
}

impl Secured for HttpsConnector<Opened> {
    #[inline(never)]
    fn secured(stream: MaybeHttpsStream<Wire>) -> Option<Wire> {
        match stream {
            MaybeHttpsStream::Https(secured) => Some(Box::new(secured)),
            MaybeHttpsStream::Http(_) => None,
        }
    }
}

#[cold]
fn unsecured(target: &Target) -> HttpError {
    HttpError::new(HttpErrorKind::Tls, format!("{target} was reached without TLS"))
}

/// Hands out a stream that is open already.
struct Opened(Option<Wire>);

impl Service<Uri> for Opened {
    type Response = Wire;
    type Error = Infallible;
    type Future = Self;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self {
        Self(self.0.take())
    }
}

impl Future for Opened {
    type Output = Result<Wire, Infallible>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        // It is asked once; afterwards there is nothing to wait for.
        self.0.take().map_or(Poll::Pending, |stream| Poll::Ready(Ok(stream)))
    }
}

/// As text: an error that is kept brings code that shows all that it can hold.
#[cold]
fn unusable(error: &rustls::Error) -> HttpError {
    misconfigured("the TLS crypto provider knows no usable version".to_owned(), Some(error.to_string().into()))
}

#[cold]
fn unread(named_by: &str, path: &Path, error: BoxError) -> HttpError {
    misconfigured(format!("{named_by}: cannot read {}", path.display()), Some(error))
}

type Certificates = Vec<CertificateDer<'static>>;

/// What a thread finds for whoever waits for it.
#[derive(Default)]
struct Found {
    certificates: Mutex<Option<Result<Certificates, HttpError>>>,
    there: Notify,
}

impl Found {
    /// Well over a hundred files or one long one: not on a thread that drives other work.
    fn on_a_thread() -> Result<Arc<Self>, HttpError> {
        let found: Arc<Self> = Arc::default();
        let finder = Finder(Arc::clone(&found));
        let started = on_a_thread("tucuxi-certificates", Box::new(move || finder.0.put(system())));
        started.map_err(|error| misconfigured(UNREAD.to_owned(), Some(error.into())))?;
        Ok(found)
    }

    fn put(&self, certificates: Result<Certificates, HttpError>) {
        *self.certificates.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificates);
    }

    fn take(&self) -> Result<Certificates, HttpError> {
        let certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).take();
        certificates.unwrap_or_else(|| Err(misconfigured(UNREAD.to_owned(), None)))
    }
}

const UNREAD: &str = "the system's certificates cannot be read";

/// Tells that the thread has come to its end, however that was.
struct Finder(Arc<Found>);

impl Drop for Finder {
    fn drop(&mut self) {
        self.0.there.notify_one();
    }
}

fn system() -> Result<Certificates, HttpError> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(found.certs);
    }
    let message = "this system has no root certificates; install them or set AWS_CA_BUNDLE".to_owned();
    Err(misconfigured(message, found.errors.first().map(|error| error.to_string().into())))
}

#[cold]
fn without_tls() -> HttpError {
    let message = "tucuxi-transport is built without TLS; switch on its feature `ring` or `aws-lc-rs`";
    HttpError::new(HttpErrorKind::Request, message)
}

const BUNDLE_LIMIT: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_certificates_of_the_system_are_found_on_a_thread() {
        let found = Found::on_a_thread().unwrap();
        found.there.notified().await;
        match found.take() {
            Ok(certificates) => assert!(!certificates.is_empty()),
            Err(error) => assert!(error.to_string().starts_with("this system has no root certificates"), "{error}"),
        }
    }

    #[tokio::test]
    async fn a_thread_that_finds_nothing_keeps_nobody_waiting() {
        let found: Arc<Found> = Arc::default();
        let finder = Finder(Arc::clone(&found));
        std::thread::spawn(move || {
            let _finder = finder;
            panic!("as a reader of certificates might");
        });
        found.there.notified().await;
        let error = found.take().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (HttpErrorKind::Request, UNREAD));
    }
}

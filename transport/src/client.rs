//! HTTP/1.1 on hyper, with TLS by rustls.

use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, Uri, Version};
use hyper::client::conn::{TrySendError, http1};
use tokio::time::Instant;
use tucuxi_core::{
    Body, BoxFuture, Env, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request, Response, Spawn, header,
    request, set_header,
};

use crate::TransportOptions;
use crate::activity::{Activity, Watched, later};
use crate::answer;
use crate::call::Call;
use crate::dial::Dialer;
use crate::failure;
use crate::lookup;
use crate::pool::{Key, Lease, Pool};
use crate::proxy::Proxy;
use crate::runtime::{self, TokioSpawn};
use crate::target::Target;
use crate::upload::Upload;
use crate::waiting::within;

/// HTTP/1.1 over TCP and TLS, with a pool of open connections that clones share.
///
/// - Reads: nothing when constructed. At the first request the proxy variables
///   (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, lower case before upper case; `HTTP_PROXY` is
///   ignored where `REQUEST_METHOD` is set). At the first TLS connection the certificates to trust:
///   [`TransportOptions::ca_bundle`], `AWS_CA_BUNDLE`, `REQUESTS_CA_BUNDLE`, the system's.
/// - Network: each wait has the limit that [`HttpOptions`] gives it. Redirects are not followed. Loopback,
///   link-local addresses, `localhost` and pinned addresses are never reached through a proxy.
/// - Repeats: a request that met a kept connection which the server had closed goes out once more, on a new
///   connection, if its body is in memory and either no byte of it had left or it is a `GET` or `HEAD`.
/// - Early answers: what a server answered counts also when it closed before it had taken the whole request.
///
/// # Errors
/// [`send`](HttpClient::send) fails by [`HttpErrorKind`]: `Connect` and `Tls` before a request can have
/// arrived, then `Timeout`, `Closed`, `TooLarge`, `Protocol` and `Body`. `Request` means that the request or
/// the configuration is at fault: a bad URL, proxy variable or certificate file. `Unwired` means that no tokio
/// runtime is running.
///
/// # Example
/// ```
/// use tucuxi_core::{Body, Env, Fs, HttpClient, HttpErrorKind, HttpOptions};
/// use tucuxi_transport::{HyperClient, TransportOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HyperClient::new(&Env::real(), &Fs::real(), TransportOptions::default());
/// let request = http::Request::get("ftp://example.com/").body(Body::empty())?;
/// let error = client.send(request, HttpOptions::default()).await.unwrap_err();
/// assert_eq!(error.kind(), HttpErrorKind::Request);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HyperClient {
    dialer: Arc<Dialer>,
    pool: Arc<Pool>,
}

impl HyperClient {
    /// A client with an empty pool.
    pub fn new(env: &Env, fs: &Fs, options: TransportOptions) -> Self {
        Self { dialer: Arc::new(Dialer::new(env, fs, options)), pool: Arc::default() }
    }

    /// The request as it goes out, and its limits.
    fn begin(&self, mut request: Request, options: HttpOptions) -> Result<Sending<'_>, HttpError> {
        let runtime = runtime::current()?;
        let target = Target::of(request.uri())?;
        let proxy = match options.connect_to {
            Some(_) => None,
            None => self.dialer.proxy(&target)?,
        };
        prepare(&mut request, &target, proxy);
        let key = Key::new(target, options.connect_to, &runtime);
        let end = options.whole.map(|whole| later(Instant::now(), whole));
        Ok(Sending { call: Arc::new(Call { key, options, end }), proxy, request, again: false })
    }

    fn open<'a>(&'a self, call: &'a Call, proxy: Option<&'a Proxy>) -> BoxFuture<'a, Result<Lease, HttpError>> {
        Box::pin(async move {
            let target = call.target();
            let limit = call.left().min(call.options.connect);
            let mut wire = None;
            let mut dialling = self.dialer.dial(target, proxy, call.options.connect_to, limit);
            within(limit, &mut poll_fn(|cx| dialling.as_mut().poll(cx).map(|dialled| wire = Some(dialled)))).await;
            drop(dialling);
            let wire = wire.unwrap_or_else(|| Err(unopened(target, limit)))?;
            let activity = Arc::new(Activity::new());
            let watched = Watched::new(wire, Arc::clone(&activity));
            let opened = http1::handshake(watched).await;
            let (sender, connection) = opened.map_err(|error| failure::exchange(error, target))?;
            // What goes wrong reaches whoever waits for an answer; on an idle connection it matters to nobody.
            TokioSpawn.spawn(Box::pin(async move { drop(connection.await) }));
            Ok(self.pool.lease(call.key.clone(), sender, activity))
        })
    }
}

#[cold]
fn unopened(target: &Target, limit: Duration) -> HttpError {
    HttpError::new(HttpErrorKind::Connect, format!("no connection to {target} within {limit:?}"))
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperClient").finish_non_exhaustive()
    }
}

impl HttpClient for HyperClient {
    fn send<'a, 'f>(&'a self, request: Request, options: HttpOptions) -> BoxFuture<'f, Result<Response, HttpError>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let mut sending = self.begin(request, options)?;
            let mut kept = self.pool.take(&sending.call.key).await;
            loop {
                let is_kept = kept.is_some();
                let lease = match kept.take() {
                    Some(lease) => lease,
                    None => self.open(&sending.call, sending.proxy).await?,
                };
                match sending.exchange(lease, is_kept).await {
                    Err(_) if is_kept && sending.again => {}
                    done => return done,
                }
            }
        })
    }

    fn resolve<'a, 'b, 'f>(&'a self, host: &'b str) -> BoxFuture<'f, Result<Vec<IpAddr>, HttpError>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(lookup::addresses(host))
    }
}

/// A request on its way.
struct Sending<'a> {
    call: Arc<Call>,
    proxy: Option<&'a Proxy>,
    request: Request,
    /// After an exchange that failed: whether `request` is there to be sent again.
    again: bool,
}

impl Sending<'_> {
    /// One exchange. On a connection that was kept, which the server may have closed, the request can be repeated where
    /// nothing speaks against it.
    async fn exchange(&mut self, mut lease: Lease, is_kept: bool) -> Result<Response, HttpError> {
        let request = std::mem::take(&mut self.request);
        let spare = if is_kept { Spare::of(&request) } else { None };
        let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
        let activity = Arc::clone(&lease.0.activity);
        activity.begin();
        let request = request.map(|body| Upload::new(body, Arc::clone(&activity)));
        let answered = self.call.head(lease.0.sender.try_send_request(request), &activity).await;
        match answered {
            Ok(Ok(response)) => Ok(response.map(|incoming| answer::body(incoming, lease, Arc::clone(&self.call)))),
            Ok(Err(refused)) => Err(self.refused(refused, &activity, spare, is_safe)),
            Err(impatient) => Err(impatient),
        }
    }

    #[cold]
    fn refused(
        &mut self,
        mut refused: TrySendError<http::Request<Upload>>,
        activity: &Activity,
        spare: Option<Spare>,
        is_safe: bool,
    ) -> HttpError {
        if let Some(unsent) = refused.take_message() {
            self.request = unsent.map(Upload::into_source);
            self.again = true;
            return failure::exchange(refused.into_error(), self.call.target());
        }
        let cause = refused.into_error();
        let is_stale = !activity.has_written() || (is_safe && cause.is_incomplete_message());
        let error = activity.take_failure().unwrap_or_else(|| failure::exchange(cause, self.call.target()));
        if let (Some(spare), true) = (spare, is_stale && error.kind() == HttpErrorKind::Closed) {
            self.request = request(spare.method, spare.uri, spare.headers, Body::from(spare.body));
            *self.request.version_mut() = Version::HTTP_11;
            self.again = true;
        }
        error
    }
}

/// HTTP/1.1 as it stands on the wire: the path alone, or the whole URL for a proxy that reads it.
fn prepare(request: &mut Request, target: &Target, proxy: Option<&Proxy>) {
    *request.version_mut() = Version::HTTP_11;
    if header(request.headers(), &HOST).is_none()
        && let Some(host) = target.host_header()
    {
        set_header(request.headers_mut(), &HOST, Some(host));
    }
    // hyper leaves it out, but servers insist on it where a body could have been.
    if request.body().is_empty()
        && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH)
        && header(request.headers(), &CONTENT_LENGTH).is_none()
    {
        set_header(request.headers_mut(), &CONTENT_LENGTH, Some(HeaderValue::from_static("0")));
    }
    if let (Some(proxy), false) = (proxy, target.https) {
        if let Some(value) = &proxy.authorization {
            set_header(request.headers_mut(), &PROXY_AUTHORIZATION, Some(value.clone()));
        }
        return;
    }
    let path = request.uri().path_and_query().cloned();
    if let Some(path) = path {
        *request.uri_mut() = Uri::from(path);
    }
}

/// What a request is made of once more, where its body is in memory. A list is cheaper than a map of headers, which is
/// seldom needed.
struct Spare {
    method: Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Spare {
    fn of(request: &Request) -> Option<Self> {
        let body = request.body().as_bytes()?.clone();
        let mut headers = Vec::with_capacity(request.headers().len());
        for (name, value) in request.headers() {
            headers.push((name.clone(), value.clone()));
        }
        Some(Self { method: request.method().clone(), uri: request.uri().clone(), headers, body })
    }
}

//! HTTP/1.1 on hyper, with TLS by rustls.

use std::fmt;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep_until, timeout};
use tucuxi_core::{
    Body, Env, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request, Response, Spawn, async_trait,
};

use crate::TransportOptions;
use crate::activity::{Activity, Watched, later};
use crate::answer;
use crate::dial::Dialer;
use crate::failure;
use crate::lookup;
use crate::pool::{Connection, Key, Lease, Pool};
use crate::proxy::Proxy;
use crate::runtime::{self, TokioSpawn};
use crate::target::Target;
use crate::upload::Upload;

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

    async fn open(&self, key: Key, call: &Call, proxy: Option<&Proxy>) -> Result<Lease, HttpError> {
        let target = &call.target;
        let limit = call.left().min(call.options.connect);
        let dial = self.dialer.dial(target, proxy, call.options.connect_to, limit);
        let wire = timeout(limit, dial).await.map_err(|elapsed| {
            HttpError::new(HttpErrorKind::Connect, format!("no connection to {target} within {limit:?}"))
                .with_source(elapsed)
        })??;
        let activity = Arc::new(Activity::new());
        let watched = TokioIo::new(Watched::new(wire, Arc::clone(&activity)));
        let (sender, connection) = http1::handshake(watched).await.map_err(|error| failure::exchange(error, target))?;
        // What goes wrong reaches whoever waits for an answer; on an idle connection it matters to nobody.
        TokioSpawn.spawn(Box::pin(async move { drop(connection.await) }));
        Ok(self.pool.lease(key, Connection { sender, activity }))
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperClient").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for HyperClient {
    async fn send(&self, mut request: Request, options: HttpOptions) -> Result<Response, HttpError> {
        let runtime = runtime::current()?;
        let target = Target::of(request.uri())?;
        let proxy = match options.connect_to {
            Some(_) => None,
            None => self.dialer.proxy(&target)?,
        };
        prepare(&mut request, &target, proxy);
        let key = Key::new(target.clone(), options.connect_to, &runtime);
        let call = Call::new(target, options);
        if let Some(lease) = self.pool.take(&key).await {
            let spare = copy(&request);
            match call.exchange(lease, request, spare).await {
                Ok(response) => return Ok(response),
                Err(Failed { again: Some(again), .. }) => request = *again,
                Err(Failed { error, .. }) => return Err(error),
            }
        }
        let lease = self.open(key, &call, proxy).await?;
        call.exchange(lease, request, None).await.map_err(|failed| failed.error)
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, HttpError> {
        lookup::addresses(host).await
    }
}

/// One request's destination and limits.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) target: Target,
    pub(crate) options: HttpOptions,
    end: Option<Instant>,
}

/// An exchange that failed, and the request where it may be sent again.
struct Failed {
    error: HttpError,
    again: Option<Box<Request>>,
}

impl Call {
    /// A call whose time begins now.
    fn new(target: Target, options: HttpOptions) -> Self {
        Self { target, options, end: options.whole.map(|whole| later(Instant::now(), whole)) }
    }

    /// The time left for all of it.
    fn left(&self) -> Duration {
        self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }

    /// `due`, or the end of the whole call where that is earlier.
    pub(crate) fn capped(&self, due: Instant) -> Instant {
        self.end.map_or(due, |end| due.min(end))
    }

    /// The error of a call whose whole time is over.
    pub(crate) fn over(&self, now: Instant) -> Option<HttpError> {
        let whole = self.options.whole.filter(|_| self.end.is_some_and(|end| end <= now))?;
        let message = format!("{} did not finish within {whole:?}", self.target);
        Some(HttpError::new(HttpErrorKind::Timeout, message))
    }

    /// The `spare` is a copy to be sent again where nothing speaks against it.
    async fn exchange(
        &self,
        mut lease: Lease,
        request: Request,
        spare: Option<Box<Request>>,
    ) -> Result<Response, Failed> {
        let activity = Arc::clone(&lease.connection.activity);
        activity.begin();
        let safe = matches!(*request.method(), Method::GET | Method::HEAD);
        let request = request.map(|body| Upload::new(body, Arc::clone(&activity)));
        let answered = self.head(lease.connection.sender.try_send_request(request), &activity).await;
        match answered.map_err(|error| Failed { error, again: None })? {
            Ok(response) => Ok(response.map(|incoming| answer::body(incoming, lease, self))),
            Err(mut refused) => {
                if let Some(unsent) = refused.take_message() {
                    let error = failure::exchange(refused.into_error(), &self.target);
                    return Err(Failed { error, again: Some(Box::new(unsent.map(Upload::into_source))) });
                }
                let cause = refused.into_error();
                let stale = !activity.has_written() || (safe && cause.is_incomplete_message());
                let error = activity.take_failure().unwrap_or_else(|| failure::exchange(cause, &self.target));
                let stale = stale && error.kind() == HttpErrorKind::Closed;
                Err(Failed { error, again: if stale { spare } else { None } })
            }
        }
    }

    /// Waits for the head of the answer as long as the upload moves and the limits allow.
    async fn head<E>(
        &self,
        sent: impl Future<Output = Result<http::Response<Incoming>, E>>,
        activity: &Activity,
    ) -> Result<Result<http::Response<Incoming>, E>, HttpError> {
        let HttpOptions { idle, first_byte, .. } = self.options;
        let step = idle.min(first_byte);
        let mut sent = pin!(sent);
        let mut timer = pin!(sleep_until(self.capped(later(Instant::now(), step))));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answered) = sent.as_mut().poll(cx) {
                    return Poll::Ready(Ok(answered));
                }
                ready!(timer.as_mut().poll(cx));
                let now = Instant::now();
                let due = self.capped(activity.due(idle, first_byte));
                if due <= now {
                    return Poll::Ready(Err(self.impatient(activity, now)));
                }
                timer.as_mut().reset(due.min(later(now, step)));
            }
        })
        .await
    }

    fn impatient(&self, activity: &Activity, now: Instant) -> HttpError {
        let (target, HttpOptions { idle, first_byte, .. }) = (&self.target, self.options);
        self.over(now).unwrap_or_else(|| {
            let message = match activity.is_sent() {
                true => format!("{target} did not begin its answer within {first_byte:?}"),
                false => format!("the upload to {target} stood still for {idle:?}"),
            };
            HttpError::new(HttpErrorKind::Timeout, message)
        })
    }
}

/// HTTP/1.1 as it stands on the wire: the path alone, or the whole URL for a proxy that reads it.
fn prepare(request: &mut Request, target: &Target, proxy: Option<&Proxy>) {
    *request.version_mut() = Version::HTTP_11;
    if !request.headers().contains_key(HOST)
        && let Some(host) = target.host_header()
    {
        request.headers_mut().insert(HOST, host);
    }
    // hyper leaves it out, but servers insist on it where a body could have been.
    if request.body().is_empty()
        && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH)
        && !request.headers().contains_key(CONTENT_LENGTH)
    {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let (Some(proxy), false) = (proxy, target.https) {
        if let Some(value) = &proxy.authorization {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value.clone());
        }
        return;
    }
    let uri = std::mem::take(request.uri_mut());
    if let Some(path) = uri.into_parts().path_and_query {
        *request.uri_mut() = Uri::from(path);
    }
}

/// The request once more, where its body is in memory.
fn copy(request: &Request) -> Option<Box<Request>> {
    let bytes = request.body().as_bytes()?.clone();
    let mut copy = http::Request::new(Body::from(bytes));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(Box::new(copy))
}

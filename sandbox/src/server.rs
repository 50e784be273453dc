//! One endpoint: accepts connections on loopback, and answers or misbehaves as told.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tucuxi_core::Clock;

use crate::seen::{Journal, Service};

/// How an endpoint misbehaves, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is closed without an answer.
    Refuse,
    /// The request is read and never answered.
    Hang,
    /// Every request is answered 500 with an empty body.
    ServerError,
    /// Every request is answered 200 with 64 MiB of the letter x, without a length.
    Oversized,
    /// The answer comes this much later on the sandbox's clock.
    Slow(Duration),
}

/// What stands behind an endpoint.
#[async_trait]
pub(crate) trait Answer: Send + Sync + 'static {
    async fn answer(&self, request: Request<Body>) -> Response<Body>;
}

/// What all endpoints of a sandbox share.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) journal: Journal,
    pub(crate) faults: Mutex<HashMap<Service, Fault>>,
    pub(crate) requests: AtomicU64,
    /// Turns true when the sandbox ends.
    pub(crate) stop: watch::Sender<bool>,
}

impl House {
    pub(crate) fn set_fault(&self, service: Service, fault: Option<Fault>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match fault {
            Some(fault) => faults.insert(service, fault),
            None => faults.remove(&service),
        };
    }

    fn fault(&self, service: Service) -> Option<Fault> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).get(&service).copied()
    }
}

/// A listener on a port that the system chooses.
pub(crate) async fn bind() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until the house stops; then lets running answers end. Dropping the future ends everything at once.
pub(crate) async fn serve(listener: TcpListener, service: Service, answer: Arc<dyn Answer>, house: Arc<House>) {
    let mut stop = house.stop.subscribe();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, service, Arc::clone(&answer), Arc::clone(&house)));
                }
                // Out of file descriptors, most likely: try again when a connection has had time to end.
                Err(_) => house.clock.sleep(Duration::from_millis(50)).await,
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse(stream: TcpStream, service: Service, answer: Arc<dyn Answer>, house: Arc<House>) {
    let mut stop = house.stop.subscribe();
    // Without it the second of two small writes waits for the other side's delayed acknowledgement: 40 ms.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reply = service_fn(move |request: Request<Incoming>| {
        let (answer, house) = (Arc::clone(&answer), Arc::clone(&house));
        async move { reply(request.map(Body::from), service, &*answer, &house).await }
    });
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), reply));
    let mut stopping = false;
    loop {
        tokio::select! {
            // How a connection ends, the client has seen itself.
            _ = connection.as_mut() => return,
            () = stopped(&mut stop), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn reply(
    request: Request<Body>,
    service: Service,
    answer: &dyn Answer,
    house: &House,
) -> Result<Response<Body>, Refused> {
    let number = house.journal.arrived(service, request.method().as_str(), request.uri().path());
    let mut response = match house.fault(service) {
        Some(Fault::Refuse) => return Err(Refused),
        Some(Fault::Hang) => {
            stopped(&mut house.stop.subscribe()).await;
            return Err(Refused);
        }
        Some(Fault::ServerError) => text(StatusCode::INTERNAL_SERVER_ERROR, ""),
        Some(Fault::Oversized) => Response::new(Body::http_body(Oversized(1024))),
        Some(Fault::Slow(delay)) => {
            house.clock.sleep(delay).await;
            answer.answer(request).await
        }
        None => answer.answer(request).await,
    };
    let id = format!("SANDBOX{:09X}", house.requests.fetch_add(1, Ordering::Relaxed));
    if let Ok(id) = HeaderValue::from_str(&id) {
        let name = match service {
            Service::SignIn | Service::Sso | Service::SsoOidc | Service::Sts => "x-amzn-requestid",
            Service::Container | Service::Imds | Service::S3 => "x-amz-request-id",
        };
        response.headers_mut().entry(name).or_insert(id);
    }
    house.journal.answered(number, response.status().as_u16());
    Ok(response)
}

/// Ends when the sandbox does.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sandbox is gone, which ends the wait as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// An answer of plain text.
pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// A body of unknown length: this many pieces of 64 KiB are left.
struct Oversized(u32);

impl hyper::body::Body for Oversized {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
        self.0 = left;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 64 * 1024])))))
    }
}

/// Makes hyper close the connection without an answer.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused by a fault switch")
    }
}

impl std::error::Error for Refused {}

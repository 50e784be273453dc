//! A plain HTTP client and requests signed by hand, so that the sandbox is tested without the S3 client.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::request::Builder;
use http::{HeaderMap, Request};
use tucuxi_core::{Body, Context, Credentials, Env, HttpClient, HttpOptions};
use tucuxi_sigv4::{Payload, Signer};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of the first XML element of this name.
    pub(crate) fn element(&self, name: &str) -> &str {
        let rest = self.body.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        rest.split_once("</").map_or("", |(text, _)| text)
    }
}

/// Real HTTP, and an environment without proxies.
pub(crate) fn context() -> Context {
    let context = tucuxi_transport::system().with_env(Env::fake::<String, String>([]));
    let http = tucuxi_transport::HyperClient::new(context.env(), context.fs(), Default::default());
    context.with_http(http)
}

pub(crate) fn http() -> Arc<dyn HttpClient> {
    Arc::clone(context().http())
}

pub(crate) fn now() -> SystemTime {
    context().clock().now()
}

pub(crate) async fn send(request: Builder, body: impl Into<Body>) -> Answer {
    send_to(&http(), request.body(body.into()).unwrap()).await
}

pub(crate) async fn send_to(http: &Arc<dyn HttpClient>, request: Request<Body>) -> Answer {
    let options = HttpOptions::within(Duration::from_secs(3), Duration::from_secs(20));
    let response = http.send(request, options).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect(1 << 20).await.unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// Signs in the headers.
pub(crate) fn signed(
    signer: &Signer,
    request: Builder,
    body: &'static str,
    credentials: &Credentials,
    at: SystemTime,
) -> Request<Body> {
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    signer.sign(&mut parts, Payload::Bytes(body.as_bytes()), credentials, at).unwrap();
    Request::from_parts(parts, Body::from(body))
}

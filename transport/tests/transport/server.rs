//! Scripted servers and what tests ask of them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tucuxi_core::{Body, Env, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request};
use tucuxi_transport::{HyperClient, TransportOptions};

/// A listener whose connections each run `session`, which is told how many came before.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start<F, S>(session: F) -> Self
    where
        F: Fn(usize, TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(session(count.fetch_add(1, Ordering::SeqCst), socket));
            }
        });
        Self { address, connections }
    }

    /// A server that gives the same bytes to every request on one connection after another.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_, mut socket| {
            let bytes = bytes.clone();
            async move {
                while let Some(_request) = read_head(&mut socket).await {
                    if socket.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The head of the next request, or nothing at the end of the connection.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Waits until the other side has closed.
pub(crate) async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut sink = [0; 1024];
    while matches!(stream.read(&mut sink).await, Ok(1..)) {}
}

/// Answers with the head that came as the body.
pub(crate) async fn echo_head(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<()> {
    let head = read_head(stream).await?;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{head}", head.len());
    stream.write_all(answer.as_bytes()).await.ok()
}

pub(crate) fn client(variables: &[(&str, &str)]) -> HyperClient {
    HyperClient::new(
        &Env::fake(variables.iter().copied()),
        &Fs::fake([] as [(&str, &str); 0]),
        TransportOptions::default(),
    )
}

pub(crate) fn get(url: impl AsRef<str>) -> Request {
    http::Request::get(url.as_ref()).body(Body::empty()).unwrap()
}

pub(crate) fn put(url: impl AsRef<str>, body: impl Into<Body>) -> Request {
    http::Request::put(url.as_ref()).body(body.into()).unwrap()
}

/// Sends and reads the whole answer.
pub(crate) async fn fetch(
    client: &HyperClient,
    request: Request,
    options: HttpOptions,
) -> Result<(u16, String), HttpError> {
    let (head, body) = client.send(request, options).await?.into_parts();
    let bytes = body.collect(u64::MAX).await?;
    Ok((head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap()))
}

/// Sends, and expects a failure of this kind that names the host and neither path nor query.
pub(crate) async fn fails(request: Request, options: HttpOptions, kind: HttpErrorKind) -> String {
    let host = request.uri().authority().unwrap().to_string();
    let answer = fetch(&client(&[]), request, options).await;
    let error = answer.unwrap_err();
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    assert!(message.contains(&host), "{message}");
    assert!(!format!("{error:?}").contains("SEKRIT"), "{error:?}");
    message
}

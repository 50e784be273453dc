//! Bodies that stream, and answers that are handed over as they are.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Interval;
use tucuxi_core::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, PollBody};

use crate::server::{Server, client, fails, fetch, get, put, read_head, until_closed};

/// A body in pieces.
pub(crate) struct Pieces {
    pieces: VecDeque<Bytes>,
    length: Option<u64>,
    pace: Option<Interval>,
    end: End,
}

enum End {
    Regular,
    Silence,
    Failure,
}

impl Pieces {
    pub(crate) fn of<const N: usize>(pieces: [&'static str; N]) -> Self {
        let pieces = pieces.into_iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect();
        Self { pieces, length: None, pace: None, end: End::Regular }
    }

    pub(crate) fn with_length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    pub(crate) fn every(mut self, pace: Duration) -> Self {
        self.pace = Some(tokio::time::interval(pace));
        self
    }

    pub(crate) fn then_silence(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    fn then_failure(mut self) -> Self {
        self.end = End::Failure;
        self
    }
}

impl PollBody for Pieces {
    fn poll_chunk(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        if let Some(pace) = &mut self.pace {
            std::task::ready!(pace.poll_tick(cx));
        }
        match (self.pieces.pop_front(), &self.end) {
            (Some(piece), _) => {
                self.length = self.length.map(|length| length.saturating_sub(piece.len() as u64));
                Poll::Ready(Some(Ok(piece)))
            }
            (None, End::Regular) => Poll::Ready(None),
            (None, End::Silence) => Poll::Pending,
            (None, End::Failure) => {
                Poll::Ready(Some(Err(HttpError::new(HttpErrorKind::Body, "the disk is on fire at 127.0.0.1"))))
            }
        }
    }

    fn remaining(&self) -> Option<u64> {
        self.length
    }
}

/// What a server saw of a `PUT`: its head in lower case and as many bytes as the test expects.
async fn uploaded(body: Body, bytes: usize) -> (String, String) {
    let server = Server::start(move |_, mut socket| async move {
        let head = read_head(&mut socket).await.unwrap().to_lowercase();
        let mut body = vec![0; bytes];
        socket.read_exact(&mut body).await.unwrap();
        let seen = format!("{head}{}", String::from_utf8(body).unwrap());
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{seen}", seen.len());
        socket.write_all(answer.as_bytes()).await.unwrap();
        until_closed(&mut socket).await;
    })
    .await;
    let (_, seen) = fetch(&client(&[]), put(server.url("/key"), body), HttpOptions::default()).await.unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_body_in_memory_has_its_length() {
    let (head, body) = uploaded(Body::from("hello"), 5).await;
    assert!(head.starts_with("put /key http/1.1\r\n") && head.contains("content-length: 5"), "{head}");
    assert_eq!(body, "hello");
    let (head, _) = uploaded(Body::empty(), 0).await;
    assert!(head.contains("content-length: 0"), "{head}");
}

#[tokio::test]
async fn a_stream_of_known_length_has_its_length() {
    let (head, body) = uploaded(Body::stream(Pieces::of(["hel", "", "lo"]).with_length(5)), 5).await;
    assert!(head.contains("content-length: 5") && !head.contains("transfer-encoding"), "{head}");
    assert_eq!(body, "hello");
}

#[tokio::test]
async fn a_stream_of_unknown_length_is_chunked() {
    let (head, body) = uploaded(Body::stream(Pieces::of(["hel", "lo"])), 20).await;
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "{head}");
    assert_eq!(body, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"[..20]);
}

#[tokio::test]
async fn a_body_that_fails_says_so_itself() {
    let server = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    let body = Body::stream(Pieces::of(["hel"]).then_failure());
    let message = fails_with(&server, body).await;
    assert_eq!(message, "the disk is on fire at 127.0.0.1");
}

#[tokio::test]
async fn a_body_of_another_length_than_it_said_is_an_error() {
    let server = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    for length in [4, 6] {
        let body = Body::stream(Pieces::of(["hello"]).with_length(length));
        assert!(fails_with(&server, body).await.contains("as long as it said"));
    }
}

async fn fails_with(server: &Server, body: Body) -> String {
    let error = client(&[]).send(put(server.url("/SEKRIT"), body), HttpOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Body, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_streamed_answer_arrives_in_pieces_with_its_length() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let response = client(&[]).send(get(server.url("/")), HttpOptions::default()).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(body.len(), Some(5));
    assert_eq!(body.chunk().await.unwrap().unwrap(), "hello");
    assert!(body.chunk().await.is_none());
}

#[tokio::test]
async fn an_answer_without_a_body_has_none() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\n\r\n").await;
    let request = http::Request::head(server.url("/")).body(Body::empty()).unwrap();
    let response = client(&[]).send(request, HttpOptions::default()).await.unwrap();
    assert_eq!(response.headers()["content-length"], "123456789");
    assert!(response.body().is_empty());
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let lure = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let elsewhere = format!("http://{}/", lure.address);
    let scheme_relative = format!("//{}/", lure.address);
    for (status, location) in [
        (300, elsewhere.as_str()),
        (301, &elsewhere),
        (302, &elsewhere),
        (303, &elsewhere),
        (304, &elsewhere),
        (305, &elsewhere),
        (306, &elsewhere),
        (307, &elsewhere),
        (308, &elsewhere),
        (302, &scheme_relative),
        (307, "/other"),
        (302, "http://169.254.169.254/latest/meta-data/"),
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nRefresh: 0; url={location}\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        let response = client(&[]).send(get(server.url("/")), HttpOptions::default()).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["location"], location);
        assert_eq!((server.connections(), lure.connections()), (1, 0));
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_is_refused() {
    fails(get("ftp://127.0.0.1/SEKRIT"), HttpOptions::default(), HttpErrorKind::Request).await;
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection() {
    let (closed, wait) = tokio::sync::oneshot::channel();
    let closed = std::sync::Arc::new(std::sync::Mutex::new(Some(closed)));
    let (begun, wait_begun) = tokio::sync::oneshot::channel();
    let begun = std::sync::Arc::new(std::sync::Mutex::new(Some(begun)));
    let server = Server::start(move |_, mut socket| {
        let (closed, begun) = (closed.lock().unwrap().take(), begun.lock().unwrap().take());
        async move {
            read_head(&mut socket).await;
            begun.unwrap().send(()).unwrap();
            until_closed(&mut socket).await;
            closed.unwrap().send(()).unwrap();
        }
    })
    .await;
    let client = client(&[]);
    let mut request = client.send(get(server.url("/")), HttpOptions::default());
    let mut wait_begun = std::pin::pin!(wait_begun);
    std::future::poll_fn(|cx| {
        assert!(request.as_mut().poll(cx).is_pending());
        wait_begun.as_mut().poll(cx)
    })
    .await
    .unwrap();
    drop(request);
    wait.await.unwrap();
}

//! How bodies go out: signed, in pieces, and once.

use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Cx, Poll};

use crate::common::{KEY, client, error, header, keys, world};
use bytes::Bytes;
use tucuxi_core::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, PollBody, Request, Response};
use tucuxi_s3_lite::{Client, ErrorKind};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

/// Pieces that can be had once.
struct Pieces(Vec<Bytes>);

impl PollBody for Pieces {
    fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        Poll::Ready(if self.0.is_empty() { None } else { Some(Ok(self.0.remove(0))) })
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

fn stream() -> Body {
    Body::stream(Pieces(vec![Bytes::from("hel"), Bytes::from("lo")]))
}

#[test]
fn the_payload_is_signed_as_the_road_demands() {
    let plain = "http://127.0.0.1:9000/bucket/key";
    let http = ScriptedHttp::new([Exchange::put(KEY), Exchange::put(KEY), Exchange::put(plain), Exchange::put(plain)]);
    let s3 = client(&http);
    block_on(s3.put_object("bucket", "key").body("hello").into_future()).unwrap();
    block_on(s3.put_object("bucket", "key").body(stream()).into_future()).unwrap();
    let s3 = s3.with_endpoint("http://127.0.0.1:9000");
    block_on(s3.put_object("bucket", "key").body(stream()).content_encoding("gzip").into_future()).unwrap();
    block_on(s3.anonymous().put_object("bucket", "key").body(stream()).into_future()).unwrap();
    http.assert_done();
    let hashes: Vec<_> = (0..4).map(|index| header(&http, index, "x-amz-content-sha256")).collect();
    assert_eq!(
        hashes,
        [
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "UNSIGNED-PAYLOAD",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            ""
        ]
    );
    assert_eq!(header(&http, 2, "content-encoding"), "aws-chunked,gzip");
    assert_eq!(header(&http, 2, "x-amz-decoded-content-length"), "5");
    let bodies: Vec<_> = http.seen().into_iter().map(|seen| String::from_utf8(seen.body.to_vec()).unwrap()).collect();
    assert_eq!((bodies[1].as_str(), bodies[3].as_str()), ("hello", "hello"));
    assert!(
        bodies[2].starts_with("5;chunk-signature=") && bodies[2].contains("\r\nhello\r\n0;chunk-signature="),
        "{}",
        bodies[2]
    );
}

#[test]
fn a_stream_goes_out_once() {
    let http = ScriptedHttp::new([Exchange::put(KEY).answers(503, error("SlowDown", ""))]);
    let failed = block_on(client(&http).put_object("bucket", "key").body(stream()).into_future()).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Throttled);
    http.assert_done();
    let unknown = Body::stream(Endless);
    let failed = block_on(client(&http).put_object("bucket", "key").body(unknown).into_future()).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::InvalidRequest);
}

struct Endless;

impl PollBody for Endless {
    fn poll_chunk(self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        Poll::Pending
    }
}

/// Refuses the first connection without reading the body.
#[derive(Debug, Default)]
struct RefusesFirst(Mutex<Vec<Bytes>>, AtomicUsize);

#[async_trait::async_trait]
impl HttpClient for &'static RefusesFirst {
    async fn send(&self, request: Request, _: HttpOptions) -> Result<Response, HttpError> {
        if self.1.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(HttpError::new(HttpErrorKind::Connect, "connection refused"));
        }
        let body = request.into_body().collect(1000).await?;
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(body);
        Ok(Response::new(Body::empty()))
    }

    async fn resolve(&self, _: &str) -> Result<Vec<std::net::IpAddr>, HttpError> {
        Ok(Vec::new())
    }
}

#[test]
fn a_stream_that_was_not_touched_may_still_go_out() {
    let http: &'static RefusesFirst = Box::leak(Box::default());
    let context = world(&ScriptedHttp::new([])).0.with_http(http);
    for endpoint in ["https://s3.test", "http://s3.test"] {
        http.1.store(0, Ordering::Relaxed);
        let s3 = Client::builder(&context).credentials(keys()).endpoint(endpoint).build().unwrap();
        block_on(s3.put_object("bucket", "key").body(stream()).into_future()).unwrap();
    }
    let bodies = http.0.lock().unwrap();
    assert_eq!(bodies[0].as_ref(), b"hello");
    assert!(bodies[1].starts_with(b"5;chunk-signature="));
}

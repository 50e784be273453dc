//! Streams that are made anew for each attempt.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use crate::common::{KEY, client, error, header, keys, world};
use bytes::Bytes;
use tucuxi_core::{Body, Credentials, HttpError, HttpErrorKind, PollBody, from_fn};
use tucuxi_s3_lite::{Client, Error, ErrorKind};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on};

/// A stream of one piece.
struct Piece(Bytes);

impl PollBody for Piece {
    fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let piece = std::mem::take(&mut self.0);
        Poll::Ready(if piece.is_empty() { None } else { Some(Ok(piece)) })
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

fn stream(text: &'static str) -> Body {
    Body::stream(Piece(Bytes::from_static(text.as_bytes())))
}

/// Uploads `hello` as a stream, which takes a second, and tells how often it was made.
fn put(s3: &Client, clock: &FakeClock) -> (Result<(), Error>, usize) {
    let made = Arc::new(AtomicUsize::new(0));
    let (count, clock) = (Arc::clone(&made), clock.clone());
    let request = s3.put_object("bucket", "key").body_from(move || {
        count.fetch_add(1, Ordering::Relaxed);
        clock.advance(Duration::from_secs(1));
        Ok(stream("hello"))
    });
    (block_on(request.into_future()).map(drop), made.load(Ordering::Relaxed))
}

#[test]
fn a_stream_that_can_be_made_again_is_sent_again_as_bytes_are() {
    let there = "https://bucket.s3.us-west-2.amazonaws.com/key";
    for (first, then) in [
        (Exchange::put(KEY).answers(503, error("SlowDown", "")), KEY),
        (Exchange::put(KEY).fails(HttpErrorKind::Closed), KEY),
        (Exchange::put(KEY).answers(400, error("AuthorizationHeaderMalformed", "<Region>us-west-2</Region>")), there),
        (
            Exchange::put(KEY)
                .answers(301, error("PermanentRedirect", ""))
                .answer_header("x-amz-bucket-region", "us-west-2"),
            there,
        ),
        (
            Exchange::put(KEY)
                .answers(403, error("RequestTimeTooSkewed", ""))
                .answer_header("date", "Thu, 01 Jan 2026 01:00:00 GMT"),
            KEY,
        ),
        (Exchange::put(KEY).answers(403, error("ExpiredToken", "")), KEY),
    ] {
        let http = ScriptedHttp::new([first.clone(), Exchange::put(then).answers(200, "")]);
        let asked = AtomicUsize::new(0);
        let vault = from_fn("vault", move || {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
        });
        let (context, clock) = world(&http);
        let (outcome, made) = put(&Client::builder(&context).credentials(vault).region("eu-west-1").deferred(), &clock);
        outcome.unwrap_or_else(|error| panic!("{first}: {}", error.report()));
        http.assert_done();
        assert_eq!(made, 2, "{first}");
        let seen = http.seen();
        assert!(seen.iter().all(|seen| seen.body == "hello"), "{first}");
        assert_ne!(seen[0].header("authorization"), seen[1].header("authorization"), "{first}");
    }
}

#[test]
fn chunks_are_signed_anew() {
    let url = "http://127.0.0.1:9000/bucket/key";
    let http = ScriptedHttp::new([
        Exchange::put(url).answers(503, error("SlowDown", "")),
        Exchange::put(url).answers(200, ""),
    ]);
    let (context, clock) = world(&http);
    let s3 = Client::builder(&context).credentials(keys()).endpoint("http://127.0.0.1:9000").deferred();
    put(&s3, &clock).0.unwrap();
    for (index, seen) in http.seen().iter().enumerate() {
        assert_eq!(header(&http, index, "x-amz-content-sha256"), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        assert!(seen.body.starts_with(b"5;chunk-signature="));
    }
    assert_ne!(http.seen()[0].body, http.seen()[1].body);
}

#[test]
fn attempts_have_an_end_and_refusals_are_final() {
    let fails = || Exchange::put(KEY).answers(503, error("ServiceUnavailable", ""));
    let http = ScriptedHttp::new([fails(), fails(), fails()]);
    let (outcome, made) = put(&client(&http), &FakeClock::auto());
    assert_eq!((outcome.unwrap_err().kind(), made), (ErrorKind::Unavailable, 3));
    http.assert_done();
    let http = ScriptedHttp::new([Exchange::put(KEY).answers(403, error("AccessDenied", ""))]);
    let (outcome, made) = put(&client(&http), &FakeClock::auto());
    assert_eq!((outcome.unwrap_err().kind(), made), (ErrorKind::Denied, 1));
    http.assert_done();
}

#[test]
fn a_function_that_fails_ends_the_call_whatever_its_error() {
    for kind in [HttpErrorKind::Timeout, HttpErrorKind::Connect, HttpErrorKind::Request, HttpErrorKind::Body] {
        let http = ScriptedHttp::new([]);
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let request = client(&http).put_object("bucket", "key").body_from(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Err(HttpError::new(kind, "no file today"))
        });
        let failed = block_on(request.into_future()).unwrap_err();
        assert_eq!((failed.kind(), asked.load(Ordering::Relaxed)), (ErrorKind::Body, 1), "{failed}");
        assert!(failed.to_string().contains("no file today"), "{failed}");
    }
}

#[test]
fn a_body_that_is_another_one_at_the_next_attempt_is_not_sent() {
    let gone = || Err(HttpError::new(HttpErrorKind::Body, "page.html is gone"));
    let length = "the body had 5 bytes at the first attempt and has 3 now";
    for (second, words) in [(Ok("hel"), length), (Err(()), "page.html is gone")] {
        let http = ScriptedHttp::new([Exchange::put(KEY).answers(503, error("SlowDown", ""))]);
        let mut first = true;
        let request = client(&http).put_object("bucket", "key").body_from(move || match std::mem::take(&mut first) {
            true => Ok(stream("hello")),
            false => second.map(stream).or_else(|()| gone()),
        });
        let failed = block_on(request.into_future()).unwrap_err();
        http.assert_done();
        assert_eq!(failed.kind(), ErrorKind::Body);
        assert!(failed.to_string().starts_with("PutObject s3://bucket/key: "), "{failed}");
        assert!(failed.to_string().contains(words), "{failed}");
    }
}

#[test]
fn bytes_from_a_function_are_signed_and_lengths_must_be_known() {
    let http = ScriptedHttp::new([Exchange::put(KEY).answers(200, "")]);
    block_on(client(&http).put_object("bucket", "key").body_from(|| Ok("hello".into())).into_future()).unwrap();
    assert!(header(&http, 0, "x-amz-content-sha256").starts_with("2cf24dba"));
    struct Endless;
    impl PollBody for Endless {
        fn poll_chunk(self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
            Poll::Pending
        }
    }
    let request = client(&http).put_object("bucket", "key").body_from(|| Ok(Body::stream(Endless)));
    assert_eq!(block_on(request.into_future()).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

//! Servers that send a byte a second.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::pin::Pin;
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use bytes::Bytes;
use tucuxi_core::{Body, Clock, HttpError, HttpOptions, PollBody};
use tucuxi_s3_lite::{Client, Error, ErrorKind};
use tucuxi_testkit::{FakeClock, ScriptedHttp, block_on, context};

use crate::common::keys;

/// Blanks, each of which takes a second.
struct Trickle(FakeClock, u64);

impl PollBody for Trickle {
    fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let Some(left) = self.1.checked_sub(1) else { return Poll::Ready(None) };
        self.1 = left;
        self.0.advance(Duration::from_secs(1));
        Poll::Ready(Some(Ok(Bytes::from_static(b" "))))
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.1)
    }
}

/// A client of a server that answers so, and how the time passes.
fn trickling(status: u16, bytes: u64) -> (Client, FakeClock) {
    let clock = FakeClock::auto();
    let passes = clock.clone();
    let http = ScriptedHttp::from_fn(move |_| {
        let body = Body::stream(Trickle(passes.clone(), bytes));
        Ok(http::Response::builder().status(status).body(body).unwrap())
    });
    let context = context().with_clock(clock.clone()).with_http(http);
    let builder = Client::builder(&context).credentials(keys()).region("eu-west-1").max_attempts(1);
    (builder.limits(HttpOptions::within(Duration::from_secs(3), Duration::from_secs(5))).deferred(), clock)
}

type Ask = fn(&Client) -> Result<(), Error>;

#[test]
fn what_is_read_as_a_whole_has_to_end() {
    let list: Ask = |s3| block_on(s3.buckets().try_next()).map(drop);
    let put: Ask = |s3| block_on(s3.put_object("bucket", "key").body("hello").into_future()).map(drop);
    let copy: Ask = |s3| block_on(s3.copy_object("bucket", "key", "bucket", "copy").into_future()).map(drop);
    let get: Ask = |s3| block_on(s3.get_object("bucket", "key").into_future()).map(drop);
    for (status, ask, kind, words, seconds) in [
        (200, list, ErrorKind::Unavailable, "the answer of s3.eu-west-1.amazonaws.com did not end within 10s", 11),
        (
            200,
            put,
            ErrorKind::Unavailable,
            "the answer of bucket.s3.eu-west-1.amazonaws.com did not end within 10s",
            11,
        ),
        // S3 copies gigabytes behind such a head.
        (200, copy, ErrorKind::Unavailable, "bucket.s3.eu-west-1.amazonaws.com did not end within 1200s", 1_201),
        // What was said before it trickled still counts.
        (403, list, ErrorKind::Denied, "403 Forbidden", 11),
        (403, get, ErrorKind::Denied, "403 Forbidden", 11),
    ] {
        let (s3, clock) = trickling(status, 60_000);
        let began = clock.now();
        let failed = ask(&s3).unwrap_err();
        assert_eq!(failed.kind(), kind, "{failed}");
        assert!(failed.to_string().contains(words), "{failed}");
        assert_eq!(clock.now(), began + Duration::from_secs(seconds), "{words}");
    }
}

#[test]
fn an_object_may_take_its_time() {
    let (s3, _) = trickling(200, 60_000);
    let object = block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    assert_eq!(block_on(object.bytes()).unwrap().len(), 60_000);
    // And a document up to its limit.
    let (s3, _) = trickling(200, 10);
    assert_eq!(block_on(s3.buckets().try_next()).unwrap_err().kind(), ErrorKind::BadAnswer);
}

//! A server that is down, or asks for fewer requests, and many calls.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tucuxi_core::retry::RetryMode;
use tucuxi_core::{Body, HttpError, HttpErrorKind, Response};
use tucuxi_s3_lite::Client;
use tucuxi_testkit::{FakeClock, ScriptedHttp, block_on, context};

use crate::common::{error, keys};

fn answer(status: u16, body: String) -> Result<Response, HttpError> {
    Ok(http::Response::builder().status(status).body(Body::from(body)).unwrap())
}

fn refused() -> Result<Response, HttpError> {
    Err(HttpError::new(HttpErrorKind::Connect, "connection refused"))
}

/// A thousand calls, ten at a time, each with its number of attempts at most.
#[track_caller]
fn check(attempts: u32, mode: RetryMode, answers: fn() -> Result<Response, HttpError>, most: usize) {
    let http = ScriptedHttp::from_fn(move |_| answers());
    let context = context().with_clock(FakeClock::auto()).with_http(http.clone());
    let s3 = Client::builder(&context)
        .credentials(keys())
        .region("eu-west-1")
        .max_attempts(attempts)
        .retry_mode(mode)
        .build()
        .unwrap();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= 1000 {
                        return;
                    }
                    let key = format!("key-{number}");
                    assert!(block_on(s3.get_object("bucket", key).into_future()).is_err());
                }
            });
        }
    });
    let mut sends = std::collections::BTreeMap::<String, u32>::new();
    for seen in http.seen() {
        *sends.entry(seen.url).or_default() += 1;
    }
    assert_eq!(sends.len(), 1000);
    assert!(sends.values().all(|sends| *sends <= attempts), "{:?}", sends.values().max());
    let all = http.seen().len();
    assert_eq!(all, most, "{mode:?} {attempts}");
}

#[test]
fn a_dead_server_sees_few_more_requests_than_calls() {
    for mode in [RetryMode::Standard, RetryMode::Adaptive] {
        check(3, mode, refused, 1000 + 500 / 14);
        check(3, mode, || answer(500, error("InternalError", "")), 1000 + 500 / 14);
        check(5, mode, || answer(503, String::new()), 1000 + 500 / 14);
        check(1, mode, refused, 1000);
    }
}

#[test]
fn a_server_that_asks_for_fewer_sees_few_more_requests_than_calls() {
    for mode in [RetryMode::Standard, RetryMode::Adaptive] {
        check(3, mode, || answer(503, error("SlowDown", "")), 1000 + 500 / 5);
        check(5, mode, || answer(400, error("RequestLimitExceeded", "")), 1000 + 500 / 5);
        check(1, mode, || answer(503, error("SlowDown", "")), 1000);
    }
}

#[test]
fn the_adaptive_mode_slows_down_every_request_and_the_standard_one_none() {
    for (mode, slowed) in [(RetryMode::Standard, false), (RetryMode::Adaptive, true)] {
        let first = AtomicUsize::new(0);
        let http = ScriptedHttp::from_fn(move |_| match first.fetch_add(1, Ordering::Relaxed) {
            0 => answer(503, error("SlowDown", "")),
            _ => answer(200, "hello".to_owned()),
        });
        let clock = FakeClock::auto();
        let context = context().with_clock(clock.clone()).with_http(http.clone());
        let builder = Client::builder(&context).credentials(keys()).region("eu-west-1").retry_mode(mode);
        let s3 = builder.max_attempts(1).build().unwrap();
        assert!(block_on(s3.get_object("bucket", "key").into_future()).is_err());
        for _ in 0..3 {
            block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        }
        // The least rate is one in two seconds; it grows as answers are good.
        let slept: Duration = clock.slept().iter().sum();
        assert_eq!(slept >= Duration::from_secs(2), slowed, "{mode:?}: {slept:?}");
        assert_eq!(clock.slept().is_empty(), !slowed, "{mode:?}");
    }
}

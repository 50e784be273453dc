//! A clock that is wrong here, or was.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Barrier};
use std::time::{Duration, SystemTime};

use tucuxi_core::{Body, Env, HttpError, Response, parse_timestamp};
use tucuxi_s3_lite::Client;
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, Seen, block_on, context};

use crate::common::{KEY, client, error, header, keys, world};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The time at the server, which stands still, and as its answers say it.
fn server() -> SystemTime {
    parse_timestamp(NOW).unwrap()
}

const NOW: &str = "Mon, 05 Jan 2026 12:00:00 GMT";

/// Answers as S3 does: a request must be signed within 15 minutes of the server's time.
fn judge(seen: &Seen) -> Result<Response, HttpError> {
    let signed = seen.signed_at().unwrap();
    let apart = signed.duration_since(server()).unwrap_or_else(|earlier| earlier.duration());
    let (status, body) = match apart > Duration::from_secs(15 * 60) {
        true => (403, error("RequestTimeTooSkewed", "")),
        false => (200, "hello".to_owned()),
    };
    Ok(http::Response::builder().status(status).header("date", NOW).body(Body::from(body)).unwrap())
}

fn signing_client(http: &ScriptedHttp, clock: &FakeClock) -> Client {
    let context = context().with_clock(clock.clone()).with_http(http.clone());
    Client::builder(&context).credentials(keys()).region("eu-west-1").build().unwrap()
}

#[test]
fn a_day_off_either_way_costs_one_request_and_none_once_it_is_known() {
    for here in [server() + DAY, server() - DAY] {
        let (http, clock) = (ScriptedHttp::from_fn(judge), FakeClock::auto());
        clock.set(here);
        let s3 = signing_client(&http, &clock);
        for sent in [2, 3, 4] {
            block_on(s3.get_object("bucket", "key").into_future()).unwrap();
            assert_eq!(http.seen().len(), sent);
        }
        // Another bucket of the region, at another host, profits too.
        block_on(s3.get_object("other", "key").into_future()).unwrap();
        assert_eq!(http.seen().len(), 5);
        assert!(clock.slept().is_empty(), "it is no failure that waiting would cure");
    }
}

#[test]
fn a_clock_that_is_put_right_is_believed_again() {
    let (http, clock) = (ScriptedHttp::from_fn(judge), FakeClock::auto());
    clock.set(server() + DAY);
    let s3 = signing_client(&http, &clock);
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    clock.set(server());
    // Signed with the old offset, refused, learned, and from then on right at once.
    for sent in [4, 5] {
        block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        assert_eq!(http.seen().len(), sent);
        assert_eq!(header(&http, sent - 1, "x-amz-date"), "20260105T120000Z");
    }
}

#[test]
fn a_hundred_calls_at_once_all_find_the_time() {
    for here in [server() + DAY, server() - DAY] {
        let clock = FakeClock::auto();
        clock.set(here);
        // No answer before all have been sent with the wrong time.
        let all = Arc::new(Barrier::new(100));
        let http = ScriptedHttp::from_fn(move |seen| {
            let answer = judge(seen)?;
            if answer.status() != 200 {
                all.wait();
            }
            Ok(answer)
        });
        let s3 = signing_client(&http, &clock);
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..100)
                .map(|_| scope.spawn(|| block_on(s3.get_object("bucket", "key").into_future()).map(drop)))
                .collect();
            for call in calls {
                call.join().unwrap().unwrap();
            }
        });
        assert_eq!(http.seen().len(), 200, "each call by its second attempt");
    }
}

#[test]
fn an_answer_without_a_document_may_be_about_the_clock_too() {
    let (http, clock) = (
        ScriptedHttp::from_fn(|seen| {
            let mut answer = judge(seen)?;
            *answer.body_mut() = Body::empty();
            Ok(answer)
        }),
        FakeClock::auto(),
    );
    clock.set(server() + DAY);
    block_on(signing_client(&http, &clock).head_object("bucket", "key").into_future()).unwrap();
    assert_eq!(http.seen().len(), 2);
    // With the right time a 403 is a 403.
    let http = ScriptedHttp::new([Exchange::new("HEAD", KEY).answers(403, "").answer_header("date", NOW)]);
    clock.set(server());
    assert!(block_on(signing_client(&http, &clock).head_object("bucket", "key").into_future()).is_err());
    http.assert_done();
}

#[test]
fn a_wrong_clock_is_corrected_by_the_servers() {
    let late = |exchange: Exchange| exchange.answer_header("date", "Thu, 01 Jan 2026 01:00:00 GMT");
    let refused = || late(Exchange::get(KEY).answers(403, error("RequestTimeTooSkewed", "")));
    let http = ScriptedHttp::new([
        refused(),
        late(Exchange::get(KEY).answers(200, "hello")),
        late(Exchange::get(KEY).answers(200, "hello")),
    ]);
    let s3 = client(&http);
    for _ in 0..2 {
        block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    }
    http.assert_done();
    let dates: Vec<_> = (0..3).map(|index| header(&http, index, "x-amz-date")).collect();
    assert_eq!(dates, ["20260101T000000Z", "20260101T010000Z", "20260101T010000Z"]);

    // Once: a server that refuses its own time is not asked again.
    let http = ScriptedHttp::new([refused(), refused()]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert!(failed.report().contains("set this machine's clock"), "{}", failed.report());
    http.assert_done();
    let later = Exchange::get(KEY)
        .answers(403, error("RequestTimeTooSkewed", ""))
        .answer_header("date", "Thu, 01 Jan 2026 03:00:00 GMT");
    let http = ScriptedHttp::new([refused(), later]);
    assert!(block_on(client(&http).get_object("bucket", "key").into_future()).is_err());
    http.assert_done();

    for (name, exchange) in
        [("AWS_DISABLE_CLOCK_SKEW_CORRECTION", refused()), ("OTHER", refused().answer_header("age", "9"))]
    {
        let http = ScriptedHttp::new([exchange]);
        let context = world(&http).0.with_env(Env::fake([(name, "true")]));
        let s3 = Client::builder(&context).credentials(keys()).region("eu-west-1").build().unwrap();
        assert!(block_on(s3.get_object("bucket", "key").into_future()).is_err());
        http.assert_done();
    }
}

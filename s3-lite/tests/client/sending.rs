//! Signing, judging answers and sending again.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use crate::common::{KEY, builder, client, error, header, keys, world};
use bytes::Bytes;
use tucuxi_core::{
    Body, Clock, Credentials, HttpClient, HttpError, HttpErrorKind, HttpOptions, PollBody, Request, Response, from_fn,
};
use tucuxi_s3_lite::{Client, ErrorKind};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on, context};

#[test]
fn a_retry_is_signed_anew() {
    let clock = tucuxi_testkit::FakeClock::auto();
    let moved = clock.clone();
    let sent = AtomicUsize::new(0);
    let http = ScriptedHttp::from_fn(move |_| {
        moved.advance(Duration::from_secs(2));
        let status = if sent.fetch_add(1, Ordering::Relaxed) == 0 { 503 } else { 200 };
        Ok(http::Response::builder().status(status).body(Body::empty()).unwrap())
    });
    let context = context().with_clock(clock).with_http(http.clone());
    let s3 = Client::builder(&context).credentials(keys()).region("eu-west-1").build().unwrap();
    block_on(s3.put_object("bucket", "key").body("hello").into_future()).unwrap();
    let seen = http.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].body, seen[1].body);
    assert_ne!(header(&http, 0, "x-amz-date"), header(&http, 1, "x-amz-date"));
    assert_ne!(header(&http, 0, "authorization"), header(&http, 1, "authorization"));
}

#[test]
fn attempts_have_an_end() {
    let fails = || Exchange::get(KEY).answers(500, error("InternalError", ""));
    let http = ScriptedHttp::new([fails(), fails(), fails()]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    http.assert_done();
    assert_eq!(
        (failed.kind(), failed.status(), failed.code()),
        (ErrorKind::Unavailable, Some(500), Some("InternalError"))
    );

    let http = ScriptedHttp::new([fails()]);
    let s3 = builder(&http).max_attempts(1).build().unwrap();
    assert!(block_on(s3.get_object("bucket", "key").into_future()).is_err());
    http.assert_done();
}

#[test]
fn what_may_pass_is_sent_again_and_what_may_not_is_not() {
    for (exchange, again) in [
        (Exchange::get(KEY).fails(HttpErrorKind::Connect), true),
        (Exchange::get(KEY).fails(HttpErrorKind::Timeout), true),
        (Exchange::get(KEY).fails(HttpErrorKind::Closed), true),
        (Exchange::get(KEY).fails(HttpErrorKind::Tls), false),
        (Exchange::get(KEY).answers(503, error("SlowDown", "")), true),
        (Exchange::get(KEY).answers(400, error("RequestTimeout", "")), true),
        (Exchange::get(KEY).answers(502, "<html>Bad gateway</html>"), true),
        (Exchange::get(KEY).answers(403, error("AccessDenied", "")), false),
        (Exchange::get(KEY).answers(404, error("NoSuchKey", "")), false),
        (Exchange::get(KEY).answers(501, error("NotImplemented", "")), false),
    ] {
        let mut script = vec![exchange.clone()];
        if again {
            script.push(Exchange::get(KEY).answers(200, "hello"));
        }
        let http = ScriptedHttp::new(script);
        let outcome = block_on(client(&http).get_object("bucket", "key").into_future());
        assert_eq!(outcome.is_ok(), again, "{exchange}");
        http.assert_done();
    }
}

#[test]
fn throttling_waits_longer_and_the_service_may_ask_for_more() {
    let http = ScriptedHttp::new([
        Exchange::get(KEY).answers(503, error("SlowDown", "")).answer_header("x-amz-retry-after", "1500"),
        Exchange::get(KEY).answers(200, "hello"),
    ]);
    let (context, clock) = world(&http);
    let s3 = Client::builder(&context).credentials(keys()).region("eu-west-1").build().unwrap();
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    let slept: Vec<_> = clock.slept();
    assert_eq!(slept.len(), 1, "{slept:?}");
    assert!(slept[0] >= Duration::from_millis(1500) && slept[0] <= Duration::from_millis(6500), "{slept:?}");
}

#[test]
fn the_root_element_decides_whether_a_200_is_an_error() {
    let copied = "https://bucket.s3.eu-west-1.amazonaws.com/copy";
    let copy = |http: &ScriptedHttp| {
        block_on(client(http).copy_object("bucket", "SlowDown InternalError <Error>", "bucket", "copy").into_future())
    };
    let good = "<CopyObjectResult><ETag>\"InternalError SlowDown\"</ETag><Note>&lt;Error&gt;</Note></CopyObjectResult>";
    let http = ScriptedHttp::new([Exchange::put(copied).answers(200, good)]);
    assert_eq!(copy(&http).unwrap().e_tag(), Some("\"InternalError SlowDown\""));
    http.assert_done();

    let http = ScriptedHttp::new([Exchange::put(copied).answers(200, error("AccessDenied", ""))]);
    assert_eq!(copy(&http).unwrap_err().code(), Some("AccessDenied"));
    http.assert_done();

    // What a failed server says in a 200 is worth another try, as if it were a 500.
    let http = ScriptedHttp::new([
        Exchange::put(copied).answers(200, error("InternalError", "")),
        Exchange::put(copied).answers(200, good),
    ]);
    assert!(copy(&http).is_ok());
    http.assert_done();

    let http = ScriptedHttp::new([Exchange::put(copied).answers(200, "")]);
    assert_eq!(copy(&http).unwrap_err().kind(), ErrorKind::BadAnswer);
}

#[test]
fn heads_have_no_document_so_the_status_speaks() {
    for (status, kind) in [
        (404, ErrorKind::NotFound),
        (403, ErrorKind::Denied),
        (304, ErrorKind::NotModified),
        (412, ErrorKind::PreconditionFailed),
        (400, ErrorKind::Refused),
    ] {
        let http = ScriptedHttp::new([Exchange::new("HEAD", KEY).answers(status, "")]);
        let failed = block_on(client(&http).head_object("bucket", "key").into_future()).unwrap_err();
        assert_eq!((failed.kind(), failed.status(), failed.code()), (kind, Some(status), None));
    }
}

#[test]
fn a_bucket_elsewhere_is_found_and_remembered() {
    let there = "https://bucket.s3.us-west-2.amazonaws.com/key";
    let answers = [
        Exchange::get(KEY)
            .answers(301, error("PermanentRedirect", ""))
            .answer_header("x-amz-bucket-region", "us-west-2"),
        Exchange::get(KEY).answers(400, error("AuthorizationHeaderMalformed", "<Region>us-west-2</Region>")),
        Exchange::get(KEY)
            .answers(301, error("PermanentRedirect", "<Endpoint>bucket.s3-us-west-2.amazonaws.com</Endpoint>")),
        Exchange::get(KEY)
            .answers(307, error("TemporaryRedirect", ""))
            .answer_header("location", "https://bucket.s3.us-west-2.amazonaws.com/key"),
    ];
    for wrong in answers {
        let found = || Exchange::get(there).answers(200, "hello");
        let http = ScriptedHttp::new([wrong.clone(), found(), found()]);
        let s3 = client(&http);
        for _ in 0..2 {
            block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        }
        http.assert_done();
        assert!(header(&http, 0, "authorization").contains("/eu-west-1/s3/"), "{wrong}");
        assert!(header(&http, 1, "authorization").contains("/us-west-2/s3/"), "{wrong}");
    }
    let http = ScriptedHttp::new([
        Exchange::new("HEAD", KEY).answers(301, "").answer_header("x-amz-bucket-region", "us-west-2"),
        Exchange::new("HEAD", there).answers(200, ""),
    ]);
    block_on(client(&http).head_object("bucket", "key").into_future()).unwrap();
    http.assert_done();
}

#[test]
fn a_redirect_is_an_error_when_it_leads_nowhere() {
    let redirect = |region: &str| {
        Exchange::get(KEY).answers(301, error("PermanentRedirect", "")).answer_header("x-amz-bucket-region", region)
    };
    for (region, hint) in [
        ("eu-west-1", "set the region to eu-west-1"),
        // No answer may lead a request to another cloud, or to a host of its choice.
        ("cn-north-1", "set the region to cn-north-1"),
        ("evil.example.com/", ""),
    ] {
        let http = ScriptedHttp::new([redirect(region)]);
        let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::WrongRegion, "{region}");
        assert_eq!(failed.hint().unwrap_or_default(), hint, "{region}");
        http.assert_done();
    }
    // Once, not for ever.
    let http = ScriptedHttp::new([
        redirect("us-west-2"),
        Exchange::get("https://bucket.s3.us-west-2.amazonaws.com/key")
            .answers(301, error("PermanentRedirect", ""))
            .answer_header("x-amz-bucket-region", "us-east-2"),
    ]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert_eq!((failed.kind(), failed.bucket_region()), (ErrorKind::WrongRegion, Some("us-east-2")));
    http.assert_done();
}

#[test]
fn an_endpoint_of_ones_own_keeps_its_host_and_changes_its_signature() {
    let url = "http://127.0.0.1:9000/bucket/key";
    let http = ScriptedHttp::new([
        Exchange::get(url).answers(400, error("AuthorizationHeaderMalformed", "<Region>us-east-1</Region>")),
        Exchange::get(url).answers(200, "hello"),
    ]);
    let s3 = client(&http).with_endpoint("http://127.0.0.1:9000");
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    assert!(header(&http, 1, "authorization").contains("/us-east-1/s3/"));
    http.assert_done();
}

/// A client whose source gives another key each time, and how often it was asked.
fn renewing(http: &ScriptedHttp) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = from_fn("vault", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
    });
    (Client::builder(&world(http).0).credentials(provider).region("eu-west-1").deferred(), asked)
}

#[test]
fn a_rejected_key_is_renewed_once() {
    for code in ["ExpiredToken", "InvalidAccessKeyId", "TokenRefreshRequired", "ExpiredTokenException"] {
        let http = ScriptedHttp::new([
            Exchange::get(KEY).answers(403, error(code, "")),
            Exchange::get(KEY).answers(200, "hello"),
        ]);
        let (s3, asked) = renewing(&http);
        block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        http.assert_done();
        assert!(header(&http, 0, "authorization").contains("Credential=AKID0/"), "{code}");
        assert!(header(&http, 1, "authorization").contains("Credential=AKID1/"), "{code}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);

        let rejects = || Exchange::get(KEY).answers(403, error(code, ""));
        let http = ScriptedHttp::new([rejects(), rejects()]);
        let failed = block_on(renewing(&http).0.get_object("bucket", "key").into_future()).unwrap_err();
        assert!(failed.report().contains("AKID1 from vault"), "{}", failed.report());
        http.assert_done();
    }
    // A source without another key is not asked to sign the same thing again.
    let http = ScriptedHttp::new([Exchange::get(KEY).answers(403, error("InvalidAccessKeyId", ""))]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert!(failed.is_access_denied());
    http.assert_done();
    let (s3, asked) = renewing(&ScriptedHttp::new([Exchange::get(KEY).answers(403, error("AccessDenied", ""))]));
    assert!(block_on(s3.get_object("bucket", "key").into_future()).is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_expired_on_the_way_is_renewed_whatever_the_answer_says() {
    // A HEAD's answer gives no reason, and some servers give another when a session ends under their eyes.
    for (took, head, code, renewed) in [
        (10, true, "", true),
        (10, false, "AccessDenied", true),
        (1, true, "", false),
        (1, false, "AccessDenied", false),
    ] {
        let clock = tucuxi_testkit::FakeClock::auto();
        let (moved, ends) = (clock.clone(), clock.now() + Duration::from_secs(5));
        let http = ScriptedHttp::from_fn(move |seen| {
            moved.advance(Duration::from_secs(took));
            let old = seen.header("authorization").unwrap_or_default().contains("=AKID0/");
            let (status, body) = if old { (403, error(code, "")) } else { (200, String::new()) };
            let body = if head { Body::empty() } else { Body::from(body) };
            Ok(http::Response::builder().status(status).body(body).unwrap())
        });
        let asked = AtomicUsize::new(0);
        let provider = from_fn("vault", move || {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let keys = Credentials::new(format!("AKID{number}"), "secret");
            async move { Ok(if number == 0 { keys.with_expires_at(ends) } else { keys }) }
        });
        let context = context().with_clock(clock).with_http(http.clone());
        let s3 = Client::builder(&context).credentials(provider).region("eu-west-1").deferred();
        let outcome = match head {
            true => block_on(s3.head_object("bucket", "key").into_future()).is_ok(),
            false => block_on(s3.get_object("bucket", "key").into_future()).is_ok(),
        };
        assert_eq!((outcome, http.seen().len()), (renewed, 1 + usize::from(renewed)), "{took} {head}");
    }
}

#[test]
fn an_anonymous_client_signs_nothing() {
    let http = ScriptedHttp::new([
        Exchange::get(KEY)
            .without("authorization")
            .without("x-amz-security-token")
            .without("x-amz-date")
            .answers(200, ""),
        Exchange::get(KEY).without("authorization").answers(403, error("AccessDenied", "")),
    ]);
    let s3 = client(&http).anonymous();
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    let failed = block_on(s3.get_object("bucket", "key").into_future()).unwrap_err();
    http.assert_done();
    assert!(failed.report().contains("signed by: nobody"), "{}", failed.report());
}

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

#[tucuxi_core::async_trait]
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

#[test]
fn wrong_settings_show_at_once_or_when_something_is_sent() {
    let http = ScriptedHttp::new([]);
    for (wrong, words) in [
        (builder(&http).region("a b"), "is not a region name"),
        (builder(&http).endpoint("localhost"), "the S3 endpoint URL"),
        (builder(&http).endpoint("https://h").fips(true), "FIPS"),
        (builder(&http).accelerate(true).fips(true), "FIPS"),
        (Client::builder(&context()).region("eu-west-1"), "has no credentials"),
        (builder(&http).invalid(tucuxi_core::Error::invalid_config("config:3 is wrong")), "config:3 is wrong"),
    ] {
        let failed = wrong.clone().build().unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Config, "{words}");
        assert!(failed.report().contains(words), "{}", failed.report());
        let later = block_on(wrong.deferred().get_object("b", "k").into_future()).unwrap_err();
        assert!(later.credentials_error().is_some() && later.report().contains(words), "{}", later.report());
    }
    let failed =
        block_on(client(&http).with_endpoint("ftp://h").get_object("bucket", "key").into_future()).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Config);
    for (bucket, key) in [("", "key"), ("a/b", "key"), ("bucket", "")] {
        let failed = block_on(client(&http).get_object(bucket, key).into_future()).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::InvalidRequest, "{bucket:?} {key:?}");
    }
    http.assert_done();
}

#[test]
fn credentials_that_cannot_be_had_are_said_so() {
    let http = ScriptedHttp::new([]);
    let none = from_fn("vault", || async { Err(tucuxi_core::Error::not_configured("no vault here")) });
    let s3 = Client::builder(&world(&http).0).credentials(none).build().unwrap();
    let failed = block_on(s3.buckets().try_next()).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Credentials);
    assert_eq!(failed.to_string(), "ListBuckets: no credentials to sign with");
    assert!(failed.report().contains("no vault here"), "{}", failed.report());
}

#[test]
fn an_error_tells_all_it_knows_and_no_secret() {
    let more = "<RequestId>REQ</RequestId><HostId>HOST</HostId><Token-0>SEKRITtoken</Token-0><StringToSign>SEKRIT</StringToSign>";
    let http = ScriptedHttp::new([Exchange::get("https://bucket.s3.eu-west-1.amazonaws.com/a%0Ab")
        .answers(403, error("SignatureDoesNotMatch", more))
        .answer_header("retry-after", "7")]);
    let failed = block_on(client(&http).get_object("bucket", "a\nb").into_future()).unwrap_err();
    assert_eq!(
        failed.to_string(),
        "GetObject s3://bucket/a\\nb: 403 SignatureDoesNotMatch: Words of SignatureDoesNotMatch"
    );
    assert_eq!((failed.bucket(), failed.key()), (Some("bucket"), Some("a\nb")));
    assert_eq!((failed.request_id(), failed.extended_request_id()), (Some("REQ"), Some("HOST")));
    assert_eq!(failed.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(failed.message(), Some("Words of SignatureDoesNotMatch."));
    assert_eq!(
        failed.report().lines().skip(1).collect::<Vec<_>>(),
        [
            "  signed by: AKIDEXAMPLE from profile dev",
            "  request id: REQ",
            "  extended request id: HOST",
            "  try: the secret that belongs to AKIDEXAMPLE is wrong: correct it in profile dev"
        ]
    );
    assert!(!format!("{failed:?}{}", failed.report()).contains("SEKRIT"));
    let shown = format!("{:?}", client(&http));
    assert!(!shown.contains("SEKRIT"), "{shown}");
}

#[test]
fn a_global_client_starts_at_us_east_1() {
    let http = ScriptedHttp::new([Exchange::get("https://bucket.s3.amazonaws.com/key")]);
    let s3 = Client::builder(&world(&http).0).credentials(keys()).build().unwrap();
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    assert!(header(&http, 0, "authorization").contains("/us-east-1/s3/"));
    http.assert_done();
}

//! Signing, judging answers and sending again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{KEY, builder, client, error, header, keys, world};
use tucuxi_core::{Body, HttpErrorKind, from_fn};
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

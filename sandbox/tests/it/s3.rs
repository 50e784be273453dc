//! S3 lets in who has a live key, and nobody else.

use std::time::{Duration, SystemTime};

use crate::common::{Answer, http, now, send, send_to, signed};
use http::Request;
use http::request::Builder;
use tucuxi_core::{Body, Credentials, HttpErrorKind, HttpOptions};
use tucuxi_sandbox::{Fault, Sandbox, Service};
use tucuxi_sigv4::{Payload, Signer};
use tucuxi_testkit::FakeClock;

const HOUR: Duration = Duration::from_secs(3600);

async fn call(sandbox: &Sandbox, credentials: &Credentials, request: Builder, body: &'static str) -> Answer {
    call_at(sandbox, credentials, request, body, now()).await
}

async fn call_at(
    sandbox: &Sandbox,
    credentials: &Credentials,
    request: Builder,
    body: &'static str,
    at: SystemTime,
) -> Answer {
    send_to(&http(), signed(&Signer::s3(sandbox.region()), request, body, credentials, at)).await
}

async fn with_bucket() -> Sandbox {
    let sandbox = Sandbox::start().await.unwrap();
    let put = Request::put(url(&sandbox, "/bucket"));
    assert_eq!(call(&sandbox, sandbox.credentials(), put, "").await.status, 200);
    sandbox
}

fn url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}{path}", sandbox.s3_endpoint())
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let (pair, session) = (sandbox.credentials().clone(), sandbox.session(HOUR));
    let (id, secret) = (session.access_key_id(), session.secret_access_key());
    let with = |id: &str, secret: &str| Credentials::new(id, secret);
    let check = async |credentials: &Credentials, status: u16, code: &str| {
        let answer = call(&sandbox, credentials, Request::get(url(&sandbox, "/")), "").await;
        assert_eq!((answer.status, answer.element("Code")), (status, code), "{}", answer.body);
    };
    check(&pair, 200, "").await;
    check(&session, 200, "").await;
    check(&with(pair.access_key_id(), "wrong"), 403, "SignatureDoesNotMatch").await;
    check(&with("AKIANOBODY", "secret"), 403, "InvalidAccessKeyId").await;
    check(&with(id, secret), 403, "InvalidAccessKeyId").await;
    check(&with(id, secret).with_session_token("wrong"), 400, "InvalidToken").await;
    check(&with(id, "wrong").with_session_token(session.session_token().unwrap()), 403, "SignatureDoesNotMatch").await;
    check(&pair.clone().with_session_token("stale"), 400, "InvalidToken").await;
    clock.advance(HOUR);
    check(&session, 400, "ExpiredToken").await;
    check(&pair, 200, "").await;
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let sandbox = with_bucket().await;
    let pair = sandbox.credentials();
    let object = || Request::put(url(&sandbox, "/bucket/key"));
    let answer = send(object(), "body").await;
    assert_eq!((answer.status, answer.element("Code")), (403, "AccessDenied"));
    for at in [now() - HOUR, now() + HOUR] {
        let answer = call_at(&sandbox, pair, object(), "body", at).await;
        assert_eq!((answer.status, answer.element("Code")), (403, "RequestTimeTooSkewed"));
    }
    let elsewhere = signed(&Signer::s3("eu-west-1"), object(), "body", pair, now());
    let answer = send_to(&http(), elsewhere).await;
    assert_eq!((answer.status, answer.element("Code")), (400, "AuthorizationHeaderMalformed"));
    assert_eq!(answer.header("x-amz-bucket-region"), "us-east-1");

    for service in ["sts", "iam"] {
        let other = signed(&Signer::new("us-east-1", service), object(), "body", pair, now());
        let answer = send_to(&http(), other).await;
        assert_eq!((answer.status, answer.element("Code")), (400, "AuthorizationHeaderMalformed"), "{service}");
    }

    let mut added = signed(&Signer::s3("us-east-1"), object(), "body", pair, now());
    added.headers_mut().insert("x-amz-acl", "public-read".parse().unwrap());
    assert_eq!(send_to(&http(), added).await.status, 403);

    let other_body = signed(&Signer::s3("us-east-1"), object(), "body", pair, now()).map(|_| Body::from("ydob"));
    assert_ne!(send_to(&http(), other_body).await.status, 200);
    let head = call(&sandbox, pair, Request::head(url(&sandbox, "/bucket/key")), "").await;
    assert_eq!(head.status, 404, "something that was refused has been stored");
}

#[tokio::test]
async fn a_presigned_url_needs_no_keys_and_ends() {
    let sandbox = with_bucket().await;
    let session = sandbox.session(HOUR);
    assert_eq!(call(&sandbox, &session, Request::put(url(&sandbox, "/bucket/a%20b")), "hello").await.status, 200);
    let presigned = |credentials: &Credentials, at: SystemTime| {
        let (mut parts, ()) = Request::get(url(&sandbox, "/bucket/a%20b")).body(()).unwrap().into_parts();
        let ttl = Duration::from_secs(60);
        Signer::s3("us-east-1").presign(&mut parts, Payload::Unsigned, credentials, at, ttl).unwrap();
        parts.uri.to_string()
    };
    let right = presigned(&session, now());
    let answer = send(Request::get(&right), "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
    assert_eq!(send(Request::delete(&right), "").await.status, 403);
    assert_eq!(send(Request::get(format!("{right}&versionId=1")), "").await.status, 403);
    assert_eq!(send(Request::get(presigned(&session, now() - HOUR)), "").await.status, 403);
    let bare = Credentials::new(session.access_key_id(), session.secret_access_key());
    assert_eq!(send(Request::get(presigned(&bare, now())), "").await.status, 403);
    let added = format!("{}&X-Amz-Security-Token=x", presigned(&bare, now()));
    assert_eq!(send(Request::get(added), "").await.status, 403);
}

#[tokio::test]
async fn objects_have_tags_ranges_and_conditions() {
    let sandbox = with_bucket().await;
    let pair = sandbox.credentials();
    let key = url(&sandbox, "/bucket/key");
    let put = call(&sandbox, pair, Request::put(&key), "0123456789").await;
    let etag = put.header("etag").to_owned();
    assert_eq!(etag, "\"781e5e245d69b566979b86e28d23f2c7\"");
    for (name, value, status, body) in [
        ("range", "bytes=2-4", 206, "234"),
        ("range", "bytes=-2", 206, "89"),
        ("range", "bytes=8-", 206, "89"),
        ("range", "bytes=10-", 416, ""),
        ("if-match", etag.as_str(), 200, "0123456789"),
        ("if-match", "\"0\"", 412, ""),
        ("if-none-match", etag.as_str(), 304, ""),
        ("if-none-match", "\"0\"", 200, "0123456789"),
        ("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT", 304, ""),
        ("if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT", 412, ""),
    ] {
        let answer = call(&sandbox, pair, Request::get(&key).header(name, value), "").await;
        assert_eq!(answer.status, status, "{name}: {value}");
        if status < 300 {
            assert_eq!(answer.body, body, "{name}: {value}");
        }
    }
    for (name, value, status) in [("if-none-match", "*", 412), ("if-match", "\"0\"", 412), ("if-match", &etag, 200)] {
        let answer = call(&sandbox, pair, Request::put(&key).header(name, value), "new").await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    let wrong = Request::put(&key).header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(call(&sandbox, pair, wrong, "worse").await.status, 400);
    assert_eq!(call(&sandbox, pair, Request::get(&key), "").await.body, "new", "a refused write has been kept");
    assert_eq!(call(&sandbox, pair, Request::delete(url(&sandbox, "/bucket")), "").await.status, 409);
    assert_eq!(call(&sandbox, pair, Request::delete(&key), "").await.status, 204);
    assert_eq!(call(&sandbox, pair, Request::delete(&key), "").await.status, 204);
    assert_eq!(call(&sandbox, pair, Request::get(&key), "").await.element("Code"), "NoSuchKey");
    assert_eq!(
        call(&sandbox, pair, Request::get(url(&sandbox, "/other/key")), "").await.element("Code"),
        "NoSuchBucket"
    );
    assert_eq!(call(&sandbox, pair, Request::delete(url(&sandbox, "/bucket")), "").await.status, 204);
}

#[tokio::test]
async fn an_upload_in_parts_survives_a_change_of_keys() {
    let sandbox = with_bucket().await;
    let (first, second) = (sandbox.session(HOUR), sandbox.session(HOUR));
    let key = url(&sandbox, "/bucket/a//b");
    let begun = call(&sandbox, &first, Request::post(format!("{key}?uploads=")), "").await;
    let id = begun.element("UploadId").to_owned();
    assert_eq!(begun.element("Key"), "a//b");
    let part = call(&sandbox, &first, Request::put(format!("{key}?partNumber=1&uploadId={id}")), "hello").await;
    let etag = part.header("etag").to_owned();
    let parts = call(&sandbox, &second, Request::get(format!("{key}?uploadId={id}")), "").await;
    assert_eq!((parts.element("PartNumber"), parts.element("Size")), ("1", "5"), "{}", parts.body);
    assert!(parts.body.contains(etag.trim_matches('"')), "{}", parts.body);
    let uploads = call(&sandbox, &second, Request::get(url(&sandbox, "/bucket?uploads=")), "").await;
    assert_eq!((uploads.element("Key"), uploads.element("UploadId")), ("a//b", id.as_str()));

    let complete = |etag: &str| {
        format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
             </CompleteMultipartUpload>"
        )
        .leak()
    };
    let post = || Request::post(format!("{key}?uploadId={id}"));
    assert_eq!(call(&sandbox, &second, post(), complete("\"0\"")).await.element("Code"), "InvalidPart");
    let done = call(&sandbox, &second, post(), complete(&etag)).await;
    assert_eq!((done.status, done.element("Key")), (200, "a//b"), "{}", done.body);
    assert_eq!(call(&sandbox, &second, post(), complete(&etag)).await.element("Code"), "NoSuchUpload");
    assert_eq!(call(&sandbox, &first, Request::get(&key), "").await.body, "hello");
}

#[tokio::test]
async fn buckets_are_listed_page_by_page() {
    let sandbox = with_bucket().await;
    let pair = sandbox.credentials();
    for name in ["/alpha", "/beta"] {
        assert_eq!(call(&sandbox, pair, Request::put(url(&sandbox, name)), "").await.status, 200);
    }
    let again = call(&sandbox, pair, Request::put(url(&sandbox, "/beta")), "").await;
    assert_eq!((again.status, again.element("Code")), (409, "BucketAlreadyOwnedByYou"));
    let page = call(&sandbox, pair, Request::get(url(&sandbox, "/?max-buckets=2")), "").await;
    assert_eq!((page.body.matches("<Name>").count(), page.element("ContinuationToken")), (2, "beta"), "{}", page.body);
    let rest = call(&sandbox, pair, Request::get(url(&sandbox, "/?continuation-token=beta&max-buckets=2")), "").await;
    assert_eq!((rest.element("Name"), rest.element("ContinuationToken")), ("bucket", ""), "{}", rest.body);
}

#[tokio::test]
async fn faults_come_and_go() {
    let sandbox = Sandbox::start().await.unwrap();
    let get = || Request::get(url(&sandbox, "/")).body(Body::empty()).unwrap();
    let options = HttpOptions::within(Duration::from_secs(3), Duration::from_millis(200)).with_body_limit(1000);
    for (fault, expected) in [
        (Fault::Refuse, Err(HttpErrorKind::Closed)),
        (Fault::Hang, Err(HttpErrorKind::Timeout)),
        (Fault::ServerError, Ok(500)),
        (Fault::Oversized, Err(HttpErrorKind::TooLarge)),
    ] {
        sandbox.set_fault(Service::S3, Some(fault));
        let answer = match http().send(get(), options).await {
            Ok(response) => {
                let status = response.status().as_u16();
                response.into_body().collect(1000).await.map(|_| status)
            }
            Err(error) => Err(error),
        };
        assert_eq!(answer.map_err(|error| error.kind()), expected, "{fault:?}");
    }
    sandbox.set_fault(Service::S3, None);
    assert_eq!(call(&sandbox, sandbox.credentials(), Request::get(url(&sandbox, "/")), "").await.status, 200);
}

#[tokio::test]
async fn a_slow_endpoint_waits_on_the_sandbox_s_clock() {
    let clock = FakeClock::auto();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    sandbox.set_fault(Service::Sts, Some(Fault::Slow(HOUR)));
    assert_eq!(send(Request::get(sandbox.sts_endpoint()), "").await.status, 400);
    assert_eq!(clock.slept(), [HOUR]);
}

#[tokio::test]
async fn nothing_is_left_when_it_ends() {
    for graceful in [true, false] {
        let sandbox = with_bucket().await;
        let (s3, sts, imds) = (sandbox.s3_endpoint(), sandbox.sts_endpoint(), sandbox.imds_endpoint());
        if graceful {
            sandbox.set_fault(Service::Sts, Some(Fault::Hang));
            let hanging = tokio::spawn(send_quietly(sts.clone()));
            while sandbox.count(Service::Sts) == 0 {
                tokio::task::yield_now().await;
            }
            sandbox.shutdown().await;
            assert!(!hanging.await.unwrap());
        } else {
            drop(sandbox);
            tokio::task::yield_now().await;
        }
        for endpoint in [s3, sts, imds] {
            assert!(!send_quietly(endpoint.clone()).await, "{endpoint} still answers");
        }
    }
}

async fn send_quietly(url: String) -> bool {
    http().send(Request::get(url).body(Body::empty()).unwrap(), HttpOptions::default()).await.is_ok()
}

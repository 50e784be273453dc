//! URLs for others.

use std::time::{Duration, SystemTime};

use crate::common::{client, keys, world};
use tucuxi_core::Credentials;
use tucuxi_s3_lite::{Client, ErrorKind};
use tucuxi_testkit::{ScriptedHttp, block_on};

/// Where the clock of the tests begins.
fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn with(credentials: Credentials) -> Client {
    Client::builder(&world(&ScriptedHttp::new([])).0).credentials(credentials).region("eu-west-1").deferred()
}

#[test]
fn a_url_carries_its_signature_and_nothing_is_sent() {
    let s3 = client(&ScriptedHttp::new([]));
    let url = block_on(s3.get_object("bucket", "a b/+").version_id("v").presign(Duration::from_secs(900))).unwrap();
    assert_eq!(url.method(), "GET");
    assert!(url.headers().is_empty());
    let (path, query) = url.url().split_once('?').unwrap();
    assert_eq!(path, "https://bucket.s3.eu-west-1.amazonaws.com/a%20b/%2B");
    let names: Vec<_> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "versionId",
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-SignedHeaders",
            "X-Amz-Expires",
            "X-Amz-Security-Token",
            "X-Amz-Signature"
        ]
    );
    for part in ["X-Amz-Expires=900", "X-Amz-SignedHeaders=host", "X-Amz-Date=20260101T000000Z"] {
        assert!(query.contains(part), "{query}");
    }
}

#[test]
fn headers_that_were_set_are_signed_in_order_and_come_along() {
    let s3 = client(&ScriptedHttp::new([]));
    let put = s3.put_object("bucket", "key").metadata("b", "2").content_type("text/plain").metadata("a", "1");
    let put = block_on(put.presign(Duration::from_secs(60))).unwrap();
    assert_eq!(put.method(), "PUT");
    assert!(
        put.url().contains("X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-meta-a%3Bx-amz-meta-b"),
        "{}",
        put.url()
    );
    let mut headers: Vec<_> =
        put.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    headers.sort_unstable();
    assert_eq!(headers, [("content-type", "text/plain"), ("x-amz-meta-a", "1"), ("x-amz-meta-b", "2")]);
}

#[test]
fn a_url_does_not_outlive_its_credentials() {
    let session = keys().with_expires_at(start() + Duration::from_secs(3 * 3600));
    let presign = |credentials: Credentials, seconds| {
        block_on(with(credentials).get_object("bucket", "key").presign(Duration::from_secs(seconds)))
    };
    assert!(presign(session.clone(), 3 * 3600).is_ok());
    let failed = presign(session, 3 * 3600 + 1).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        failed.report(),
        "GetObject s3://bucket/key: the presigned URL would outlive its credentials: they have 10800 s left, it asks for 10801 s\n  \
         signed by: AKIDEXAMPLE from profile dev\n  \
         try: ask for a shorter time, or sign with long-term keys"
    );
    for seconds in [0, 7 * 24 * 3600 + 1] {
        assert_eq!(presign(keys(), seconds).unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}

#[test]
fn without_credentials_there_is_no_url() {
    let s3 = client(&ScriptedHttp::new([])).anonymous();
    let failed = block_on(s3.get_object("bucket", "key").presign(Duration::from_secs(60))).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::InvalidRequest);
}

#[test]
fn the_url_is_a_secret() {
    let s3 = client(&ScriptedHttp::new([]));
    let url = block_on(s3.get_object("bucket", "key").presign(Duration::from_secs(60))).unwrap();
    let shown = format!("{url:?}");
    assert!(!shown.contains("X-Amz") && !shown.contains("SEKRIT"), "{shown}");
}

#[test]
fn others_may_delete_and_ask_too() {
    let s3 = client(&ScriptedHttp::new([]));
    let delete = block_on(s3.delete_object("bucket", "key").presign(Duration::from_secs(60))).unwrap();
    let head = block_on(s3.head_object("bucket", "key").presign(Duration::from_secs(60))).unwrap();
    assert_eq!((delete.method().as_str(), head.method().as_str()), ("DELETE", "HEAD"));
}

//! Objects: what goes out, what comes back, whatever the key.

use crate::common::client;
use tucuxi_core::Body;
use tucuxi_s3_lite::{Addressing, ErrorKind};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const KEY: &str = "https://bucket.s3.eu-west-1.amazonaws.com/key";

#[test]
fn keys_reach_the_wire_as_they_are() {
    for (key, path) in [
        ("a//b", "/a//b"),
        ("/lead", "//lead"),
        ("//", "///"),
        (".", "/."),
        ("..", "/.."),
        ("./x", "/./x"),
        ("a/../b", "/a/../b"),
        ("tail/", "/tail/"),
        ("a b+c%d", "/a%20b%2Bc%25d"),
        ("%2e%2e", "/%252e%252e"),
        ("q?x#y&z", "/q%3Fx%23y%26z"),
        ("\u{1}\t\n\u{7f}", "/%01%09%0A%7F"),
        ("\0", "/%00"),
        ("é/🐬", "/%C3%A9/%F0%9F%90%AC"),
        ("\\", "/%5C"),
    ] {
        let virtually = format!("https://bucket.s3.eu-west-1.amazonaws.com{path}");
        let in_path = format!("http://127.0.0.1:9000/base/bucket{path}");
        let http = ScriptedHttp::new([
            Exchange::put(&virtually),
            Exchange::get(&in_path).answers(200, "x"),
            Exchange::new("DELETE", &in_path).answers(204, ""),
        ]);
        let s3 = client(&http);
        block_on(s3.put_object("bucket", key).body("x").into_future()).unwrap();
        let local = s3.with_endpoint("http://127.0.0.1:9000/base/");
        block_on(local.get_object("bucket", key).into_future()).unwrap();
        block_on(local.bucket("bucket").object(key).delete().into_future()).unwrap();
        http.assert_done();
    }
}

#[test]
fn what_is_set_is_sent() {
    let http = ScriptedHttp::new([
        Exchange::put(KEY)
            .with("content-type", "text/plain")
            .with("cache-control", "no-cache")
            .with("expires", "Thu, 01 Jan 2026 00:00:00 GMT")
            .with("x-amz-meta-origin", "a b")
            .with("x-amz-storage-class", "STANDARD_IA")
            .with("if-none-match", "*")
            .with("x-amz-expected-bucket-owner", "123456789012")
            .answers(200, "")
            .answer_header("etag", "\"e\"")
            .answer_header("x-amz-version-id", "v1"),
        Exchange::get(format!("{KEY}?versionId=v%2F1&response-content-type=text%2Fplain"))
            .with("if-match", "\"e\"")
            .with("range", "bytes=5-9")
            .answers(206, "hello")
            .answer_header("content-range", "bytes 5-9/20"),
    ]);
    let s3 = client(&http);
    let epoch = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600);
    let put = s3
        .put_object("bucket", "key")
        .body("x")
        .content_type("text/html")
        .content_type("text/plain")
        .cache_control("no-cache")
        .expires(epoch)
        .metadata("origin", "a b")
        .storage_class("STANDARD_IA")
        .if_none_match("*")
        .expected_bucket_owner("123456789012");
    let put = block_on(put.into_future()).unwrap();
    assert_eq!((put.e_tag(), put.version_id()), (Some("\"e\""), Some("v1")));
    let get = s3
        .get_object("bucket", "key")
        .version_id("v0")
        .version_id("v/1")
        .response_content_type("text/plain")
        .if_match("\"e\"")
        .range(5..10);
    let object = block_on(get.into_future()).unwrap();
    assert_eq!((object.content_range(), object.size()), (Some("bytes 5-9/20"), Some(20)));
    assert_eq!(block_on(object.text()).unwrap(), "hello");
    http.assert_done();
}

#[test]
fn ranges_are_written_as_http_wants() {
    for (get, expected) in [
        (client(&ScriptedHttp::new([])).get_object("b", "k").range(0..5), "bytes=0-4"),
        (client(&ScriptedHttp::new([])).get_object("b", "k").range(0..=5), "bytes=0-5"),
        (client(&ScriptedHttp::new([])).get_object("b", "k").range(7..), "bytes=7-"),
        (client(&ScriptedHttp::new([])).get_object("b", "k").range(..7), "bytes=0-6"),
        (client(&ScriptedHttp::new([])).get_object("b", "k").last_bytes(9), "bytes=-9"),
    ] {
        assert!(format!("{get:?}").contains(expected), "{expected} {get:?}");
    }
    let get = client(&ScriptedHttp::new([])).get_object("b", "k").range(0..5).range(..);
    assert!(!format!("{get:?}").contains("bytes="), "{get:?}");
    let s3 = client(&ScriptedHttp::new([]));
    #[expect(clippy::reversed_empty_ranges, reason = "what must be refused")]
    for get in [
        s3.get_object("bucket", "k").range(5..5),
        s3.get_object("bucket", "k").range(0..0),
        s3.get_object("bucket", "k").range(9..=5),
        s3.get_object("bucket", "k").last_bytes(0),
    ] {
        let failed = block_on(get.into_future()).unwrap_err();
        assert!(failed.to_string().ends_with("the range is empty"), "{failed}");
    }
}

#[test]
fn an_ignored_range_is_an_error_unless_it_was_everything() {
    for (range, good) in [(0..5, true), (0..9, true), (0..4, false), (1..5, false)] {
        let http = ScriptedHttp::new([Exchange::get(KEY).answers(200, "hello").answer_header("content-length", "5")]);
        let outcome = block_on(client(&http).get_object("bucket", "key").range(range.clone()).into_future());
        assert_eq!(
            outcome.as_ref().err().map(|error| error.kind()),
            (!good).then_some(ErrorKind::BadAnswer),
            "{range:?}"
        );
    }
}

#[test]
fn a_body_of_another_length_is_an_error() {
    for (announced, expected) in [
        ("5", Ok("hello")),
        ("6", Err("GetObject s3://bucket/key: the body ended after 5 of 6 bytes")),
        ("4", Err("GetObject s3://bucket/key: the body is longer than announced")),
    ] {
        let answer = || Exchange::get(KEY).answers(200, "hello").answer_header("content-length", announced);
        let http = ScriptedHttp::new([answer(), answer(), answer()]);
        let s3 = client(&http);
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        let get = || block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        assert_eq!(block_on(get().text()).map_err(|error| error.to_string()), expected);
        assert_eq!(block_on(get().into_body().collect(100)).is_ok(), expected.is_ok());
        let mut object = get();
        let pieces = block_on(async {
            let mut all = Vec::new();
            while let Some(piece) = object.chunk().await? {
                all.extend_from_slice(&piece);
            }
            Ok::<_, tucuxi_s3_lite::Error>(all)
        });
        assert_eq!(pieces.map_err(|error| error.kind()).is_ok(), expected.is_ok());
        assert!(block_on(object.chunk()).unwrap().is_none(), "after its end there is nothing more");
    }
}

#[test]
fn what_is_known_about_an_object_is_read_from_headers() {
    let http = ScriptedHttp::new([Exchange::new("HEAD", KEY)
        .answers(200, "")
        .answer_header("content-length", "12")
        .answer_header("etag", "\"e\"")
        .answer_header("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        .answer_header("x-amz-meta-Origin", "here")]);
    let head = block_on(client(&http).head_object("bucket", "key").into_future()).unwrap();
    assert_eq!((head.content_length(), head.size(), head.e_tag()), (Some(12), Some(12), Some("\"e\"")));
    assert_eq!(head.last_modified().map(tucuxi_core::format_rfc3339).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(head.metadata().collect::<Vec<_>>(), [("origin", "here")]);
    assert_eq!((head.metadata_value("ORIGIN"), head.storage_class()), (Some("here"), "STANDARD"));
}

#[test]
fn a_copy_names_its_source_escaped() {
    let result = "<CopyObjectResult><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag></CopyObjectResult>";
    let target = "https://other.s3.eu-west-1.amazonaws.com/copy";
    for (key, version, source) in [
        ("a/b", None, "/bucket/a/b"),
        ("a b+%?é", None, "/bucket/a%20b%2B%25%3F%C3%A9"),
        ("//x/../y", None, "/bucket///x/../y"),
        ("k?v", Some("v=1"), "/bucket/k%3Fv?versionId=v%3D1"),
    ] {
        let http = ScriptedHttp::new([Exchange::put(target).with("x-amz-copy-source", source).answers(200, result)]);
        let mut copy = client(&http).copy_object("bucket", key, "other", "copy");
        if let Some(version) = version {
            copy = copy.source_version_id("v0").source_version_id(version);
        }
        let copied = block_on(copy.into_future()).unwrap();
        assert_eq!(copied.e_tag(), Some("\"e\""));
        assert!(copied.last_modified().is_some());
        http.assert_done();
    }
    let failed = block_on(client(&ScriptedHttp::new([])).copy_object("bucket", "", "other", "copy").into_future());
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn an_error_document_without_limits_is_still_an_error() {
    let http = ScriptedHttp::new([Exchange::get(KEY).answers(403, "x".repeat(100_000))]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert_eq!((failed.status(), failed.code(), failed.message()), (Some(403), None, None));
    assert!(failed.to_string().len() < 100);
}

#[test]
fn limits_follow_the_operation() {
    let http = ScriptedHttp::new([
        Exchange::get(KEY),
        Exchange::new("HEAD", KEY),
        Exchange::get("https://bucket.s3.eu-west-1.amazonaws.com/?list-type=2&encoding-type=url")
            .answers(200, "<ListBucketResult/>"),
    ]);
    let s3 = client(&http);
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    block_on(s3.head_object("bucket", "key").into_future()).unwrap();
    block_on(s3.list_objects("bucket").objects().try_next()).unwrap();
    let limits: Vec<u64> = http.seen().iter().map(|seen| seen.options.body_limit).collect();
    assert_eq!(limits, [u64::MAX, 65_536, 4 * 1024 * 1024]);
}

#[test]
fn buckets_are_made_where_the_client_is() {
    let bucket = "https://bucket.s3.eu-west-1.amazonaws.com/";
    let http = ScriptedHttp::new([
        Exchange::put(bucket).with_body("<LocationConstraint>eu-west-1</LocationConstraint>"),
        Exchange::new("HEAD", bucket).answers(200, "").answer_header("x-amz-bucket-region", "eu-west-1"),
        Exchange::get(format!("{bucket}?location="))
            .answers(200, "<LocationConstraint xmlns=\"x\">eu-west-1</LocationConstraint>"),
        Exchange::get(format!("{bucket}?location=")).answers(200, "<LocationConstraint/>"),
        Exchange::get(format!("{bucket}?location=")).answers(
            200,
            "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>",
        ),
        Exchange::new("DELETE", bucket).answers(204, ""),
        Exchange::put("https://bucket.s3.us-east-1.amazonaws.com/"),
    ]);
    let s3 = client(&http);
    block_on(s3.create_bucket("bucket").into_future()).unwrap();
    assert_eq!(block_on(s3.head_bucket("bucket").into_future()).unwrap().region(), Some("eu-west-1"));
    assert_eq!(block_on(s3.bucket_location("bucket").into_future()).unwrap(), "eu-west-1");
    assert_eq!(block_on(s3.bucket_location("bucket").into_future()).unwrap(), "us-east-1");
    assert_eq!(block_on(s3.bucket_location("bucket").into_future()).unwrap(), "eu-west-1");
    block_on(s3.delete_bucket("bucket").into_future()).unwrap();
    block_on(s3.with_region("us-east-1").create_bucket("bucket").into_future()).unwrap();
    assert!(http.seen()[6].body.is_empty());
    http.assert_done();
}

#[test]
fn a_virtual_endpoint_of_ones_own() {
    let http = ScriptedHttp::new([Exchange::get("http://bucket.localhost:8333/key").answers(200, "x")]);
    let s3 = crate::common::builder(&http)
        .endpoint("http://localhost:8333")
        .addressing(Addressing::Virtual)
        .build()
        .unwrap();
    block_on(s3.get_object("bucket", "key").into_future()).unwrap();
    http.assert_done();
}

#[test]
fn everything_can_be_sent_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    fn moves<T: Send + 'static>(_: &T) {}
    check::<tucuxi_s3_lite::Client>();
    check::<tucuxi_s3_lite::Error>();
    check::<tucuxi_s3_lite::Presigned>();
    let s3 = client(&ScriptedHttp::new([]));
    moves(&s3.put_object("b", "k").body(Body::empty()).into_future());
    moves(&s3.list_objects("b").pages());
    moves(&s3.buckets());
}

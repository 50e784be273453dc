//! Listings: pages, names as they were, ends.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::common::{client, error};
use futures_core::Stream;
use tucuxi_s3_lite::{Error, ErrorKind, Objects};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const LIST: &str = "https://bucket.s3.eu-west-1.amazonaws.com/?list-type=2&encoding-type=url";

fn page(contents: &str, next: Option<&str>) -> String {
    let more = match next {
        Some(token) => format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>bucket</Name>{contents}<EncodingType>url</EncodingType>{more}</ListBucketResult>"
    )
}

fn keyed(key: &str) -> String {
    format!(
        "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
         <Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )
}

fn collect(mut objects: Objects) -> Result<Vec<String>, Error> {
    block_on(async {
        let mut keys = Vec::new();
        while let Some(object) = objects.try_next().await? {
            keys.push(object.key().to_owned());
        }
        Ok(keys)
    })
}

#[test]
fn pages_follow_one_another() {
    let http = ScriptedHttp::new([
        Exchange::get(format!("{LIST}&prefix=a%20%2B%2F&start-after=a%2F&max-keys=2&fetch-owner=true"))
            .answers(200, page(&(keyed("a") + &keyed("b")), Some("t=/+"))),
        Exchange::get(format!(
            "{LIST}&prefix=a%20%2B%2F&start-after=a%2F&max-keys=2&fetch-owner=true&continuation-token=t%3D%2F%2B"
        ))
        .answers(200, page(&keyed("c"), None)),
    ]);
    let list = client(&http).list_objects("bucket").prefix("a +/").start_after("a/").max_keys(2).fetch_owner(true);
    assert_eq!(collect(list.objects()).unwrap(), ["a", "b", "c"]);
    http.assert_done();
}

#[test]
fn names_come_back_as_they_were() {
    for (listed, key) in [
        ("a+b%2Bc", "a b+c"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("%01%0A%7F", "\u{1}\n\u{7f}"),
        ("%C3%A9%F0%9F%90%AC", "é🐬"),
        ("a//b/./../c", "a//b/./../c"),
        ("%26amp%3B", "&amp;"),
        ("%2F", "/"),
        ("&lt;x&gt;", "<x>"),
    ] {
        let prefix = format!("<CommonPrefixes><Prefix>{listed}/</Prefix></CommonPrefixes>");
        let answer = page(&(keyed(listed) + &prefix), None);
        let http = ScriptedHttp::new([Exchange::get(format!("{LIST}&delimiter=%2F")).answers(200, answer)]);
        let mut pages = client(&http).list_objects("bucket").delimiter("/").pages();
        let page = block_on(pages.try_next()).unwrap().unwrap();
        assert_eq!(page.objects()[0].key(), key);
        assert_eq!(page.common_prefixes(), [format!("{key}/")]);
        assert!(block_on(pages.try_next()).unwrap().is_none());
    }
}

#[test]
fn a_server_that_does_not_encode_is_taken_at_its_word() {
    let answer = page(&(keyed("a+b%20c&#x8;") + &keyed(" ")), None).replace("<EncodingType>url</EncodingType>", "");
    let http = ScriptedHttp::new([Exchange::get(LIST).answers(200, answer)]);
    assert_eq!(collect(client(&http).list_objects("bucket").objects()).unwrap(), ["a+b%20c\u{8}", " "]);
}

#[test]
fn what_is_listed_is_read() {
    let owner = "<Owner><ID>me</ID><DisplayName>x</DisplayName></Owner></Contents>";
    let answer = page(&keyed("k").replace("</Contents>", owner), None);
    let http = ScriptedHttp::new([Exchange::get(LIST).answers(200, answer)]);
    let object = block_on(client(&http).list_objects("bucket").objects().try_next()).unwrap().unwrap();
    assert_eq!((object.key(), object.size(), object.e_tag()), ("k", 5, Some("\"e\"")));
    assert_eq!((object.storage_class(), object.owner()), (Some("STANDARD"), Some("me")));
    assert_eq!(object.last_modified().map(tucuxi_core::format_rfc3339).as_deref(), Some("2026-01-01T00:00:00Z"));
}

#[test]
fn a_repeated_token_ends_the_listing_with_an_error() {
    let http = ScriptedHttp::new([
        Exchange::get(LIST).answers(200, page(&keyed("a"), Some("t"))),
        Exchange::get(format!("{LIST}&continuation-token=t")).answers(200, page(&keyed("b"), Some("t"))),
    ]);
    let mut objects = client(&http).list_objects("bucket").objects();
    let mut next = || block_on(objects.try_next()).map(|object| object.map(|object| object.key().to_owned()));
    assert_eq!(next().unwrap().as_deref(), Some("a"));
    assert_eq!(next().unwrap().as_deref(), Some("b"));
    let failed = next().unwrap_err();
    assert!(failed.to_string().starts_with("ListObjectsV2 s3://bucket: the server repeats"), "{failed}");
    assert!(next().unwrap().is_none());
    http.assert_done();
}

#[test]
fn what_is_no_listing_is_an_error_not_an_empty_one() {
    for answer in [
        "",
        "<html></html>",
        "{}",
        "<ListBucketResult><Contents><Key>a",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>big</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>%FF</Key></Contents><EncodingType>url</EncodingType></ListBucketResult>",
    ] {
        let http = ScriptedHttp::new([Exchange::get(LIST).answers(200, answer)]);
        let failed = collect(client(&http).list_objects("bucket").objects()).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::BadAnswer, "{answer}: {failed}");
    }
    let huge = format!("<ListBucketResult>{}</ListBucketResult>", " ".repeat(5 * 1024 * 1024));
    let http = ScriptedHttp::new([Exchange::get(LIST).answers(200, huge)]);
    assert_eq!(collect(client(&http).list_objects("bucket").objects()).unwrap_err().kind(), ErrorKind::Unavailable);
    let http = ScriptedHttp::new([Exchange::get(LIST).answers(404, error("NoSuchBucket", ""))]);
    assert!(collect(client(&http).list_objects("bucket").objects()).unwrap_err().is_not_found());
}

#[test]
fn buckets_are_listed_in_pages() {
    let buckets = |names: &[&str], more: &str| {
        let names: String = names
            .iter()
            .map(|name| format!("<Bucket><Name>{name}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket>"))
            .collect();
        format!(
            "<ListAllMyBucketsResult><Buckets>{names}</Buckets><Owner><ID>x</ID></Owner>{more}</ListAllMyBucketsResult>"
        )
    };
    let base = "https://s3.eu-west-1.amazonaws.com/?max-buckets=2&prefix=l&bucket-region=eu-west-1";
    let http = ScriptedHttp::new([
        Exchange::get(base).answers(200, buckets(&["la", "lb"], "<ContinuationToken>t</ContinuationToken>")),
        Exchange::get(format!("{base}&continuation-token=t")).answers(200, buckets(&["lc"], "")),
        Exchange::get("https://s3.eu-west-1.amazonaws.com/?max-buckets=1000").answers(200, buckets(&[], "")),
    ]);
    let s3 = client(&http);
    let mut found = s3.buckets().max_buckets(2).prefix("l").region("eu-west-1");
    let mut names = Vec::new();
    while let Some(bucket) = block_on(found.try_next()).unwrap() {
        assert!(bucket.created_at().is_some());
        assert_eq!(bucket.region(), Some("eu-west-1"));
        names.push(bucket.name().to_owned());
    }
    assert_eq!(names, ["la", "lb", "lc"]);
    let page = block_on(s3.buckets().pages().try_next()).unwrap().unwrap();
    assert!(page.buckets().is_empty());
    http.assert_done();
}

#[test]
fn listings_are_streams() {
    let http = ScriptedHttp::new([Exchange::get(LIST).answers(200, page(&keyed("a"), None))]);
    let mut objects = client(&http).list_objects("bucket").objects();
    let mut cx = Context::from_waker(Waker::noop());
    let first = Pin::new(&mut objects).poll_next(&mut cx);
    assert!(matches!(first, Poll::Ready(Some(Ok(object))) if object.key() == "a"));
    assert!(matches!(Pin::new(&mut objects).poll_next(&mut cx), Poll::Ready(None)));
}

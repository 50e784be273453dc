//! Deleting many objects at once.

use crate::common::{client, error};
use tucuxi_s3_lite::ObjectId;
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const DELETE: &str = "https://bucket.s3.eu-west-1.amazonaws.com/?delete=";

#[test]
fn many_are_deleted_in_thousands_with_a_checksum() {
    let exchange = || {
        Exchange::post(DELETE)
            .with("x-amz-sdk-checksum-algorithm", "SHA256")
            .without("content-md5")
            .answers(200, "<DeleteResult/>")
    };
    let http = ScriptedHttp::new([exchange(), exchange(), exchange()]);
    let keys: Vec<String> = (0..2001).map(|number| format!("key-{number}")).collect();
    let outcome = block_on(client(&http).delete_objects("bucket", &keys).into_future()).unwrap();
    assert_eq!((outcome.deleted(), outcome.errors().len()), (2001, 0));
    http.assert_done();
    let counts: Vec<usize> =
        http.seen().iter().map(|seen| std::str::from_utf8(&seen.body).unwrap().matches("<Key>").count()).collect();
    assert_eq!(counts, [1000, 1000, 1]);
    for seen in http.seen() {
        let [hex, base64] =
            ["x-amz-content-sha256", "x-amz-checksum-sha256"].map(|name| seen.header(name).unwrap().to_owned());
        assert_eq!((hex.len(), base64.len()), (64, 44));
    }
}

#[test]
fn keys_survive_the_document_of_a_deletion() {
    let http = ScriptedHttp::new([
        Exchange::post(DELETE)
            .with_body("<Key>a&amp;b&lt;c&gt; &quot;</Key>")
            .with_body("<Key>line&#xA;tab&#x9;cr&#xD;</Key>")
            .with_body("<Key>old</Key><VersionId>v1</VersionId>")
            .answers(
                200,
                "<DeleteResult><Error><Key>line&#10;tab&#9;cr&#13;</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
            ),
        // XML has no way to write these, so they go by URL.
        Exchange::new("DELETE", "https://bucket.s3.eu-west-1.amazonaws.com/%01bell%07").answers(204, ""),
        Exchange::new("DELETE", "https://bucket.s3.eu-west-1.amazonaws.com/%00").answers(403, error("AccessDenied", "")),
    ]);
    let objects = [
        ObjectId::new("a&b<c> \""),
        ObjectId::new("\u{1}bell\u{7}"),
        ObjectId::new("line\ntab\tcr\r"),
        ObjectId::new("\0"),
        ObjectId::version("old", "v1"),
    ];
    let outcome = block_on(client(&http).delete_objects("bucket", objects).into_future()).unwrap();
    http.assert_done();
    let errors: Vec<_> = outcome.errors().iter().map(|error| (error.key(), error.code())).collect();
    assert_eq!(errors, [("line\ntab\tcr\r", "AccessDenied"), ("\0", "AccessDenied")]);
    assert_eq!(outcome.deleted(), 3);
}

#[test]
fn nothing_to_delete_asks_nobody() {
    let http = ScriptedHttp::new([]);
    let outcome = block_on(client(&http).delete_objects("bucket", Vec::<String>::new()).into_future()).unwrap();
    assert_eq!(outcome.deleted(), 0);
}

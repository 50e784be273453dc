//! A key is any text, and comes back as it was put.

use std::collections::BTreeSet;

use crate::common::{context, http, now, send_to, signed};
use http::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tucuxi_sandbox::Sandbox;
use tucuxi_sigv4::Signer;

const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const ODD: [&str; 44] = [
    "a",
    "a//b",
    "./x",
    "a/../b",
    "../up",
    ".",
    "..",
    "/lead",
    "//lead",
    "tail/",
    "tail//",
    "a/./b",
    "/",
    "//",
    "+",
    "a+b",
    "%",
    "%2F",
    "%%",
    "100%",
    "a b",
    " a",
    "a ",
    "   ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{1}",
    "\u{7f}",
    "\\",
    "C:\\a",
    "é",
    "e\u{301}",
    "日本語",
    "😀",
    "&amp;",
    "<Key>",
    "\"'",
    "?q=1",
    "#x",
    "=;,:@$!*()[]{}|^`~",
    "a\u{0}b",
    "bucket",
];

#[tokio::test]
async fn odd_keys_come_back_from_requests_made_by_hand() {
    let sandbox = Sandbox::start().await.unwrap();
    let http = http();
    let call = async |method: &str, path: &str, body: &'static str| {
        let request = Request::builder().method(method).uri(format!("{}{path}", sandbox.s3_endpoint()));
        send_to(&http, signed(&Signer::s3("us-east-1"), request, body, sandbox.credentials(), now())).await
    };
    let path = |key: &str| format!("/bucket/{}", utf8_percent_encode(key, IN_A_PATH));
    assert_eq!(call("PUT", "/bucket", "").await.status, 200);
    for key in ODD {
        assert_eq!(call("PUT", &path(key), key).await.status, 200, "{key:?}");
    }
    for key in ODD {
        let answer = call("GET", &path(key), "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, key), "{key:?}");
    }
    let mut listed = Vec::new();
    let mut query = "/bucket?encoding-type=url&list-type=2&max-keys=7".to_owned();
    loop {
        let page = call("GET", &query, "").await;
        let keys = page.body.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0);
        // A form's rules: `+` is a space.
        listed.extend(
            keys.map(|key| form_urlencoded::parse(format!("k={key}").as_bytes()).next().unwrap().1.into_owned()),
        );
        match page.element("NextContinuationToken") {
            "" => break,
            token => query = format!("/bucket?continuation-token={token}&encoding-type=url&list-type=2&max-keys=7"),
        }
    }
    let sorted: BTreeSet<&str> = ODD.into();
    assert_eq!(listed, Vec::from_iter(sorted), "each key once, in the order of its bytes");
    let plain = call("GET", "/bucket?list-type=2", "").await;
    for (key, written) in [("\r\n", "&#xD;\n"), ("\u{1}", "&#x1;"), ("<Key>", "&lt;Key&gt;")] {
        assert!(plain.body.contains(&format!("<Key>{written}</Key>")), "{key:?}: {}", plain.body);
    }
    for key in ODD {
        assert_eq!(call("DELETE", &path(key), "").await.status, 204, "{key:?}");
        assert_eq!(call("HEAD", &path(key), "").await.status, 404, "{key:?}");
    }
    assert_eq!(call("DELETE", "/bucket", "").await.status, 204);
}

/// Pieces that some server, proxy or client once changed, dropped or took for something else.
const PIECES: [&str; 56] = [
    "/", "//", "./", "../", "/.", "/..", ".", "..", "a", "b", "Z", "0", "-", "_", "~", "+", "%", "%20", "%2F", "%252F",
    "%zz", " ", "  ", "\t", "\n", "\r", "\u{1}", "\u{8}", "\u{1f}", "\u{7f}", "\u{85}", "\u{a0}", "\\", "é",
    "e\u{301}", "ß", "日本", "\u{2028}", "\u{feff}", "😀", "&", "&amp;", "<", ">", "\"", "'", "?", "#", "=", "*", ":",
    ";", ",", "@", "$", "^",
];

/// A thousand keys of one to eight pieces, the same in every run.
fn generated() -> BTreeSet<String> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut draw = |below: usize| {
        // Knuth's MMIX generator; the high bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut keys: BTreeSet<String> =
        ODD.iter().filter(|key| !key.contains('\0')).map(|key| (*key).to_owned()).collect();
    while keys.len() < 1000 {
        let pieces = 1 + draw(8);
        keys.insert((0..pieces).map(|_| PIECES[draw(PIECES.len())]).collect());
    }
    keys
}

#[tokio::test]
async fn a_thousand_generated_keys_come_back_through_the_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let s3 = tucuxi_s3_lite::Client::builder(&context())
        .credentials(sandbox.session(std::time::Duration::from_secs(3600)))
        .region(sandbox.region())
        .endpoint(sandbox.s3_endpoint())
        .build()
        .unwrap();
    let keys = generated();
    s3.create_bucket("odd").await.unwrap();
    for key in &keys {
        s3.put_object("odd", key).body(format!("<{key}>")).await.unwrap();
    }
    for key in &keys {
        let body = format!("<{key}>").into_bytes();
        let whole = s3.get_object("odd", key).await.unwrap().bytes().await.unwrap();
        assert_eq!(whole, body, "{key:?}");
        let range = s3.get_object("odd", key).range(1..).await.unwrap().bytes().await.unwrap();
        assert_eq!(range, body[1..], "{key:?}");
        let head = s3.head_object("odd", key).await.unwrap();
        assert_eq!(head.content_length(), Some(body.len() as u64), "{key:?}");
    }
    let mut listed = Vec::new();
    let mut objects = s3.list_objects("odd").max_keys(99).objects();
    while let Some(object) = objects.try_next().await.unwrap() {
        listed.push(object.key().to_owned());
    }
    assert!(listed.iter().eq(&keys), "each key once, in the order of its bytes");
    let (singly, together): (Vec<_>, Vec<_>) = keys.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    for (_, key) in singly {
        s3.delete_object("odd", key).await.unwrap();
    }
    let outcome = s3.delete_objects("odd", together.into_iter().map(|(_, key)| key.clone())).await.unwrap();
    assert!(outcome.errors().is_empty(), "{:?}", outcome.errors());
    let left = s3.list_objects("odd").objects().try_next().await.unwrap();
    assert!(left.is_none(), "{left:?}");
    s3.delete_bucket("odd").await.unwrap();
}

//! The examples of the Amazon S3 documentation, and what a request looks like afterwards.

#![expect(clippy::unwrap_used, reason = "a failure fails the test")]

use std::time::{Duration, SystemTime};

use http::request::Parts;
use tucuxi_core::{Credentials, ErrorKind};
use tucuxi_sigv4::{Payload, Signer};

const HOST: &str = "https://examplebucket.s3.amazonaws.com";
const DAY: Duration = Duration::from_secs(86_400);

fn documented() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
}

/// 24 May 2013, midnight.
fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600)
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn check(method: &str, path: &str, headers: &[(&str, &str)], body: &str, signed_headers: &str, signature: &str) {
    let mut parts = request(method, &format!("{HOST}{path}"), headers);
    let signed =
        Signer::s3("us-east-1").sign(&mut parts, Payload::Bytes(body.as_bytes()), &documented(), at()).unwrap();
    assert_eq!((signed.signed_headers(), signed.hex()), (signed_headers, signature), "{method} {path}");
    assert_eq!(
        parts.headers["authorization"],
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        )
    );
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
#[test]
fn the_header_examples_of_the_s3_documentation() {
    let usual = "host;x-amz-content-sha256;x-amz-date";
    check(
        "GET",
        "/test.txt",
        &[("range", "bytes=0-9")],
        "",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    check(
        "PUT",
        "/test$file.text",
        &[("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        "Welcome to Amazon S3.",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    check("GET", "?lifecycle", &[], "", usual, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    check(
        "GET",
        "?max-keys=2&prefix=J",
        &[],
        "",
        usual,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
#[test]
fn the_presigned_example_of_the_s3_documentation() {
    let mut parts = request("GET", &format!("{HOST}/test.txt"), &[]);
    let signer = Signer::s3("us-east-1");
    let signature = signer.presign(&mut parts, Payload::Unsigned, &documented(), at(), DAY).unwrap();
    assert_eq!(signature.hex(), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    let first = parts.uri.to_string();
    assert_eq!(
        first,
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=86400\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    signer.presign(&mut parts, Payload::Unsigned, &documented(), at(), DAY).unwrap();
    assert_eq!(parts.uri.to_string(), first, "signing again replaces the signature");
}

const STREAMED: [(&str, &str); 3] = [
    ("content-encoding", "aws-chunked"),
    ("x-amz-decoded-content-length", "66560"),
    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
];

fn check_chunks(extra: (&str, &str), payload: Payload<'_>, expected: [&str; 4], trailer: Option<(&str, &str)>) {
    let mut headers = STREAMED.to_vec();
    headers.push(extra);
    let mut parts = request("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt", &headers);
    let seed = Signer::s3("us-east-1").sign(&mut parts, payload, &documented(), at()).unwrap();
    assert_eq!(seed.hex(), expected[0]);
    let mut chunks = seed.chunk_signer();
    for (length, expected) in [65_536, 1024, 0].into_iter().zip(&expected[1..]) {
        assert_eq!(chunks.chunk(&vec![b'a'; length]), *expected, "{length}");
    }
    if let Some((trailer, expected)) = trailer {
        assert_eq!(chunks.trailer(trailer.as_bytes()), expected);
    }
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
#[test]
fn the_chunked_example_of_the_s3_documentation() {
    check_chunks(
        ("content-length", "66824"),
        Payload::StreamingSigned,
        [
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ],
        None,
    );
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
#[test]
fn the_trailer_example_of_the_s3_documentation() {
    check_chunks(
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
        Payload::StreamingSignedTrailer,
        [
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        ],
        Some(("x-amz-checksum-crc32c:sOO8/Q==\n", "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435")),
    );
}

fn signed(headers: &[(&str, &str)], credentials: &Credentials, payload: Payload<'_>) -> (Parts, String) {
    let mut parts = request("PUT", "https://example.com/", headers);
    let signature = Signer::new("us-east-1", "service").sign(&mut parts, payload, credentials, at()).unwrap();
    (parts, signature.signed_headers().to_owned())
}

#[test]
fn what_belongs_to_one_connection_is_not_signed() {
    let headers = [
        ("authorization", "old"),
        ("user-agent", "x"),
        ("x-amzn-trace-id", "x"),
        ("transfer-encoding", "chunked"),
        ("expect", "100-continue"),
        ("connection", "close"),
        ("keep-alive", "x"),
        ("proxy-authenticate", "x"),
        ("proxy-authorization", "x"),
        ("te", "x"),
        ("trailer", "x"),
        ("upgrade", "x"),
        ("z", "1"),
        ("a", "1"),
    ];
    let (parts, names) = signed(&headers, &documented(), Payload::Bytes(b""));
    assert_eq!(names, "a;host;x-amz-date;z");
    assert_eq!(parts.headers.get_all("authorization").iter().count(), 1);
}

#[test]
fn signing_again_leaves_one_of_each_header_and_no_old_token() {
    let old = [("x-amz-date", "old"), ("x-amz-security-token", "old"), ("host", "example.com")];
    let (parts, names) = signed(&old, &documented(), Payload::Bytes(b""));
    assert_eq!(names, "host;x-amz-date");
    assert_eq!(parts.headers.get("x-amz-security-token"), None);
    assert_eq!(parts.headers["x-amz-date"], "20130524T000000Z");

    let (parts, names) = signed(&old, &documented().with_session_token("new"), Payload::Bytes(b""));
    assert_eq!(names, "host;x-amz-date;x-amz-security-token");
    assert_eq!(parts.headers["x-amz-security-token"], "new");
    assert!(parts.headers["x-amz-security-token"].is_sensitive() && parts.headers["authorization"].is_sensitive());
}

#[test]
fn the_payload_is_announced_where_the_service_needs_it() {
    let digest = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    let announced = |headers: &[(&str, &str)], payload| {
        let (parts, names) = signed(headers, &documented(), payload);
        let header = parts.headers.get("x-amz-content-sha256").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.is_some(), names.contains("x-amz-content-sha256"));
        header
    };
    assert_eq!(announced(&[], Payload::Bytes(b"Welcome to Amazon S3.")), None);
    assert_eq!(announced(&[], Payload::Unsigned).as_deref(), Some("UNSIGNED-PAYLOAD"));
    let asked = [("x-amz-content-sha256", "?")];
    assert_eq!(announced(&asked, Payload::Bytes(b"Welcome to Amazon S3.")).as_deref(), Some(digest));
    assert_eq!(announced(&asked, Payload::Sha256Hex(digest)).as_deref(), Some(digest));
    for (payload, word) in [
        (Payload::StreamingSigned, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        (Payload::StreamingSignedTrailer, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        (Payload::StreamingUnsignedTrailer, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ] {
        assert_eq!(announced(&[], payload).as_deref(), Some(word));
    }
}

#[test]
fn a_url_signs_its_headers_in_order_and_leaves_out_what_browsers_add() {
    let headers =
        [("x-amz-checksum-mode", "x"), ("x-amz-user-agent", "x"), ("z", "1"), ("content-type", "x"), ("a", "2")];
    let mut parts = request("PUT", "https://example.com/k?x-id=PutObject", &headers);
    let credentials = documented().with_session_token("a/b+c=");
    let signature = Signer::s3("us-east-1").presign(&mut parts, Payload::Unsigned, &credentials, at(), DAY).unwrap();
    assert_eq!(signature.signed_headers(), "a;content-type;host;z");
    let query = parts.uri.query().unwrap();
    assert!(query.starts_with("x-id=PutObject&X-Amz-Algorithm="), "{query}");
    assert!(query.contains("&X-Amz-SignedHeaders=a%3Bcontent-type%3Bhost%3Bz&"), "{query}");
    assert!(query.contains("&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-Signature="), "{query}");
}

fn check_refused(uri: &str, credentials: &Credentials, payload: Payload<'_>, at: SystemTime, says: &str) {
    let before = request("GET", uri, &[("x-amz-date", "old"), ("authorization", "old")]);
    let signer = Signer::s3("us-east-1");
    let (mut header, mut query) = (before.clone(), before.clone());
    let header_error = signer.sign(&mut header, payload, credentials, at).unwrap_err();
    let query_error = signer.presign(&mut query, payload, credentials, at, DAY).unwrap_err();
    for (after, error) in [(header, header_error), (query, query_error)] {
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.report().contains("SEKRIT"), "{}", error.report());
        assert_eq!((&after.uri, &after.headers), (&before.uri, &before.headers), "{says}");
    }
}

#[test]
fn what_cannot_be_signed_is_left_alone() {
    let (uri, fine) = ("https://example.com/", documented());
    check_refused("/k", &fine, Payload::Unsigned, at(), "host");
    check_refused(uri, &Credentials::new("AKID", ""), Payload::Unsigned, at(), "empty");
    check_refused(uri, &Credentials::new("", "SEKRIT"), Payload::Unsigned, at(), "empty");
    check_refused(uri, &fine.clone().with_session_token("SEKRIT\n"), Payload::Unsigned, at(), "session token");
    check_refused(uri, &fine, Payload::Sha256Hex("abc"), at(), "SHA-256");
    check_refused(uri, &fine, Payload::Unsigned, SystemTime::UNIX_EPOCH - DAY, "1970");
}

#[test]
fn a_url_lives_at_most_7_days_and_never_longer_than_its_credentials() {
    let session = documented().with_expires_at(at() + DAY);
    for (credentials, expires_in, allowed) in [
        (documented(), Duration::ZERO, false),
        (documented(), 7 * DAY, true),
        (documented(), 7 * DAY + Duration::from_secs(1), false),
        (session.clone(), DAY, true),
        (session.clone(), DAY + Duration::from_secs(1), false),
    ] {
        let mut parts = request("GET", HOST, &[]);
        let answer = Signer::s3("us-east-1").presign(&mut parts, Payload::Unsigned, &credentials, at(), expires_in);
        assert_eq!(answer.is_ok(), allowed, "{expires_in:?}");
        assert_eq!(parts.uri.query().is_some(), allowed);
    }
}

#[test]
fn nothing_shown_holds_a_secret() {
    let credentials = Credentials::new("AKID", "SEKRIT-KEY").with_session_token("SEKRIT-TOKEN/+=");
    let customer_key = [("x-amz-server-side-encryption-customer-key", "SEKRIT-SSE"), ("a", "b")];
    let parts = request("GET", "https://example.com/?prefix=x", &customer_key);
    let signer = Signer::s3("us-east-1");
    let signature = signer.sign(&mut parts.clone(), Payload::Unsigned, &credentials, at()).unwrap();
    let headers = signer.explain(&parts, Payload::Bytes(b"SEKRIT"), &credentials, at()).unwrap();
    let query = signer.explain_presigned(&parts, Payload::Unsigned, &credentials, at(), DAY).unwrap();
    let payload = Payload::Bytes(b"SEKRIT");
    let shown = format!("{signer:?} {signature:?} {:?} {headers:?} {query:?} {payload:?}", signature.chunk_signer());
    assert!(!shown.contains("SEKRIT"), "{shown}");
    assert_eq!(headers.canonical_request.matches("[redacted]").count(), 2);
    assert_eq!(query.canonical_request.matches("[redacted]").count(), 2);
}

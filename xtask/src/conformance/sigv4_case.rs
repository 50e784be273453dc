//! Random requests to be signed: the shapes that have gone wrong in some signer, and everything around them.

use serde::Serialize;

use super::random::Random;

/// One request, in words that both sides understand.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Case {
    pub(crate) service: &'static str,
    pub(crate) region: &'static str,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
    /// Seconds since 1970.
    pub(crate) at: u64,
    pub(crate) method: &'static str,
    /// Without the query.
    pub(crate) url: String,
    /// Escaped.
    pub(crate) query: String,
    /// The same query, not escaped, where it is to be handed over that way.
    pub(crate) parameters: Option<Vec<(String, String)>>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) payload: Sign,
    /// Seconds, for a presigned URL.
    pub(crate) expires_in: Option<u64>,
}

/// What is signed of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sign {
    Body,
    Digest,
    Unsigned,
    UnsignedTrailer,
}

#[derive(Clone, Debug)]
pub(crate) struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Keys {
    pub(crate) fn new(random: &mut Random) -> Self {
        let word = |random: &mut Random, least: usize, end: usize| {
            let length = least + random.below(end - least);
            (0..length).map(|_| random.pick(TOKEN) as char).collect::<String>()
        };
        Self {
            access_key_id: format!("AKIA{}", word(random, 12, 17).replace(['/', '+', '=', ' '], "X")),
            secret_access_key: word(random, 1, 90),
            session_token: (!random.once_in(3)).then(|| format!("A{}=", word(random, 1, 600))),
        }
    }
}

impl Case {
    pub(crate) fn new(random: &mut Random, keys: &[Keys]) -> Self {
        let keys = &keys[random.below(keys.len())];
        let service = if random.once_in(2) { "s3" } else { random.pick(&["sts", "iam", "execute-api", "ec2", "es"]) };
        let s3 = service == "s3";
        let expires_in = random.once_in(3).then(|| 1 + random.below(604_800) as u64);
        let presigned = expires_in.is_some();
        let pairs = pairs(random, presigned);
        let query = escaped_query(&pairs, random);
        let payload = match (presigned, s3) {
            (true, true) => Sign::Unsigned,
            (true, false) => Sign::Body,
            (false, true) => random.pick(&[Sign::Body, Sign::Digest, Sign::Unsigned, Sign::UnsignedTrailer]),
            (false, false) => random.pick(&[Sign::Body, Sign::Digest, Sign::Unsigned]),
        };
        Self {
            service,
            region: random.pick(&["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"]),
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: keys.session_token.clone(),
            // 2000 to 2099, often the same day, so that a kept key is used and replaced.
            at: match random.once_in(4) {
                true => 946_684_800 + random.below(3_155_760_000) as u64,
                false => 1_440_938_160 + random.below(7200) as u64,
            },
            method: random.pick(&["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]),
            url: format!("{}{}", random.pick(HOSTS), if s3 { key(random) } else { path(random) }),
            query,
            parameters: random.once_in(2).then_some(pairs),
            headers: headers(random, presigned, keys.session_token.is_some()),
            body: if presigned { Vec::new() } else { random.bytes(200) },
            payload,
            expires_in,
        }
    }
}

/// An object's key, escaped as every S3 client does.
fn key(random: &mut Random) -> String {
    format!("/bucket/{}", escape(&random.text(KEY, 12), "/"))
}

/// A path with characters that need no escape in a URI but are escaped for signing, or escaped already.
fn path(random: &mut Random) -> String {
    match random.once_in(2) {
        true => format!("/{}", escape(&random.text(KEY, 12), "/!$'()*,:;=@+&")),
        false => format!("/{}", random.text(PATH, 12)),
    }
}

fn pairs(random: &mut Random, unique: bool) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for _ in 0..random.below(6) {
        let name = if random.once_in(2) { random.pick(NAMES).to_owned() } else { random.text(KEY, 5) };
        // botocore keeps one value of each name when it presigns.
        let taken = unique && pairs.iter().any(|(other, _)| *other == name);
        if !taken && !name.is_empty() {
            pairs.push((name, random.text(KEY, 6)));
        }
    }
    pairs
}

fn escaped_query(pairs: &[(String, String)], random: &mut Random) -> String {
    let pairs = pairs.iter().map(|(name, value)| match value.is_empty() && random.once_in(2) {
        true => escape(name, ""),
        false => format!("{}={}", escape(name, ""), escape(value, "")),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn headers(random: &mut Random, presigned: bool, token: bool) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for _ in 0..random.below(8) {
        let name = match random.below(5) {
            0 => format!("x-amz-meta-{}", random.text(&["a", "b", "-", "0", "z"], 6)),
            1 => random.pick(UNSIGNED).to_owned(),
            _ => random.pick(SIGNED).to_owned(),
        };
        headers.push((name, random.text(VALUE, 9)));
    }
    if random.once_in(4) {
        headers.push(("host".to_owned(), random.pick(&["other.example.com", "localhost:9000", "h"]).to_owned()));
    }
    if !presigned && random.once_in(8) {
        headers.push(("x-amz-date".to_owned(), "20010101T000000Z".to_owned()));
        headers.push(("authorization".to_owned(), "AWS4-HMAC-SHA256 old".to_owned()));
        if token {
            headers.push(("x-amz-security-token".to_owned(), "old".to_owned()));
        }
    }
    headers
}

/// Everything but letters, digits, `-._~` and `keep` as `%XX`.
fn escape(text: &str, keep: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte);
        match plain {
            true => escaped.push(byte as char),
            false => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

const TOKEN: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+= !#$%&'()*,-.:;<>?@[]^_`{|}~\"\\";

const HOSTS: &[&str] = &[
    "https://example.amazonaws.com",
    "https://bucket.s3.eu-west-1.amazonaws.com",
    "https://example.com:443",
    "http://example.com:80",
    "http://example.com:443",
    "http://127.0.0.1:9000",
    "http://[::1]:9000",
    "https://[2001:db8::1]",
];

const KEY: &[&str] = &[
    "a", "B", "z9", "/", "//", ".", "..", "/./", "/../", "+", "%", "%20", "%2F", " ", "é", "ሴ", "日本", "😀", "~", "-",
    "_", "=", "&", "?", "#", "!", "*", "'", "(", ")", "$", "@", ":", ";", ",", "\\", "\"", "<", ">", "[", "]", "^",
    "`", "{", "|", "}", "\u{1}", "\u{7f}",
];

/// Pieces of a path as it may stand in a URI.
const PATH: &[&str] = &[
    "a",
    "b",
    "0",
    "/",
    "//",
    "/.",
    "/..",
    "/./",
    "/../",
    "...",
    "%20",
    "%2F",
    "%e1%88%b4",
    "%25",
    "%",
    "%4",
    "+",
    "!",
    "$",
    "'",
    "(",
    ")",
    "*",
    ",",
    ":",
    ";",
    "=",
    "@",
    "&",
    "~",
    "-",
    "_",
    "ሴ",
    "é",
];

const NAMES: &[&str] = &[
    "uploads",
    "partNumber",
    "uploadId",
    "prefix",
    "Prefix",
    "list-type",
    "list",
    "max-keys",
    "a",
    "A",
    "a-b",
    "a.b",
    "a b",
    "X-Amz-Meta",
    "x-id",
    "versionId",
];

const SIGNED: &[&str] = &[
    "content-type",
    "content-length",
    "content-md5",
    "range",
    "if-none-match",
    "accept",
    "accept-encoding",
    "amz-sdk-invocation-id",
    "cache-control",
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-storage-class",
    "zeta",
    "a",
];

const UNSIGNED: &[&str] = &[
    "user-agent",
    "expect",
    "transfer-encoding",
    "connection",
    "x-amzn-trace-id",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "proxy-authorization",
    "proxy-authenticate",
];

const VALUE: &[&str] =
    &["a", "B", "0", " ", "  ", "\t", "\t ", ",", "\"", "=", ";", "/", "%", "é", "日本", "text", "x"];

//! The canonical request: the one form of a request that both sides sign.

use std::borrow::Cow;

use http::HeaderName;
use http::request::Parts;
use http::uri::{Scheme, Uri};
use tucuxi_core::Error;

use crate::Rules;
use crate::encode::{push_component_again, push_path, push_path_again};

/// What is signed of a request.
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Sorted by name; values of one name in the order they are sent.
    pub(crate) headers: Vec<(&'a str, &'a [u8])>,
    pub(crate) payload: &'a [u8],
}

impl Canonical<'_> {
    /// Writes the request to `out` and gives the names of the signed headers.
    pub(crate) fn write(&self, rules: Rules, out: &mut Vec<u8>) -> String {
        push(out, self.method.as_bytes());
        push(out, b"\n");
        push_canonical_path(out, self.path, rules);
        push(out, b"\n");
        push_canonical_query(out, self.query);
        let mut signed = String::with_capacity(128);
        let mut last = "";
        for (name, value) in &self.headers {
            if *name == last {
                push(out, b",");
            } else {
                for piece in ["\n", name, ":"] {
                    push(out, piece.as_bytes());
                }
                for piece in [if last.is_empty() { "" } else { ";" }, name] {
                    signed.push_str(piece);
                }
                last = name;
            }
            push_value(out, value);
        }
        for piece in ["\n\n", &signed, "\n"] {
            push(out, piece.as_bytes());
        }
        push(out, self.payload);
        signed
    }
}

/// The headers of a request that are signed as they are, with `host`, by name.
pub(crate) fn request_headers<'a>(parts: &'a Parts, skip: &[&str]) -> Result<Vec<(&'a str, &'a [u8])>, Error> {
    let mut headers = Vec::with_capacity(parts.headers.len() + 4);
    let mut has_host = false;
    for (name, value) in &parts.headers {
        let name = text_of(name);
        has_host |= name == HOST;
        if !is_never_signed(name) && !skip.contains(&name) {
            put(&mut headers, name, value.as_bytes());
        }
    }
    if !has_host {
        put(&mut headers, HOST, host(&parts.uri)?.as_bytes());
    }
    Ok(headers)
}

// Apart, so that the texts of all names that HTTP knows are looked up, not branched to.
#[inline(never)]
pub(crate) fn text_of(name: &HeaderName) -> &str {
    name.as_str()
}

/// Proxies and clients change these on the way.
fn is_never_signed(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "user-agent"
            | "x-amzn-trace-id"
    )
}

/// What an HTTP client sends as `Host` for this URI.
fn host(uri: &Uri) -> Result<&str, Error> {
    let authority = uri.authority().ok_or_else(|| {
        Error::invalid_config("the request has neither a host header nor a host in its URI, so it cannot be signed")
    })?;
    let host = match authority.as_str().rsplit_once('@') {
        Some((_user, host)) => host,
        None => authority.as_str(),
    };
    let default_port = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => ":443",
        Some(scheme) if *scheme == Scheme::HTTP => ":80",
        _ => return Ok(host),
    };
    Ok(host.strip_suffix(default_port).unwrap_or(host))
}

fn push_canonical_path(out: &mut Vec<u8>, path: &str, rules: Rules) {
    let path = match path {
        "" => Cow::Borrowed("/"),
        _ if rules.normalize_path => normalized(path),
        _ => Cow::Borrowed(path),
    };
    if rules.double_encode {
        push_path(out, path.as_bytes());
    } else {
        push_path_again(out, path.as_bytes());
    }
}

/// The path without `.`, `..` and empty segments.
fn normalized(path: &str) -> Cow<'_, str> {
    match path.as_bytes().windows(2).any(|pair| matches!(pair, b"//" | b"/.")) {
        true => Cow::Owned(without_dots(path)),
        false => Cow::Borrowed(path),
    }
}

#[cold]
fn without_dots(path: &str) -> String {
    let mut kept = String::with_capacity(path.len() + 1);
    let mut rest = Some(path);
    while let Some(text) = rest {
        let (segment, behind) = cut(text, b'/');
        match segment {
            "" | "." => {}
            ".." => kept.truncate(kept.bytes().rposition(|byte| byte == b'/').unwrap_or(0)),
            _ => {
                kept.push('/');
                kept.push_str(segment);
            }
        }
        rest = behind;
    }
    if path.ends_with('/') || kept.is_empty() {
        kept.push('/');
    }
    kept
}

fn push_canonical_query(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut encoded = Vec::with_capacity(query.len() + 32);
    let mut pairs = Vec::with_capacity(8);
    let mut rest = Some(query);
    while let Some(text) = rest {
        let (pair, behind) = cut(text, b'&');
        rest = behind;
        if pair.is_empty() {
            continue;
        }
        let (name, value) = cut(pair, b'=');
        let start = encoded.len();
        push_component_again(&mut encoded, name.as_bytes());
        let middle = encoded.len();
        push_component_again(&mut encoded, value.unwrap_or_default().as_bytes());
        // Name first, then value: as one text, `a-b=` would come before `a=`.
        let pair = |&(start, middle, end): &(usize, usize, usize)| (&encoded[start..middle], &encoded[middle..end]);
        let new = (start, middle, encoded.len());
        let place = pairs.partition_point(|known| pair(known) <= pair(&new));
        pairs.insert(place, new);
    }
    for (index, (start, middle, end)) in pairs.into_iter().enumerate() {
        if index > 0 {
            push(out, b"&");
        }
        push(out, &encoded[start..middle]);
        push(out, b"=");
        push(out, &encoded[middle..end]);
    }
}

/// What stands before the first such byte, which is ASCII, and what behind it.
#[inline(never)]
fn cut(text: &str, at: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == at) {
        Some(end) => (text.get(..end).unwrap_or_default(), text.get(end + 1..)),
        None => (text, None),
    }
}

/// Appends bytes. Apart, since every place that appends is a call and the code for a buffer that is full.
#[inline(never)]
pub(crate) fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

/// Appends a header value, trimmed, with runs of blanks as one.
fn push_value(out: &mut Vec<u8>, value: &[u8]) {
    // Looks at every byte on purpose: without an early exit this runs 16 bytes at a time.
    let blanks = value.iter().fold(0, |any, &byte| any | u8::from(byte == b' ') | u8::from(byte == b'\t'));
    if blanks == 0 {
        push(out, value);
        return;
    }
    for (index, word) in value.split(is_blank).filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            push(out, b" ");
        }
        push(out, word);
    }
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Puts a header where its name belongs, after those of the same name.
#[inline(never)]
pub(crate) fn put<'a>(headers: &mut Vec<(&'a str, &'a [u8])>, name: &'a str, value: &'a [u8]) {
    let place = headers.partition_point(|(known, _)| *known <= name);
    headers.insert(place, (name, value));
}

/// The names that signing looks for, as texts: a table of all that HTTP knows is part of [`HeaderName::as_str`].
const HOST: &str = "host";
pub(crate) const CONTENT_SHA256: &str = "x-amz-content-sha256";
pub(crate) const DATE: &str = "x-amz-date";
pub(crate) const SECURITY_TOKEN: &str = "x-amz-security-token";

pub(crate) static X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static(CONTENT_SHA256);
pub(crate) static X_AMZ_DATE: HeaderName = HeaderName::from_static(DATE);
pub(crate) static X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static(SECURITY_TOKEN);

#[cfg(test)]
mod tests {
    use super::*;

    fn check_path(path: &str, general: &str, s3: &str) {
        for (rules, expected) in [(Rules::GENERAL, general), (Rules::S3, s3)] {
            let mut out = Vec::new();
            push_canonical_path(&mut out, path, rules);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{path} {rules:?}");
        }
    }

    #[test]
    fn s3_signs_a_key_as_it_stands_and_the_others_normalise() {
        check_path("", "/", "/");
        check_path("/", "/", "/");
        check_path("//", "/", "//");
        check_path("/b/a//b", "/b/a/b", "/b/a//b");
        check_path("/b/./x", "/b/x", "/b/./x");
        check_path("/b/a/../b", "/b/b", "/b/a/../b");
        check_path("/b/..", "/", "/b/..");
        check_path("/../../b/", "/b/", "/../../b/");
        check_path("/b/a+b", "/b/a%2Bb", "/b/a%2Bb");
        check_path("/b/a%2Bb", "/b/a%252Bb", "/b/a%2Bb");
        check_path("/b/a%20b", "/b/a%2520b", "/b/a%20b");
        check_path("/b/100%25", "/b/100%2525", "/b/100%25");
        check_path("/b/%E1%88%B4", "/b/%25E1%2588%25B4", "/b/%E1%88%B4");
        check_path("/b/ሴ", "/b/%E1%88%B4", "/b/%E1%88%B4");
        check_path("/b/(1)!*'", "/b/%281%29%21%2A%27", "/b/%281%29%21%2A%27");
    }

    fn check_query(query: &str, expected: &str) {
        let mut out = Vec::new();
        push_canonical_query(&mut out, query);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{query}");
    }

    #[test]
    fn queries_are_sorted_by_name_then_value_after_escaping() {
        check_query("", "");
        check_query("uploads", "uploads=");
        check_query("b=2&a=1", "a=1&b=2");
        check_query("a=2&a=1&a", "a=&a=1&a=2");
        check_query("a-b=1&a=2", "a=2&a-b=1");
        check_query("prefix=a/b+c&x=%2b", "prefix=a%2Fb%20c&x=%2B");
        check_query("a=b=c", "a=b%3Dc");
        check_query("&a=1&&", "a=1");
        check_query("é=1&z=2&A=3", "%C3%A9=1&A=3&z=2");
    }

    fn check_host(uri: &str, expected: Option<&str>) {
        assert_eq!(host(&uri.parse().unwrap()).ok(), expected, "{uri}");
    }

    #[test]
    fn the_host_is_what_a_client_sends() {
        check_host("https://example.com/", Some("example.com"));
        check_host("https://example.com:443/", Some("example.com"));
        check_host("http://example.com:80/", Some("example.com"));
        check_host("http://example.com:443/", Some("example.com:443"));
        check_host("http://[::1]:9000/", Some("[::1]:9000"));
        check_host("http://user@127.0.0.1:9000/", Some("127.0.0.1:9000"));
        check_host("/path", None);
    }

    fn check_value(value: &str, expected: &str) {
        let mut out = Vec::new();
        push_value(&mut out, value.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{value:?}");
    }

    #[test]
    fn values_are_trimmed_and_runs_of_blanks_shrink() {
        check_value("", "");
        check_value("   ", "");
        check_value(" a   b\t\tc ", "a b c");
        check_value("\"a   b\"", "\"a b\"");
        check_value("a b", "a b");
    }
}

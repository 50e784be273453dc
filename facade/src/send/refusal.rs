//! The error code in an answer, whatever protocol the service speaks. Pure.
//!
//! Only what decides about sending again is read; the answer itself goes to the caller as it came.

use http::HeaderMap;
use tucuxi_core::retry::rejects_key;

/// The code in the headers or the document of an answer that is an error.
pub(crate) fn code(headers: &HeaderMap, document: &[u8]) -> Option<String> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let found = match (header("x-amzn-query-error"), header("x-amzn-errortype")) {
        (Some(text), _) => text.split(';').next(),
        (None, Some(text)) => text.split(':').next(),
        (None, None) => None,
    };
    let found = found.map(str::as_bytes).or_else(|| in_xml(document)).or_else(|| in_json(document));
    word(found.or_else(|| in_cbor(document))?)
}

/// Whether the service does not know, or no longer accepts, the key or its token.
pub(crate) fn rejects_credentials(code: Option<&str>) -> bool {
    rejects_key(code) || code.is_some_and(|code| REJECTED_ELSEWHERE.contains(&code))
}

/// `<Code>...</Code>`: the query protocols, EC2 and REST with XML.
fn in_xml(document: &[u8]) -> Option<&[u8]> {
    let rest = after(document, b"<Code>")?;
    rest.split(|byte| *byte == b'<').next()
}

/// `"__type": "namespace#Code"`, also as `"code"`.
fn in_json(document: &[u8]) -> Option<&[u8]> {
    let rest = [b"\"__type\"".as_slice(), b"\"code\"", b"\"Code\""].iter().find_map(|key| after(document, key))?;
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    rest.split(|byte| *byte == b'"').next()
}

/// The text after the key `__type`, both with their length in front.
fn in_cbor(document: &[u8]) -> Option<&[u8]> {
    let (&head, rest) = after(document, b"\x66__type")?.split_first()?;
    match (head, rest.split_first()) {
        (0x60..=0x77, _) => rest.get(..usize::from(head - 0x60)),
        (0x78, Some((&length, rest))) => rest.get(..usize::from(length)),
        _ => None,
    }
}

fn after<'a>(document: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let start = document.windows(key.len()).position(|window| window == key)?;
    document.get(start + key.len()..)
}

/// A code is a word; what stands before `#` is its namespace.
fn word(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let text = text.rsplit('#').next().unwrap_or(text);
    let is_word = !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    is_word.then(|| text.to_owned())
}

/// What EC2 and the services with JSON call it.
const REJECTED_ELSEWHERE: [&str; 3] = ["AuthFailure", "RequestExpired", "UnrecognizedClientException"];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(header: Option<(&'static str, &str)>, document: &[u8], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(code(&headers, document).as_deref(), expected, "{}", String::from_utf8_lossy(document));
    }

    #[test]
    fn every_protocol_names_its_code() {
        let ec2 = b"<?xml version=\"1.0\"?><Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>";
        check(None, ec2, Some("RequestLimitExceeded"));
        check(None, br#"{"__type":"com.amazon.coral.service#ExpiredTokenException"}"#, Some("ExpiredTokenException"));
        check(None, br#"{ "message": "x", "code" : "ThrottlingException" }"#, Some("ThrottlingException"));
        check(None, b"\xa1\x66__type\x73aws.x#ThrottledOnce", Some("ThrottledOnce"));
        check(None, b"\xa1\x66__type\x78\x21aws.protocols#ThrottlingException", Some("ThrottlingException"));
        let rest = ("x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/");
        check(Some(rest), br#"{"__type":"Other"}"#, Some("ThrottlingException"));
        let query = ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
        check(Some(query), b"{}", Some("AWS.SimpleQueueService.NonExistentQueue"));
    }

    #[test]
    fn what_is_no_word_is_no_code() {
        check(None, b"", None);
        check(None, b"<html>no</html>", None);
        check(None, b"<Code>two words</Code>", None);
        check(None, b"<Code></Code>", None);
        check(None, br#"{"__type": 5}"#, None);
        check(None, b"\x66__type", None);
        check(None, b"\x66__type\x78", None);
        check(None, b"\x66__type\x77short", None);
        check(Some(("x-amzn-errortype", "")), b"", None);
    }

    #[test]
    fn codes_that_name_the_credentials() {
        for code in ["ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "AuthFailure"] {
            assert!(rejects_credentials(Some(code)), "{code}");
        }
        for code in [None, Some("AccessDenied"), Some("SignatureDoesNotMatch"), Some("Throttling")] {
            assert!(!rejects_credentials(code), "{code:?}");
        }
    }
}

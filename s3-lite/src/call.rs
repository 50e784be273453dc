//! One operation, as it goes out, and its answer. Pure.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tucuxi_core::Body;

use crate::Error;
use crate::date::http_date;
use crate::encode::push_parameter;

/// One operation before it is signed, its body aside.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    /// Encoded, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) reads: Reads,
    /// S3 sends blanks while it works, and the document at the end.
    pub(crate) slow: bool,
    /// Makes or removes a bucket: no accelerated endpoint, no learned region.
    pub(crate) control: bool,
    /// The first setter that got what cannot be sent.
    invalid: Option<Cow<'static, str>>,
}

/// How the answer's body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Whole and at once; at most so many bytes.
    Document(u64),
    /// Piece by piece by the caller, whatever its size.
    Stream,
}

/// What S3 answered, when that was no error.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Answer {
    /// The document; empty where there is none.
    pub(crate) fn document(&self) -> &[u8] {
        self.body.as_bytes().map_or(&[], Bytes::as_ref)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Call {
    pub(crate) fn service(operation: &'static str, method: Method) -> Self {
        Self {
            operation,
            method,
            bucket: None,
            key: None,
            query: String::new(),
            headers: HeaderMap::new(),
            reads: Reads::Document(SMALL),
            slow: false,
            control: false,
            invalid: None,
        }
    }

    pub(crate) fn bucket(operation: &'static str, method: Method, bucket: impl Into<String>) -> Self {
        Self { bucket: Some(bucket.into()), ..Self::service(operation, method) }
    }

    pub(crate) fn object(
        operation: &'static str,
        method: Method,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        Self { key: Some(key.into()), ..Self::bucket(operation, method, bucket) }
    }

    /// Sets a query parameter, also one that was set before.
    pub(crate) fn parameter(&mut self, name: &str, value: &str) {
        let same = |pair: &&str| pair.split('=').next() == Some(name);
        if self.query.split('&').any(|pair| same(&pair)) {
            self.query = self.query.split('&').filter(|pair| !same(pair)).collect::<Vec<_>>().join("&");
        }
        push_parameter(&mut self.query, name, value);
    }

    /// Sets a header, or remembers that it cannot be sent.
    pub(crate) fn header(&mut self, name: HeaderName, value: &str) {
        // Servers disagree on what bytes beyond ASCII mean in a header, and a signature over them is luck.
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.insert(name, value);
            }
            Err(_) => self.refuse(format!("the value of {name} holds a character that no header can carry")),
        }
    }

    pub(crate) fn date(&mut self, name: HeaderName, at: SystemTime) {
        self.header(name, &http_date(at));
    }

    pub(crate) fn metadata(&mut self, name: &str, value: &str) {
        match HeaderName::from_bytes(format!("x-amz-meta-{name}").as_bytes()) {
            Ok(name) if !name.as_str().ends_with("x-amz-meta-") => self.header(name, value),
            _ => self.refuse(format!("{name:?} cannot be the name of metadata")),
        }
    }

    /// Remembers the first thing that is wrong with the request.
    pub(crate) fn refuse(&mut self, why: impl Into<Cow<'static, str>>) {
        if self.invalid.is_none() {
            self.invalid = Some(why.into());
        }
    }

    /// Whether the request can be sent as it is.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(why) = &self.invalid {
            return Err(Error::invalid_request(why.clone()));
        }
        if let Some(bucket) = &self.bucket {
            check_bucket(bucket)?;
        }
        match &self.key {
            Some(key) if key.is_empty() => Err(Error::invalid_request("the key is empty")),
            _ => Ok(()),
        }
    }
}

fn check_bucket(bucket: &str) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::invalid_request(format!("{bucket:?} cannot be a bucket: {why}")));
    if bucket.is_empty() {
        return refuse("the name is empty");
    }
    if bucket.starts_with("arn:") {
        return refuse("access point ARNs are not supported; use the access point's alias");
    }
    if bucket.ends_with("--x-s3") || bucket.ends_with("--xa-s3") {
        return refuse("directory buckets (S3 Express) are not supported");
    }
    if bucket.ends_with("--op-s3") {
        return refuse("access points on Outposts are not supported");
    }
    if bucket == "." || bucket == ".." || bucket.len() > 255 {
        return refuse("no bucket has such a name");
    }
    if bucket.contains('/') || bucket.chars().any(char::is_control) {
        return refuse("the name holds a slash or a control character");
    }
    Ok(())
}

/// Setters of headers with the same name: `name => header`.
macro_rules! header_setters {
    ($($(#[$doc:meta])* $name:ident => $header:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, value: impl AsRef<str>) -> Self {
                self.call.header($header, value.as_ref());
                self
            }
        )*
    };
}

/// Setters of query parameters with the same name: `name => parameter`.
macro_rules! parameter_setters {
    ($($(#[$doc:meta])* $name:ident => $parameter:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, value: impl AsRef<str>) -> Self {
                self.call.parameter($parameter, value.as_ref());
                self
            }
        )*
    };
}

/// Conditions on the object as it is.
macro_rules! condition_setters {
    () => {
        /// Only if the object has this ETag.
        pub fn if_match(mut self, e_tag: impl AsRef<str>) -> Self {
            self.call.header(http::header::IF_MATCH, e_tag.as_ref());
            self
        }

        /// Only if the object has another ETag than this one; `*` means: only if there is none.
        pub fn if_none_match(mut self, e_tag: impl AsRef<str>) -> Self {
            self.call.header(http::header::IF_NONE_MATCH, e_tag.as_ref());
            self
        }
    };
}

/// What any operation on a bucket or object may say about who pays and who should own the bucket.
macro_rules! owner_setters {
    () => {
        header_setters! {
            /// Fails with 403 when the bucket belongs to another account.
            expected_bucket_owner => http::HeaderName::from_static("x-amz-expected-bucket-owner");
            /// Who pays for the request: `requester`.
            request_payer => http::HeaderName::from_static("x-amz-request-payer");
        }
    };
}

pub(crate) use {condition_setters, header_setters, owner_setters, parameter_setters};

/// What a document that is no listing may have.
pub(crate) const SMALL: u64 = 64 * 1024;
/// What a page of a listing may have.
pub(crate) const PAGE: u64 = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bucket: &str, valid: bool) {
        assert_eq!(check_bucket(bucket).is_ok(), valid, "{bucket:?}");
    }

    #[test]
    fn names_that_cannot_be_buckets_are_refused_before_anything_is_sent() {
        for bucket in ["bucket", "my.bucket", "Upper", "a_b", "example.com#", "aa"] {
            check(bucket, true);
        }
        for bucket in
            ["", "a/b", ".", "..", "a\nb", "arn:aws:s3:us-west-2:1:accesspoint/x", "b--usw2-az1--x-s3", "p--op-s3"]
        {
            check(bucket, false);
        }
    }

    #[test]
    fn what_no_header_can_carry_is_remembered() {
        let mut call = Call::object("PutObject", Method::PUT, "b", "k");
        call.header(http::header::CONTENT_TYPE, "text/plain\r\nx: y");
        call.header(http::header::CACHE_CONTROL, "é");
        let error = call.check().unwrap_err();
        assert_eq!(error.to_string(), "the value of content-type holds a character that no header can carry");
        let mut call = Call::object("PutObject", Method::PUT, "b", "k");
        call.metadata("a b", "x");
        assert_eq!(call.check().unwrap_err().to_string(), "\"a b\" cannot be the name of metadata");
    }
}

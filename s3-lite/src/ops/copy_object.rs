//! CopyObject.

use std::time::SystemTime;

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderName, Method};
use tucuxi_core::parse_timestamp;

use super::{awaitable, unreadable};
use crate::call::{Answer, Call, condition_setters, header_setters, owner_setters};
use crate::encode::{push_component, push_path};
use crate::xml::Document;
use crate::{Client, Error};

/// Copies an object of up to 5 GiB within S3, which sends blanks as long as that takes: the limit is 20 minutes, or the
/// one of other answers where that is longer.
///
/// Media type and metadata come along, unless [`replace_metadata`](Self::replace_metadata) says otherwise.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CopyObject {
    client: Client,
    call: Call,
}

impl CopyObject {
    pub(crate) fn new(client: Client, source_bucket: &str, source_key: &str, bucket: String, key: String) -> Self {
        let mut call = Call::object("CopyObject", Method::PUT, bucket, key);
        if source_bucket.is_empty() || source_bucket.contains('/') || source_key.is_empty() {
            call.refuse("the source of the copy names no object");
        }
        call.slow = true;
        call.header(SOURCE, &source(source_bucket, source_key, None));
        Self { client, call }
    }

    /// Another version of the source than the latest.
    pub fn source_version_id(mut self, version: impl AsRef<str>) -> Self {
        let mut value =
            self.call.headers.get(SOURCE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        value.truncate(value.find('?').unwrap_or(value.len()));
        push_version(&mut value, version.as_ref());
        self.call.header(SOURCE, &value);
        self
    }

    /// Takes media type, metadata and the like from this request instead of from the source.
    pub fn replace_metadata(mut self) -> Self {
        self.call.header(HeaderName::from_static("x-amz-metadata-directive"), "REPLACE");
        self
    }

    /// Metadata of one's own; counts with [`replace_metadata`](Self::replace_metadata).
    pub fn metadata(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.call.metadata(name.as_ref(), value.as_ref());
        self
    }

    condition_setters!();
    owner_setters!();

    header_setters! {
        /// Only if the source has this ETag.
        source_if_match => HeaderName::from_static("x-amz-copy-source-if-match");
        /// Only if the source has another ETag.
        source_if_none_match => HeaderName::from_static("x-amz-copy-source-if-none-match");
        /// Fails with 403 when the source bucket belongs to another account.
        source_expected_bucket_owner => HeaderName::from_static("x-amz-source-expected-bucket-owner");
        /// The media type; counts with `replace_metadata`.
        content_type => CONTENT_TYPE;
        /// How the bytes are encoded; counts with `replace_metadata`.
        content_encoding => CONTENT_ENCODING;
        /// How a browser shows it; counts with `replace_metadata`.
        content_disposition => CONTENT_DISPOSITION;
        /// The natural language; counts with `replace_metadata`.
        content_language => CONTENT_LANGUAGE;
        /// How long it may be cached; counts with `replace_metadata`.
        cache_control => CACHE_CONTROL;
        /// The storage class of the copy.
        storage_class => HeaderName::from_static("x-amz-storage-class");
        /// A canned ACL: `private`, `public-read`, ...
        acl => HeaderName::from_static("x-amz-acl");
        /// How S3 encrypts the copy: `AES256`, `aws:kms`, `aws:kms:dsse`.
        server_side_encryption => HeaderName::from_static("x-amz-server-side-encryption");
        /// The KMS key that encrypts the copy.
        kms_key_id => HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id");
    }
}

awaitable!(CopyObject => CopyObjectOutput, read);

/// What S3 says about a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyObjectOutput {
    e_tag: Option<String>,
    last_modified: Option<SystemTime>,
    version_id: Option<String>,
}

impl CopyObjectOutput {
    /// The entity tag of the copy, quotes included.
    pub fn e_tag(&self) -> Option<&str> {
        self.e_tag.as_deref()
    }

    /// When the copy was written.
    pub fn last_modified(&self) -> Option<SystemTime> {
        self.last_modified
    }

    /// The version of the copy, in a bucket with versions.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }
}

fn source(bucket: &str, key: &str, version: Option<&str>) -> String {
    let mut value = String::with_capacity(bucket.len() + key.len() + 16);
    value.push('/');
    push_path(&mut value, bucket);
    value.push('/');
    push_path(&mut value, key);
    if let Some(version) = version {
        push_version(&mut value, version);
    }
    value
}

fn push_version(value: &mut String, version: &str) {
    value.push_str("?versionId=");
    push_component(value, version);
}

fn read(answer: Answer) -> Result<CopyObjectOutput, Error> {
    let mut document = Document::with_root(answer.document(), "CopyObjectResult").map_err(unreadable)?;
    let mut output = CopyObjectOutput {
        e_tag: None,
        last_modified: None,
        version_id: answer.header("x-amz-version-id").map(str::to_owned),
    };
    document
        .children(|name, document| {
            match name {
                "ETag" => output.e_tag = Some(document.text()?),
                "LastModified" => output.last_modified = parse_timestamp(&document.text()?),
                _ => {}
            }
            Ok(())
        })
        .map_err(unreadable)?;
    Ok(output)
}

const SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");

//! What the headers of an answer say about an object.

use std::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use tucuxi_core::parse_timestamp;

/// What is known about an object without its bytes. Headers are read when they are asked for.
#[derive(Clone)]
pub struct ObjectHead {
    headers: HeaderMap,
}

impl ObjectHead {
    pub(crate) fn new(headers: HeaderMap) -> Self {
        Self { headers }
    }

    /// The number of bytes: of the object, or of the range that was asked for.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// Which bytes of how many: `bytes 0-4/11`.
    pub fn content_range(&self) -> Option<&str> {
        self.header("content-range")
    }

    /// The number of bytes of the whole object, also when a range was asked for.
    pub fn size(&self) -> Option<u64> {
        match self.content_range() {
            Some(range) => range.rsplit_once('/')?.1.parse().ok(),
            None => self.content_length(),
        }
    }

    /// The entity tag, quotes included.
    pub fn e_tag(&self) -> Option<&str> {
        self.header("etag")
    }

    /// The media type.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }

    /// How the bytes are encoded, for example `gzip`; they are handed out as they are.
    pub fn content_encoding(&self) -> Option<&str> {
        self.header("content-encoding")
    }

    /// How a browser shows it.
    pub fn content_disposition(&self) -> Option<&str> {
        self.header("content-disposition")
    }

    /// The natural language.
    pub fn content_language(&self) -> Option<&str> {
        self.header("content-language")
    }

    /// How long it may be cached.
    pub fn cache_control(&self) -> Option<&str> {
        self.header("cache-control")
    }

    /// When it was last written.
    pub fn last_modified(&self) -> Option<SystemTime> {
        parse_timestamp(self.header("last-modified")?)
    }

    /// The version, in a bucket with versions.
    pub fn version_id(&self) -> Option<&str> {
        self.header("x-amz-version-id")
    }

    /// The storage class; `STANDARD` is named by silence.
    pub fn storage_class(&self) -> &str {
        self.header("x-amz-storage-class").unwrap_or("STANDARD")
    }

    /// How it is encrypted: `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub fn server_side_encryption(&self) -> Option<&str> {
        self.header("x-amz-server-side-encryption")
    }

    /// The metadata that its writer gave it; names are in lower case. Values that are no text are left out.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().strip_prefix("x-amz-meta-")?, value.to_str().ok()?)))
    }

    /// One value of the metadata.
    pub fn metadata_value(&self, name: &str) -> Option<&str> {
        self.metadata().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Any header of the answer, when its value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for ObjectHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectHead")
            .field("content_length", &self.content_length())
            .field("e_tag", &self.e_tag())
            .field("content_type", &self.content_type())
            .finish_non_exhaustive()
    }
}

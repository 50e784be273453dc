//! PutObject.

use std::time::SystemTime;

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, EXPIRES};
use http::{HeaderName, Method};
use tucuxi_core::{Body, HttpError};

use super::{awaitable, presignable};
use crate::call::{Answer, Call, condition_setters, header_setters, owner_setters};
use crate::client::Replay;
use crate::{Client, Error};

/// Writes an object.
///
/// Bytes in memory are signed. A stream, whose length must be known, is not signed over TLS, which protects it;
/// over plain HTTP each of its chunks is signed. A stream in [`body`](Self::body) is sent once: when the connection
/// breaks in the middle of it, or the bucket turns out to be elsewhere, the call fails. One from
/// [`body_from`](Self::body_from) is sent again like bytes in memory.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// s3.put_object("my-bucket", "page.html")
///     .body("<h1>hello</h1>")
///     .content_type("text/html")
///     .metadata("origin", "example")
///     .if_none_match("*")
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct PutObject {
    client: Client,
    call: Call,
    body: Replay,
}

impl PutObject {
    pub(crate) fn new(client: Client, bucket: String, key: String) -> Self {
        Self { client, call: Call::object("PutObject", Method::PUT, bucket, key), body: Replay::default() }
    }

    /// The bytes: text, a vector, `Bytes`, or a stream of known length.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Replay::new(body.into());
        self
    }

    /// The bytes from a function that is called at each attempt and gives all of them from their beginning: opens a
    /// file again, or goes back to where it began. What an earlier attempt got may still be in use, so the two must
    /// not share a position.
    ///
    /// An error of the function ends the call; so does a body of another length than the first.
    ///
    /// # Example
    /// ```
    /// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use bytes::Bytes;
    /// use tucuxi_core::{Body, HttpError, PollBody};
    ///
    /// /// So many pieces of a thousand zeros.
    /// struct Zeros(u64);
    ///
    /// impl PollBody for Zeros {
    ///     fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
    ///         let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
    ///         self.0 = left;
    ///         Poll::Ready(Some(Ok(Bytes::from_static(&[0; 1000]))))
    ///     }
    ///
    ///     fn remaining(&self) -> Option<u64> {
    ///         Some(self.0 * 1000)
    ///     }
    /// }
    ///
    /// s3.put_object("my-bucket", "zeros").body_from(|| Ok(Body::stream(Zeros(1000)))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn body_from(mut self, make: impl FnMut() -> Result<Body, HttpError> + Send + 'static) -> Self {
        self.body = Replay::made(Box::new(make));
        self
    }

    /// Metadata of one's own, by a name and a value in ASCII.
    pub fn metadata(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.call.metadata(name.as_ref(), value.as_ref());
        self
    }

    /// When caches should forget it.
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.call.date(EXPIRES, at);
        self
    }

    condition_setters!();
    owner_setters!();

    header_setters! {
        /// The media type; S3 takes `binary/octet-stream` when none is given.
        content_type => CONTENT_TYPE;
        /// How the bytes are encoded, for example `gzip`.
        content_encoding => CONTENT_ENCODING;
        /// How a browser shows it.
        content_disposition => CONTENT_DISPOSITION;
        /// The natural language.
        content_language => CONTENT_LANGUAGE;
        /// How long it may be cached.
        cache_control => CACHE_CONTROL;
        /// The storage class: `STANDARD_IA`, `INTELLIGENT_TIERING`, ...
        storage_class => HeaderName::from_static("x-amz-storage-class");
        /// A canned ACL: `private`, `public-read`, ...
        acl => HeaderName::from_static("x-amz-acl");
        /// Tags in the form of a query: `name=value&other=value`.
        tagging => HeaderName::from_static("x-amz-tagging");
        /// How S3 encrypts it: `AES256`, `aws:kms`, `aws:kms:dsse`.
        server_side_encryption => HeaderName::from_static("x-amz-server-side-encryption");
        /// The KMS key that encrypts it.
        kms_key_id => HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id");
        /// Where a website sends its visitors instead.
        website_redirect => HeaderName::from_static("x-amz-website-redirect-location");
    }
}

awaitable!(PutObject => PutObjectOutput, read, |request| std::mem::take(&mut request.body));
presignable!(PutObject);

/// What S3 says about an object that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutObjectOutput {
    e_tag: Option<String>,
    version_id: Option<String>,
}

impl PutObjectOutput {
    /// The entity tag, quotes included.
    pub fn e_tag(&self) -> Option<&str> {
        self.e_tag.as_deref()
    }

    /// The version, in a bucket with versions.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }
}

fn read(answer: Answer) -> Result<PutObjectOutput, Error> {
    Ok(PutObjectOutput {
        e_tag: answer.header("etag").map(str::to_owned),
        version_id: answer.header("x-amz-version-id").map(str::to_owned),
    })
}

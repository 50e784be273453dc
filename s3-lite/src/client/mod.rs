//! The client: settings, shared state, and one method for each operation.

mod builder;
mod chunked;
mod exchange;
mod outgoing;
mod place;
mod presign;
mod replay;
mod secrets;

use std::fmt;
use std::sync::Arc;

use tucuxi_core::retry::{RetryBudget, RetryPolicy};
use tucuxi_core::{Cache, Clock, ClockSkew, Context, HttpClient, HttpOptions};

use self::place::Places;
use crate::Error;
use crate::endpoint::Options;
use crate::handles::BucketHandle;
use crate::ops::{
    BucketLocation, Buckets, CopyObject, CreateBucket, DeleteBucket, DeleteObject, DeleteObjects, GetObject,
    HeadBucket, HeadObject, ListObjects, ObjectId, PutObject,
};

pub(crate) use replay::Replay;

pub use builder::ClientBuilder;
pub use presign::Presigned;

/// A signed S3 client.
///
/// Each method gives a request with setters; awaiting it sends it. Nothing is sent before.
///
/// - Reads: `AWS_DISABLE_CLOCK_SKEW_CORRECTION`, when the server's clock is more than 4 minutes away.
///   Credentials come from their cache at each attempt.
/// - Network: one request for each operation, or one for each page of a listing. It is signed and sent again,
///   3 times in all, after a time-out, a broken connection, a 5xx or a plea for fewer requests; and once more
///   each when the bucket turns out to be in another region, when the key was rejected and its source has a new
///   one, and when the server does not believe the clock. A stream that can be had only once goes out
///   once; [`PutObject::body_from`] makes it anew.
/// - Time-outs: those of [`HttpOptions`], which [`ClientBuilder::limits`] changes. An answer that is not the bytes of
///   an object has to end within [`HttpOptions::answer_limit`], 60 s by default; a copy within S3 has 20 minutes.
///
/// A clone is a reference count and shares what was learned: regions of buckets, clock skew, retry budget.
///
/// # Errors
/// Every operation fails by [`ErrorKind`](crate::ErrorKind).
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Credentials};
/// use tucuxi_s3_lite::Client;
///
/// # async fn example() -> Result<(), tucuxi_s3_lite::Error> {
/// // `tucuxi_transport::system()` is a context with a network.
/// let s3 = Client::builder(&Context::local())
///     .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
///     .region("eu-west-1")
///     .build()?;
/// s3.put_object("my-bucket", "my-key").body("hello").await?;
/// let text = s3.get_object("my-bucket", "my-key").range(0..5).await?.text().await?;
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    clock: Arc<dyn Clock>,
    http: Arc<dyn HttpClient>,
    credentials: Option<Cache>,
    setup: Result<Setup, tucuxi_core::Error>,
    budget: RetryBudget,
    skew: ClockSkew,
    builder: ClientBuilder,
}

/// Settings that were found to be right.
pub(crate) struct Setup {
    options: Options,
    places: Places,
    retry: RetryPolicy,
    limits: HttpOptions,
}

impl Client {
    /// Settings for a client that uses network, clock and environment of this context.
    pub fn builder(context: &Context) -> ClientBuilder {
        ClientBuilder::new(context)
    }

    /// The same client at another endpoint. A URL that is none shows when something is sent.
    #[must_use]
    pub fn with_endpoint(&self, url: impl Into<String>) -> Self {
        self.0.builder.clone().endpoint(url).deferred()
    }

    /// The same client in another region. A region that is none shows when something is sent.
    #[must_use]
    pub fn with_region(&self, region: impl AsRef<str>) -> Self {
        self.0.builder.clone().region(region).deferred()
    }

    /// The same client without signatures: for public buckets.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        self.0.builder.clone().anonymous().deferred()
    }

    /// A bucket as a handle, for people who come from boto3's resources.
    pub fn bucket(&self, name: impl Into<String>) -> BucketHandle {
        BucketHandle::new(self.clone(), name.into())
    }

    /// Lists the buckets.
    pub fn buckets(&self) -> Buckets {
        Buckets::new(self.clone())
    }

    /// Makes a bucket in the client's region.
    pub fn create_bucket(&self, bucket: impl Into<String>) -> CreateBucket {
        CreateBucket::new(self.clone(), bucket.into())
    }

    /// Removes an empty bucket.
    pub fn delete_bucket(&self, bucket: impl Into<String>) -> DeleteBucket {
        DeleteBucket::new(self.clone(), bucket.into())
    }

    /// Asks whether a bucket exists and may be used.
    pub fn head_bucket(&self, bucket: impl Into<String>) -> HeadBucket {
        HeadBucket::new(self.clone(), bucket.into())
    }

    /// Asks for the region of a bucket.
    pub fn bucket_location(&self, bucket: impl Into<String>) -> BucketLocation {
        BucketLocation::new(self.clone(), bucket.into())
    }

    /// Lists the objects of a bucket.
    pub fn list_objects(&self, bucket: impl Into<String>) -> ListObjects {
        ListObjects::new(self.clone(), bucket.into())
    }

    /// Reads an object, or a range of it.
    pub fn get_object(&self, bucket: impl Into<String>, key: impl Into<String>) -> GetObject {
        GetObject::new(self.clone(), bucket.into(), key.into())
    }

    /// Asks for what is known about an object.
    pub fn head_object(&self, bucket: impl Into<String>, key: impl Into<String>) -> HeadObject {
        HeadObject::new(self.clone(), bucket.into(), key.into())
    }

    /// Writes an object.
    pub fn put_object(&self, bucket: impl Into<String>, key: impl Into<String>) -> PutObject {
        PutObject::new(self.clone(), bucket.into(), key.into())
    }

    /// Copies an object within S3.
    pub fn copy_object(
        &self,
        source_bucket: impl AsRef<str>,
        source_key: impl AsRef<str>,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> CopyObject {
        CopyObject::new(self.clone(), source_bucket.as_ref(), source_key.as_ref(), bucket.into(), key.into())
    }

    /// Deletes an object, which need not exist.
    pub fn delete_object(&self, bucket: impl Into<String>, key: impl Into<String>) -> DeleteObject {
        DeleteObject::new(self.clone(), bucket.into(), key.into())
    }

    /// Deletes any number of objects.
    pub fn delete_objects<I>(&self, bucket: impl Into<String>, objects: I) -> DeleteObjects
    where
        I: IntoIterator,
        I::Item: Into<ObjectId>,
    {
        DeleteObjects::new(self.clone(), bucket.into(), objects.into_iter().map(Into::into).collect())
    }

    /// Forgets where a bucket was, now that it is made or gone.
    pub(crate) fn forget(&self, bucket: &str) {
        if let Ok(setup) = &self.0.setup {
            setup.places.forget(bucket);
        }
    }

    /// The region that new buckets are made in, unless it is us-east-1, which is named by silence.
    pub(crate) fn location_constraint(&self) -> Option<String> {
        let home = self.0.setup.as_ref().ok()?.places.home();
        Some(home.signs_as()).filter(|region| *region != "us-east-1").map(str::to_owned)
    }

    fn setup(&self) -> Result<&Setup, Error> {
        self.0.setup.as_ref().map_err(|error| Error::config(error.clone()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.builder).finish()
    }
}

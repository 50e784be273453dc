//! `s3s-fs` behind an index: it keeps the bytes under safe names, the index keeps keys, lists and conditions.
//!
//! A key is any text, a path is not: left to itself `s3s-fs` drops `./`, `//` and a leading slash from keys,
//! and lists them without entity tags. It also ties an upload to one access key, where S3 lets the next
//! session of the same account go on; so it never learns whose request it serves.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use tucuxi_core::{Clock, Error};

use super::index::Index;

#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) files: FileSystem,
    pub(super) index: Index,
    pub(super) region: String,
    clock: Arc<dyn Clock>,
}

impl Shelf {
    pub(super) fn new(root: &Path, region: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        // The file system asks for it, and does not say so.
        std::env::current_dir().map_err(|error| {
            Error::unavailable("the current directory cannot be found")
                .with_source(error)
                .with_hint("go to another one")
        })?;
        let files = FileSystem::new(root).map_err(|error| {
            // It shows itself only as the answer to a request.
            let cause = S3Error::from(error).source().map_or_else(String::new, ToString::to_string);
            Error::unavailable(format!("cannot keep objects in {}", root.display())).with_source(cause)
        })?;
        Ok(Self { files, index: Index::default(), region: region.to_owned(), clock })
    }

    /// The present instant as S3 keeps it: to the second.
    pub(super) fn now(&self) -> Timestamp {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()))
    }
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait]
impl S3 for Shelf {
    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        self.new_bucket(anonymous(request)).await
    }

    async fn delete_bucket(&self, request: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        self.drop_bucket(anonymous(request)).await
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.index.lock().bucket(&request.input.bucket)?;
        let region = Some(self.region.clone());
        Ok(S3Response::new(HeadBucketOutput { bucket_region: region, ..HeadBucketOutput::default() }))
    }

    async fn get_bucket_location(&self, request: S3Request<GetBucketLocationInput>) -> Answer<GetBucketLocationOutput> {
        self.index.lock().bucket(&request.input.bucket)?;
        let elsewhere = self.region != CLASSIC_REGION;
        let location_constraint = elsewhere.then(|| BucketLocationConstraint::from(self.region.clone()));
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
    }

    async fn list_buckets(&self, request: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        Ok(S3Response::new(self.buckets(request.input)))
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> Answer<ListObjectsOutput> {
        self.objects_v1(request.input).map(S3Response::new)
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        self.objects_v2(request.input).map(S3Response::new)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        self.put(anonymous(request)).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        self.get(anonymous(request)).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        self.head(anonymous(request)).await
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        self.copy(anonymous(request)).await
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        let DeleteObjectInput { bucket, key, if_match, .. } = &request.input;
        self.delete(bucket, key, if_match.as_ref()).await?;
        Ok(S3Response::with_status(DeleteObjectOutput::default(), http::StatusCode::NO_CONTENT))
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answer<DeleteObjectsOutput> {
        self.delete_many(request.input).await.map(S3Response::new)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        self.begin(anonymous(request)).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        self.part(anonymous(request)).await
    }

    async fn upload_part_copy(&self, request: S3Request<UploadPartCopyInput>) -> Answer<UploadPartCopyOutput> {
        self.part_copy(anonymous(request)).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        self.complete(anonymous(request)).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        self.abort(anonymous(request)).await
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        self.parts(anonymous(request)).await
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        self.uploads(request.input).map(S3Response::new)
    }
}

fn anonymous<T>(request: S3Request<T>) -> S3Request<T> {
    S3Request { credentials: None, ..request }
}

/// The region that S3 does not name in locations.
pub(super) const CLASSIC_REGION: &str = "us-east-1";

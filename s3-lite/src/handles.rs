//! Buckets and objects as handles, for people who come from boto3's resources.

use crate::Client;
use crate::ops::{
    BucketLocation, CopyObject, CreateBucket, DeleteBucket, DeleteObject, DeleteObjects, GetObject, HeadBucket,
    HeadObject, ListObjects, ObjectId, PutObject,
};

/// A bucket, by its name. Making a handle sends nothing.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// let bucket = s3.bucket("my-bucket");
/// bucket.object("my-key").put().body("hello").await?;
/// bucket.object("my-key").delete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BucketHandle {
    client: Client,
    name: String,
}

impl BucketHandle {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An object of this bucket, as a handle.
    pub fn object(&self, key: impl Into<String>) -> ObjectHandle {
        ObjectHandle { bucket: self.clone(), key: key.into() }
    }

    /// [`Client::create_bucket`].
    pub fn create(&self) -> CreateBucket {
        self.client.create_bucket(&self.name)
    }

    /// [`Client::delete_bucket`].
    pub fn delete(&self) -> DeleteBucket {
        self.client.delete_bucket(&self.name)
    }

    /// [`Client::head_bucket`].
    pub fn head(&self) -> HeadBucket {
        self.client.head_bucket(&self.name)
    }

    /// [`Client::bucket_location`].
    pub fn location(&self) -> BucketLocation {
        self.client.bucket_location(&self.name)
    }

    /// [`Client::list_objects`].
    pub fn list_objects(&self) -> ListObjects {
        self.client.list_objects(&self.name)
    }

    /// [`Client::delete_objects`].
    pub fn delete_objects<I>(&self, objects: I) -> DeleteObjects
    where
        I: IntoIterator,
        I::Item: Into<ObjectId>,
    {
        self.client.delete_objects(&self.name, objects)
    }
}

/// An object, by its bucket and key. Making a handle sends nothing.
#[derive(Clone, Debug)]
pub struct ObjectHandle {
    bucket: BucketHandle,
    key: String,
}

impl ObjectHandle {
    /// The bucket.
    pub fn bucket(&self) -> &BucketHandle {
        &self.bucket
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// [`Client::get_object`].
    pub fn get(&self) -> GetObject {
        self.bucket.client.get_object(&self.bucket.name, &self.key)
    }

    /// [`Client::put_object`].
    pub fn put(&self) -> PutObject {
        self.bucket.client.put_object(&self.bucket.name, &self.key)
    }

    /// [`Client::head_object`].
    pub fn head(&self) -> HeadObject {
        self.bucket.client.head_object(&self.bucket.name, &self.key)
    }

    /// [`Client::delete_object`].
    pub fn delete(&self) -> DeleteObject {
        self.bucket.client.delete_object(&self.bucket.name, &self.key)
    }

    /// [`Client::copy_object`] to another place.
    pub fn copy_to(&self, bucket: impl Into<String>, key: impl Into<String>) -> CopyObject {
        self.bucket.client.copy_object(&self.bucket.name, &self.key, bucket, key)
    }
}

//! A small signed S3 client.
//!
//! One request builder for each operation: setters never fail, awaiting it sends it.
//!
//! ```
//! use tucuxi_core::{Context, Credentials};
//! use tucuxi_s3_lite::Client;
//!
//! # async fn example() -> Result<(), tucuxi_s3_lite::Error> {
//! let s3 = Client::builder(&Context::local())
//!     .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
//!     .region("eu-west-1")
//!     .build()?;
//! let mut buckets = s3.buckets();
//! while let Some(bucket) = buckets.try_next().await? {
//!     println!("{}", bucket.name());
//! }
//! s3.put_object("my-bucket", "my-key").body("hello").await?;
//! let text = s3.get_object("my-bucket", "my-key").range(0..5).await?.text().await?;
//! s3.bucket("my-bucket").object("my-key").delete().await?;
//! # Ok(())
//! # }
//! ```
//!
//! There is no runtime and no HTTP stack here; the [`Context`](tucuxi_core::Context) brings both.
//!
//! Keys are bytes that the user chose: dots, slashes, blanks, `+`, `%` and control characters reach the server
//! unchanged and come back unchanged from listings.
//!
//! Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

mod advice;
mod call;
mod client;
mod date;
mod encode;
mod endpoint;
mod error;
mod fault;
mod handles;
mod ops;
mod paginate;
mod xml;

pub use client::{Client, ClientBuilder, Presigned};
pub use endpoint::Addressing;
pub use error::{Error, ErrorKind};
pub use handles::{BucketHandle, ObjectHandle};
pub use ops::{
    Bucket, BucketLocation, BucketPage, BucketPages, Buckets, CopyObject, CopyObjectOutput, CreateBucket, DeleteBucket,
    DeleteError, DeleteObject, DeleteObjectOutput, DeleteObjects, DeleteObjectsOutput, GetObject, GetObjectOutput,
    HeadBucket, HeadBucketOutput, HeadObject, ListObjects, Object, ObjectHead, ObjectId, ObjectPage, ObjectPages,
    Objects, PutObject, PutObjectOutput,
};

//! HeadBucket.

use http::Method;

use super::awaitable;
use crate::call::{Answer, Call, header_setters, owner_setters};
use crate::{Client, Error};

/// Asks whether a bucket exists and may be used.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct HeadBucket {
    client: Client,
    call: Call,
}

/// What is known about a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadBucketOutput {
    region: Option<String>,
}

impl HeadBucket {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, call: Call::bucket("HeadBucket", Method::HEAD, bucket) }
    }

    owner_setters!();
}

impl HeadBucketOutput {
    /// The region the bucket is in, where the service says it.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

awaitable!(HeadBucket => HeadBucketOutput, read);

fn read(answer: Answer) -> Result<HeadBucketOutput, Error> {
    Ok(HeadBucketOutput { region: answer.header("x-amz-bucket-region").map(str::to_owned) })
}

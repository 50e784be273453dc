//! DeleteBucket.

use http::Method;
use tucuxi_core::BoxFuture;

use crate::call::{Call, header_setters, owner_setters};
use crate::client::Replay;
use crate::{Client, Error};

/// Removes a bucket, which must be empty.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteBucket {
    client: Client,
    call: Call,
}

impl DeleteBucket {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, call: Call::bucket("DeleteBucket", Method::DELETE, bucket) }
    }

    owner_setters!();
}

impl IntoFuture for DeleteBucket {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.client.send(&self.call, Replay::default()).await?;
            if let Some(bucket) = &self.call.bucket {
                self.client.forget(bucket);
            }
            Ok(())
        })
    }
}

//! CreateBucket.

use http::{HeaderName, Method};
use tucuxi_core::{Body, BoxFuture};

use crate::call::{Call, header_setters};
use crate::client::Replay;
use crate::xml::escape_into;
use crate::{Client, Error};

/// Makes a bucket.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateBucket {
    client: Client,
    call: Call,
    location: Option<String>,
}

impl CreateBucket {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        let mut call = Call::bucket("CreateBucket", Method::PUT, bucket);
        call.control = true;
        let location = client.location_constraint();
        Self { client, call, location }
    }

    /// The region to make it in, instead of the client's; `us-east-1` and nothing are the same.
    pub fn location(mut self, region: impl Into<String>) -> Self {
        self.location = Some(region.into()).filter(|region| !region.is_empty() && region != "us-east-1");
        self
    }

    /// Allows object lock, which cannot be allowed later.
    pub fn object_lock(mut self) -> Self {
        self.call.header(HeaderName::from_static("x-amz-bucket-object-lock-enabled"), "true");
        self
    }

    header_setters! {
        /// A canned ACL: `private`, `public-read`, ...
        acl => HeaderName::from_static("x-amz-acl");
        /// Who owns the objects: `BucketOwnerEnforced`, `BucketOwnerPreferred`, `ObjectWriter`.
        object_ownership => HeaderName::from_static("x-amz-object-ownership");
    }
}

impl IntoFuture for CreateBucket {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let body = self.location.as_deref().map(configuration).map(Body::from);
            self.client.send(&self.call, Replay::new(body.unwrap_or_default())).await?;
            if let Some(bucket) = &self.call.bucket {
                self.client.forget(bucket);
            }
            Ok(())
        })
    }
}

fn configuration(location: &str) -> String {
    let mut text = format!("<CreateBucketConfiguration xmlns=\"{NAMESPACE}\"><LocationConstraint>");
    escape_into(&mut text, location);
    text.push_str("</LocationConstraint></CreateBucketConfiguration>");
    text
}

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

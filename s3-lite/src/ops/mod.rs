//! The operations, one file each: a request builder and an answer parser, both without I/O.

mod bucket_location;
mod copy_object;
mod create_bucket;
mod delete_bucket;
mod delete_object;
mod delete_objects;
mod get_object;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_objects;
mod object_head;
mod put_object;

pub use bucket_location::BucketLocation;
pub use copy_object::{CopyObject, CopyObjectOutput};
pub use create_bucket::CreateBucket;
pub use delete_bucket::DeleteBucket;
pub use delete_object::{DeleteObject, DeleteObjectOutput};
pub use delete_objects::{DeleteError, DeleteObjects, DeleteObjectsOutput, ObjectId};
pub use get_object::{GetObject, GetObjectOutput};
pub use head_bucket::{HeadBucket, HeadBucketOutput};
pub use head_object::HeadObject;
pub use list_buckets::{Bucket, BucketPage, BucketPages, Buckets};
pub use list_objects::{ListObjects, Object, ObjectPage, ObjectPages, Objects};
pub use object_head::ObjectHead;
pub use put_object::{PutObject, PutObjectOutput};

/// Makes a request awaitable: sends its call and reads the answer.
macro_rules! awaitable {
    ($request:ty => $output:ty, $read:expr) => {
        crate::ops::awaitable!($request => $output, $read, |_: &mut Self| crate::client::Replay::default());
    };
    ($request:ty => $output:ty, $read:expr, $body:expr) => {
        impl IntoFuture for $request {
            type Output = Result<$output, crate::Error>;
            type IntoFuture = tucuxi_core::BoxFuture<'static, Self::Output>;

            fn into_future(mut self) -> Self::IntoFuture {
                let body: fn(&mut Self) -> crate::client::Replay = $body;
                let body = body(&mut self);
                let Self { client, call, .. } = self;
                Box::pin(async move {
                    let answer = client.send(&call, body).await?;
                    $read(answer).map_err(|error: crate::Error| error.about(&call))
                })
            }
        }
    };
}

/// Makes a request presignable.
macro_rules! presignable {
    ($request:ty) => {
        impl $request {
            /// A URL with which anybody may send this request until `expires_in` has passed.
            ///
            /// Fetches credentials, sends nothing. Headers that were set are signed and must be sent with the
            /// URL: see [`Presigned::headers`](crate::Presigned::headers).
            ///
            /// # Errors
            /// `InvalidRequest` when it would live longer than 7 days or than the credentials that sign it, and
            /// for an anonymous client; `Credentials` when there are none.
            pub async fn presign(self, expires_in: std::time::Duration) -> Result<crate::Presigned, crate::Error> {
                self.client.presign(&self.call, expires_in).await
            }
        }
    };
}

use {awaitable, presignable};

/// The error for a document that cannot be read.
fn unreadable(error: crate::xml::Unreadable) -> crate::Error {
    crate::Error::bad_answer(format!("the answer {}", error.0))
}

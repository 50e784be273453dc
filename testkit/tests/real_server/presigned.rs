//! Presigned URLs in the hands of a client that knows nothing of S3.

use std::time::Duration;

use tucuxi::s3::{Client, Presigned};

use crate::plain;
use crate::round_trip::read;

/// GET and PUT work for whoever holds the URL, and for nothing else.
pub(crate) async fn presigned(s3: &Client, bucket: &str, key: &str) {
    let put = s3.put_object(bucket, key).presign(Duration::from_secs(300)).await.unwrap();
    assert_eq!(send(&put, b"by anybody").0, 200, "presigned PUT of {key:?}");
    assert_eq!(read(s3, bucket, key).await, b"by anybody");

    let get = s3.get_object(bucket, key).presign(Duration::from_secs(300)).await.unwrap();
    assert_eq!(send(&get, b""), (200, b"by anybody".to_vec()), "presigned GET of {key:?}");
    let (status, _) = plain::send("PUT", get.url(), &[], b"other");
    assert!((400..500).contains(&status), "a URL for GET was taken for PUT: {status}");
    let (status, _) = plain::send("GET", &get.url().replace("X-Amz-Expires=300", "X-Amz-Expires=301"), &[], b"");
    assert!((400..500).contains(&status), "a changed URL was taken: {status}");
}

fn send(presigned: &Presigned, body: &[u8]) -> (u16, Vec<u8>) {
    let headers: Vec<(&str, &str)> =
        presigned.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    plain::send(presigned.method().as_str(), presigned.url(), &headers, body)
}

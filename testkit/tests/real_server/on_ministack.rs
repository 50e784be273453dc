//! MiniStack, which checks signatures, regions and IAM policies of a user.

use tucuxi::s3::ErrorKind;

use crate::given::Server;
use crate::keys::odd_keys;
use crate::presigned::presigned;
use crate::round_trip::round_trip;

#[tokio::test]
async fn a_thousand_odd_keys() {
    let s3 = Server::ministack().bucket("odd-keys").await;
    round_trip(&s3, "odd-keys", &odd_keys(2, 1000), str::to_owned).await;
    s3.delete_bucket("odd-keys").await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let server = Server::ministack();
    let s3 = server.client_with_secret("not-the-secret").await;
    let error = s3.buckets().try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("SignatureDoesNotMatch")), "{error}");
}

#[tokio::test]
async fn presigned_urls() {
    let s3 = Server::ministack().bucket("presigned").await;
    for key in ["plain", "a b+c%/ü/日本?x=1&y#h", "a/../b"] {
        presigned(&s3, "presigned", key).await;
    }
}

//! SeaweedFS, which knows one identity and checks every signature.

use std::collections::BTreeMap;

use tucuxi::s3::ErrorKind;

use crate::given::Server;
use crate::keys::odd_keys;
use crate::presigned::presigned;
use crate::round_trip::round_trip;

#[tokio::test]
async fn a_thousand_odd_keys() {
    let server = Server::seaweedfs();
    let s3 = server.bucket("odd-keys").await;
    let (keys, left_out) = holdable(odd_keys(1, 2000));
    println!(
        "NOTE: SeaweedFS keeps objects as files, so {left_out} of 2000 keys are left out: a segment `.` or `..` or longer \
         than 255 bytes, a backslash, a slash at either end, a folder of another key, or another key but for doubled \
         slashes, which it shows as one in listings"
    );
    assert!(keys.len() >= 1000, "only {} keys are left", keys.len());
    round_trip(&s3, "odd-keys", &keys[..1000], shown).await;
    s3.delete_bucket("odd-keys").await.unwrap();
}

/// The keys that SeaweedFS can hold beside each other, and how many it cannot: it keeps objects as files.
pub(crate) fn holdable(keys: Vec<String>) -> (Vec<String>, usize) {
    let fits = |segment: &str| !matches!(segment, "." | "..") && segment.len() <= 255;
    let can_hold =
        |key: &String| !key.contains('\\') && !key.starts_with('/') && !key.ends_with('/') && key.split('/').all(fits);
    let before = keys.len();
    let files: BTreeMap<String, String> = keys.into_iter().filter(can_hold).map(|key| (shown(&key), key)).collect();
    let is_folder = |file: &str| files.keys().any(|other| other.starts_with(&format!("{file}/")));
    let kept: Vec<String> = files.iter().filter(|(file, _)| !is_folder(file)).map(|(_, key)| key.clone()).collect();
    let gone = before - kept.len();
    (kept, gone)
}

/// Listings show doubled slashes as one, whoever asks.
pub(crate) fn shown(key: &str) -> String {
    let mut shown = key.to_owned();
    while shown.contains("//") {
        shown = shown.replace("//", "/");
    }
    shown
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let server = Server::seaweedfs();
    let s3 = server.client_with_secret("not-the-secret").await;
    let error = s3.buckets().try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("SignatureDoesNotMatch")), "{error}");
}

#[tokio::test]
async fn presigned_urls() {
    let s3 = Server::seaweedfs().bucket("presigned").await;
    for key in ["plain", "a b+c%/ü/日本?x=1&y#h"] {
        presigned(&s3, "presigned", key).await;
    }
}

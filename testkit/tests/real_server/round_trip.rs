//! Put, get, ranged get, list and delete of objects with odd keys.

use std::collections::BTreeSet;

use tucuxi::s3::Client;

/// Every key goes the whole way, and nothing is left. `shown` is how the server shows a key in listings.
pub(crate) async fn round_trip(s3: &Client, bucket: &str, keys: &[String], shown: fn(&str) -> String) {
    for key in keys {
        let put = s3.put_object(bucket, key).body(content(key)).await;
        put.unwrap_or_else(|error| panic!("put {key:?}: {}", error.report()));
    }
    for key in keys {
        let whole = read(s3, bucket, key).await;
        assert_eq!(whole, content(key), "get {key:?}");
        let got = s3.get_object(bucket, key).range(3..9).await;
        let got = got.unwrap_or_else(|error| panic!("ranged get {key:?}: {}", error.report()));
        assert_eq!(got.bytes().await.unwrap(), &content(key)[3..9], "ranged get {key:?}");
    }
    assert_eq!(listed(s3, bucket).await, keys.iter().map(|key| shown(key)).collect::<BTreeSet<_>>());
    let outcome = s3.delete_objects(bucket, keys).await.unwrap();
    assert!(outcome.errors().is_empty(), "{:?}", outcome.errors());
    assert_eq!(listed(s3, bucket).await, BTreeSet::new());
}

/// At least ten bytes, different for each key.
pub(crate) fn content(key: &str) -> Vec<u8> {
    format!("content of {key}").into_bytes()
}

pub(crate) async fn read(s3: &Client, bucket: &str, key: &str) -> Vec<u8> {
    let got = s3.get_object(bucket, key).await.unwrap_or_else(|error| panic!("get {key:?}: {}", error.report()));
    got.bytes().await.unwrap().to_vec()
}

pub(crate) async fn listed(s3: &Client, bucket: &str) -> BTreeSet<String> {
    let mut objects = s3.list_objects(bucket).objects();
    let mut keys = BTreeSet::new();
    while let Some(object) = objects.try_next().await.unwrap() {
        assert!(keys.insert(object.key().to_owned()), "listed twice: {:?}", object.key());
    }
    keys
}

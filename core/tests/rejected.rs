//! A key that a service rejected.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tucuxi_core::{Cache, Context, Credentials, from_fn};

#[tokio::test]
async fn a_rejected_key_is_replaced_and_another_ones_is_not() {
    let fetches = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&fetches);
    let provider = from_fn("vault", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
    });
    let cache = Cache::new(&Context::local(), provider);
    let first = cache.provide_credentials().await.unwrap();
    let second = cache.instead_of(&first).await.unwrap();
    assert_eq!(second.access_key_id(), "AKID1");
    // Whoever is rejected later with the old key gets the new one without another fetch.
    assert!(cache.instead_of(&first).await.unwrap().signs_like(&second));
    assert_eq!(fetches.load(Ordering::Relaxed), 2);
}

#[test]
fn each_part_counts_and_nothing_else() {
    let keys = Credentials::new("A", "s").with_session_token("t");
    assert!(keys.signs_like(&keys.clone().with_account_id("123456789012")));
    for other in [
        Credentials::new("B", "s").with_session_token("t"),
        Credentials::new("A", "x").with_session_token("t"),
        Credentials::new("A", "s").with_session_token("x"),
        Credentials::new("A", "s"),
    ] {
        assert!(!keys.signs_like(&other), "{other:?}");
    }
}

//! A key that a service rejected.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

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

#[test]
fn what_has_expired_is_rejected_whatever_the_reason() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let check = |status, code, left: i64, expected| {
        let by = Duration::from_secs(left.unsigned_abs());
        let end = if left < 0 { now - by } else { now + by };
        let keys = Credentials::new("A", "s").with_expires_at(end);
        assert_eq!(keys.are_rejected(status, code, now), expected, "{status} {code:?} {left}");
    };
    for (left, expired) in [(3600, false), (1, false), (0, true), (-1, true)] {
        check(403, Some("AccessDenied"), left, expired);
        check(403, None, left, expired);
        check(400, None, left, expired);
        check(400, Some("ExpiredToken"), left, true);
        check(400, Some("InvalidArgument"), left, false);
        check(404, Some("NoSuchKey"), left, false);
        check(503, None, left, false);
    }
    assert!(!Credentials::new("A", "s").are_rejected(403, Some("AccessDenied"), now), "endless keys never expire");
}

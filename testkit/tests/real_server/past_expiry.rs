//! Sessions that end in earnest, again and again, under a reader that never notices.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tucuxi::sts::{AssumeRole, AssumeRoleProvider, Sts, StsSettings};
use tucuxi::{Cache, CacheOptions, Credentials, ProvideCredentials, Session, Windows};
use tucuxi_testkit::times;

use crate::given::{Server, untouched};
use crate::round_trip::read;

/// A role that may read, with sessions as short as the server gives them.
fn role(server: &Server, duration: Option<Duration>) -> AssumeRoleProvider {
    let context = untouched();
    let settings = StsSettings::in_region("us-east-1".parse().unwrap()).with_endpoint_url(&server.url);
    // SeaweedFS's roles have no account, and its sessions the length that its configuration says.
    let role = match duration {
        Some(duration) => AssumeRole::new("arn:aws:iam::000000000000:role/Reader").duration(duration),
        None => AssumeRole::new("arn:aws:iam::role/Reader"),
    };
    let role = role.session_name("short");
    let keys = Credentials::new(&server.key, server.secret.as_str());
    AssumeRoleProvider::new(&context, Sts::new(&context, settings), role, Arc::new(keys))
}

async fn session(server: &Server, cache: Cache) -> Session {
    let builder = Session::builder().context(untouched()).credentials(cache).region("us-east-1");
    builder.endpoint_url(&server.url).load().await.unwrap()
}

/// Reads without a pause, and gives how many reads and how many sessions that were.
async fn read_on(server: &Server, bucket: &str, duration: Option<Duration>, windows: Option<Windows>) -> (u32, usize) {
    let context = untouched();
    let mut options = CacheOptions::default();
    options.windows = windows;
    let cache = Cache::with_options(&context, role(server, duration), options);
    let s3 = session(server, cache.clone()).await.s3();
    let clock = context.clock();
    let end = clock.now() + Duration::from_secs(u64::from(times(15, 60)));
    let (mut reads, mut keys) = (0, BTreeSet::new());
    while clock.now() < end {
        let next = || read(&s3, bucket, "key");
        let found: [Vec<u8>; 4] = tokio::join!(next(), next(), next(), next()).into();
        assert!(found.iter().all(|found| found == b"still here"), "read {reads} at {windows:?}");
        reads += 4;
        keys.extend(cache.peek().map(|held| held.access_key_id().to_owned()));
        clock.sleep(Duration::from_millis(5)).await;
    }
    (reads, keys.len())
}

/// The server means it: a session that has ended is refused.
async fn ends(server: &Server, bucket: &str, duration: Option<Duration>) {
    let context = untouched();
    let kept = role(server, duration).provide_credentials().await.unwrap_or_else(|error| panic!("{}", error.report()));
    let expiry = kept.expires_at().unwrap();
    assert!(expiry < context.clock().now() + Duration::from_secs(5), "the session is short");
    // Without its end, so that nobody renews it.
    let endless = Credentials::new(kept.access_key_id(), kept.secret_access_key());
    let endless = endless.with_session_token(kept.session_token().unwrap());
    let s3 = session(server, Cache::new(&context, endless)).await.s3();
    assert_eq!(read(&s3, bucket, "key").await, b"still here");
    let left = expiry.duration_since(context.clock().now()).unwrap_or_default();
    context.clock().sleep(left + Duration::from_millis(1500)).await;
    let error = s3.get_object(bucket, "key").await.unwrap_err();
    assert!(matches!(error.code(), Some("ExpiredToken" | "InvalidAccessKeyId")), "{}", error.report());
}

async fn nobody_notices(server: &Server, name: &str, duration: Option<Duration>) {
    let s3 = server.bucket("past-expiry").await;
    s3.put_object("past-expiry", "key").body("still here").await.unwrap();
    ends(server, "past-expiry", duration).await;

    let second = Duration::from_secs(1);
    let run = |windows| read_on(server, "past-expiry", duration, windows);
    let ahead = Some(Windows::new(2 * second, second));
    // Refreshed only when it has ended: what is under way then is rejected, and signed again.
    let late = Some(Windows::new(Duration::ZERO, Duration::ZERO));
    let found = tokio::join!(run(None), run(ahead), run(late));
    for (what, (reads, sessions)) in [("default", found.0), ("2 s", found.1), ("no", found.2)] {
        println!("NOTE: {name}, {what} windows: {reads} reads through {sessions} sessions, none failed");
        assert!(reads > 100 && sessions >= times(3, 12) as usize, "{what}: {reads} {sessions}");
    }
}

#[tokio::test]
async fn sessions_of_four_seconds_of_seaweedfs() {
    nobody_notices(&Server::short(), "SeaweedFS", None).await;
}

#[tokio::test]
async fn sessions_of_three_seconds_of_ministack() {
    nobody_notices(&Server::ministack(), "MiniStack", Some(Duration::from_secs(3))).await;
}

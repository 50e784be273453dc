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
    let end = clock.now() + Duration::from_secs(u64::from(times(10, 60)));
    let (mut reads, mut keys) = (0, BTreeSet::new());
    while clock.now() < end {
        let next = async || {
            let got = s3.get_object(bucket, "key").await;
            let got = got.unwrap_or_else(|error| panic!("read {reads} with {windows:?}: {}", error.report()));
            assert_eq!(got.bytes().await.unwrap(), "still here");
        };
        tokio::join!(next(), next(), next(), next());
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

/// A bucket with the object that is read.
async fn object(server: &Server, bucket: &str) {
    server.bucket(bucket).await.put_object(bucket, "key").body("still here").await.unwrap();
}

#[expect(clippy::print_stdout, reason = "the tests' runner shows such notes")]
async fn nobody_notices(server: &Server, bucket: &str, duration: Option<Duration>, windows: Option<Windows>) {
    object(server, bucket).await;
    let (reads, sessions) = read_on(server, bucket, duration, windows).await;
    println!("NOTE: {bucket}: {reads} reads through {sessions} sessions, none failed");
    assert!(reads > 100 && sessions >= times(2, 12) as usize, "{reads} {sessions}");
}

/// Refreshed 2 s before the end, and waited for from 1 s before it.
fn ahead() -> Windows {
    Windows::new(Duration::from_secs(2), Duration::from_secs(1))
}

const THREE_SECONDS: Option<Duration> = Some(Duration::from_secs(3));

#[tokio::test]
async fn sessions_of_both_servers_end() {
    for (server, duration) in [(Server::short(), None), (Server::ministack(), THREE_SECONDS)] {
        object(&server, "they-end").await;
        ends(&server, "they-end", duration).await;
    }
}

#[tokio::test]
async fn four_seconds_of_seaweedfs_with_default_windows() {
    nobody_notices(&Server::short(), "seaweedfs-default", None, None).await;
}

#[tokio::test]
async fn four_seconds_of_seaweedfs_refreshed_ahead() {
    nobody_notices(&Server::short(), "seaweedfs-ahead", None, Some(ahead())).await;
}

#[tokio::test]
async fn three_seconds_of_ministack_with_default_windows() {
    nobody_notices(&Server::ministack(), "ministack-default", THREE_SECONDS, None).await;
}

#[tokio::test]
async fn three_seconds_of_ministack_refreshed_ahead() {
    nobody_notices(&Server::ministack(), "ministack-ahead", THREE_SECONDS, Some(ahead())).await;
}

/// Not refreshed before the end: what is under way then is rejected, and signed again.
fn late() -> Windows {
    Windows::new(Duration::ZERO, Duration::ZERO)
}

#[tokio::test]
async fn four_seconds_of_seaweedfs_refreshed_too_late() {
    // It looks at a session twice, and says AccessDenied when it ends in between.
    nobody_notices(&Server::short(), "seaweedfs-late", None, Some(late())).await;
}

#[tokio::test]
async fn three_seconds_of_ministack_refreshed_too_late() {
    nobody_notices(&Server::ministack(), "ministack-late", THREE_SECONDS, Some(late())).await;
}

//! The files themselves, and how long everything may take.

use std::io;
use std::path::Path;
use std::time::Duration;

use tucuxi_core::sign_in::{Files, for_a_renewal, time_limit};
use tucuxi_core::{ErrorKind, HttpOptions};

use crate::support::{FILE, HOUR, World};

#[tokio::test]
async fn files_say_what_could_not_be_done_and_to_which() {
    let world = World::new(HOUR);
    let (files, path) = (Files::new(&world.context()), Path::new(FILE));
    assert!(files.read(path).await.unwrap().is_some());
    world.remove(FILE);
    assert!(files.read(path).await.unwrap().is_none());
    files.write(path, b"{}").await.unwrap();
    assert_eq!(*files.read(path).await.unwrap().unwrap(), b"{}");
    world.fs.set_error(path, io::ErrorKind::PermissionDenied);
    for (error, kind, done) in [
        (files.read(path).await.unwrap_err(), ErrorKind::InvalidConfig, "read"),
        (files.write(path, b"SEKRIT").await.unwrap_err(), ErrorKind::Unavailable, "written"),
    ] {
        assert_eq!(error.to_string(), format!("/corp.json cannot be {done}: permission denied"));
        assert_eq!(error.kind(), kind, "{done}");
        assert!(!error.report().contains("SEKRIT"));
    }
}

#[cfg(feature = "sign-in")]
#[tokio::test]
async fn what_is_removed_is_gone_whether_or_not_it_was_there() {
    let world = World::new(HOUR);
    let (files, path) = (Files::new(&world.context()), Path::new(FILE));
    files.remove(path).await.unwrap();
    assert!(files.read(path).await.unwrap().is_none());
    files.remove(path).await.unwrap();
    files.write(path, b"{}").await.unwrap();
    assert_eq!(*files.read(path).await.unwrap().unwrap(), b"{}");
}

#[test]
fn a_fetch_lasts_as_long_as_a_turn_the_requests_and_the_keeping() {
    let seconds = Duration::from_secs;
    let usual = HttpOptions::within(seconds(3), seconds(7));
    let whole = usual.with_whole(seconds(60));
    let endless = usual.with_whole(Duration::MAX);
    for (limits, requests, renewal, fetch) in [
        (usual, 0, seconds(10), seconds(30)),
        (usual, 1, seconds(10), seconds(32)),
        (usual, 3, seconds(10), seconds(52)),
        (HttpOptions::within(seconds(1), seconds(1)), 1, seconds(2), seconds(30)),
        (whole, 2, seconds(60), seconds(142)),
        (endless, 1, Duration::MAX, Duration::MAX),
    ] {
        assert_eq!(for_a_renewal(limits).whole, Some(renewal), "{limits:?}");
        assert_eq!(time_limit(&limits, requests), fetch, "{requests} of {limits:?}");
    }
}

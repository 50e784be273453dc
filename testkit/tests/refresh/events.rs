//! What the log says, and what it never says.

use tucuxi_core::{Clock, Error};
use tucuxi_testkit::capture;

use crate::fault::Does;
use crate::world::{HOUR, MINUTE, World};

/// The lines of the cache alone.
fn lines(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains(" tucuxi_core::cache")).collect()
}

#[track_caller]
fn check(log: &str, expected: &[&[&str]]) {
    assert!(!log.contains("secret"), "a secret in {log}");
    let lines = lines(log);
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, pieces) in lines.iter().zip(expected) {
        for piece in *pieces {
            assert!(line.contains(piece), "{piece:?} is not in {line}");
        }
    }
}

fn log(work: impl FnOnce()) -> String {
    capture(work).1
}

#[test]
fn every_step_of_the_credentials_life_is_an_event_with_names_and_times() {
    let world = World::new("imds");
    let ask = || drop(world.ask());
    let fetched: &[&str] = &["DEBUG", "fetched credentials", "access_key_id=ASIA1", "provenance=iam-role web"];
    check(
        &log(ask),
        &[
            &["DEBUG", "fetching credentials", "phase=nothing held"],
            &[fetched, &["expires_at=2026-01-01T01:00:00Z", "refresh_at=2026-01-01T00:45:00Z"]].concat(),
        ],
    );
    check(&log(ask), &[]);
    world.clock.reach(world.clock.now() + 50 * MINUTE);
    world.network.fail(Some(Does::Answer(500, String::new())));
    check(
        &log(ask),
        &[
            &["DEBUG", "fetching credentials", "phase=advisory", "held=ASIA1"],
            &[
                "WARN",
                "the refresh failed, going on with the old",
                "access_key_id=ASIA1",
                "kind=Unavailable",
                "next_try=2026",
            ],
        ],
    );
    check(&log(|| world.cache.invalidate("ASIA1")), &[&["WARN", "a service rejected the credentials", "ASIA1"]]);
    check(&log(|| world.cache.invalidate("ASIA0")), &[&["DEBUG", "no longer held", "access_key_id=ASIA0"]]);
    world.clock.reach(world.clock.now() + HOUR);
    check(
        &log(ask),
        &[
            &["DEBUG", "fetching credentials", "held=ASIA1"],
            &["WARN", "the refresh failed"],
            &[
                "WARN",
                "serving credentials past their expiry",
                "ASIA1",
                "expired_at=2026-01-01T01:00:00Z",
                "until=2026",
            ],
        ],
    );
    world.clock.reach(world.clock.now() + HOUR);
    world.network.fail(Some(Does::Answer(403, String::new())));
    check(
        &log(ask),
        &[&["DEBUG", "fetching credentials"], &["WARN", "no credentials", "kind=Denied", "next_try=2026"]],
    );
    check(&log(ask), &[]);
    let error: Error = world.ask().unwrap_err();
    assert!(!format!("{error:?} {}", error.report()).contains("secret"));
}

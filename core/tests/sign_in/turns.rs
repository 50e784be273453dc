//! What others do meanwhile.

use std::time::Duration;

use crate::support::{FILE, HOUR, TURN, User, World, err, ok};

/// What another process does in its turn, while this one waits: keeps a sign-in, or signs out.
async fn check_turn(kept: Option<(&'static str, &'static str, u64)>, expected: Result<String, String>, asked: &[&str]) {
    let world = World::new(100);
    world.answers(200, "T2 R2 3600", |_| {});
    world.taken_until(move |world| {
        match kept {
            Some((token, refresh, ends)) => world.keep(token, refresh, ends),
            None => world.remove(FILE),
        }
        world.remove(TURN);
    });
    assert_eq!(User::new(&world).current().await, expected, "{kept:?}");
    assert_eq!(world.asked(), asked, "{kept:?}");
}

#[tokio::test]
async fn news_from_whoever_had_the_turn_is_used() {
    check_turn(Some(("T9", "R9", HOUR)), ok("T9"), &[]).await;
    // No news: it ends as soon, or gives the same.
    check_turn(Some(("T9", "R9", 299)), ok("T2"), &["R9"]).await;
    check_turn(Some(("T1", "R9", HOUR)), ok("T2"), &["R9"]).await;
    check_turn(None, err("nobody is signed in to corp (/corp.json is not there)"), &[]).await;
}

/// What a tool that takes no turns does while the service is asked, which then says no.
async fn check_refused(kept: Option<(&'static str, &'static str, u64)>, expected: Result<String, String>) {
    let world = World::new(0);
    world.answers(400, "", move |world| match kept {
        Some((token, refresh, ends)) => world.keep(token, refresh, ends),
        None => world.remove(FILE),
    });
    assert_eq!(User::new(&world).current().await, expected, "{kept:?}");
    assert_eq!(world.asked(), ["R1"], "{kept:?}");
}

#[tokio::test]
async fn a_tool_that_takes_no_turns_may_have_been_first() {
    let refused = "corp.test answered 400";
    check_refused(Some(("T9", "R9", HOUR)), ok("T9")).await;
    check_refused(Some(("T9", "R9", 299)), err(refused)).await;
    check_refused(Some(("T1", "R1", HOUR)), err(refused)).await;
    check_refused(None, err(refused)).await;
}

#[tokio::test]
async fn a_turn_that_never_comes_is_given_up_after_twenty_seconds() {
    let world = World::new(100);
    world.taken_until(|_| {});
    world.answers(200, "T2 R2 3600", |_| {});
    assert_eq!(User::new(&world).current().await, ok("T2"));
    let slept = world.state.lock().unwrap().slept;
    assert_eq!((slept, world.asked()), (Duration::from_secs(20), vec!["R1".to_owned()]));
    assert_eq!(User::new(&world).current().await, ok("T2"), "kept without a turn");
}

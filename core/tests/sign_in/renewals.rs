//! When a sign-in is renewed.

use crate::support::{FILE, HOUR, User, World, err, ok};

#[tokio::test]
async fn a_sign_in_is_renewed_five_minutes_before_its_end_and_kept() {
    for (ends, refresh, expected, asked) in
        [(301, "R1", "T1", 0), (300, "R1", "T2", 1), (300, "", "T1", 0), (0, "R1", "T2", 1), (0, "", "T1", 0)]
    {
        let world = World::new(HOUR);
        world.keep("T1", refresh, ends);
        world.answers(200, "T2 R2 3600", |_| {});
        let user = User::new(&world);
        assert_eq!(user.current().await, ok(expected), "{ends} {refresh}");
        assert_eq!(world.asked().len(), asked, "{ends} {refresh}");
        assert_eq!(User::new(&world).current().await, ok(expected), "{ends} {refresh}: the next process");
    }
}

#[tokio::test]
async fn a_failed_renewal_is_not_repeated_for_a_minute_while_the_old_sign_in_lasts() {
    let (world, failed) = (World::new(130), "corp.test answered 500");
    let user = User::new(&world);
    for (wait, expected, asked) in [
        (0, ok("T1"), 1),
        (0, ok("T1"), 0),
        (59, ok("T1"), 0),
        (1, ok("T1"), 1),
        (59, ok("T1"), 0),
        (11, err(failed), 1),
    ] {
        world.wait(wait);
        world.answers(500, "", |_| {});
        assert_eq!(user.current().await, expected, "{wait} s later");
        assert_eq!(world.asked().len(), asked, "{wait} s later");
        world.state.lock().unwrap().answers.clear();
    }
    // Another process knows nothing of that, and what it renews is used at once.
    world.answers(200, "T2 R2 3600", |_| {});
    assert_eq!(User::new(&world).current().await, ok("T2"));
    assert_eq!((user.current().await, world.asked().len()), (ok("T2"), 1));
}

#[tokio::test]
async fn another_sign_in_is_asked_for_however_long_the_old_one_lasts() {
    let world = World::new(HOUR);
    let user = User::new(&world);
    let old = user.renewals.current(&user.sign_in).await.unwrap();
    world.answers(200, "T2 R2 3600", |_| {});
    let new = user.renewals.another(&user.sign_in, &old).await.unwrap().unwrap();
    assert_eq!((new.text("token").unwrap().expose(), world.asked().len()), ("T2", 1));
    // By now there is another one in the file.
    let again = user.renewals.another(&user.sign_in, &old).await.unwrap().unwrap();
    assert_eq!((again.text("token").unwrap().expose(), world.asked().len()), ("T2", 0));
    world.remove(FILE);
    assert!(user.renewals.another(&user.sign_in, &old).await.unwrap().is_none());
    world.keep("T3", "", HOUR);
    let last = user.renewals.current(&user.sign_in).await.unwrap();
    assert!(user.renewals.another(&user.sign_in, &last).await.unwrap().is_none());
}

//! Renewals that cannot be written.

use std::io;

use crate::support::{FILE, HOUR, User, World, err, ok};

/// The directory cannot be written while the service answers.
fn read_only(world: &World) {
    world.fs.set_error(FILE, io::ErrorKind::ReadOnlyFilesystem);
}

#[tokio::test]
async fn what_cannot_be_written_is_remembered_until_it_can() {
    let world = World::new(HOUR);
    let user = User::new(&world);
    let mut old = "R1";
    for (answer, new, refresh) in [("T2 R2 7200", "T2", "R2"), ("T3 R3 10800", "T3", "R3")] {
        world.wait(HOUR);
        world.answers(200, answer, read_only);
        assert_eq!(user.current().await, ok(new));
        assert_eq!(world.asked(), [old], "the file's own is spent");
        world.keep("T1", "R1", HOUR);
        assert_eq!((user.current().await, world.asked().len()), (ok(new), 0));
        old = refresh;
    }
    world.wait(HOUR);
    world.answers(200, "T4 R4 14400", |_| {});
    assert_eq!((user.current().await, world.asked()), (ok("T4"), vec!["R3".to_owned()]));
    assert_eq!(User::new(&world).current().await, ok("T4"), "written at last");
    // Nothing is remembered any more.
    world.keep("T1", "R1", 20_000);
    assert_eq!(user.current().await, ok("T1"));
}

#[tokio::test]
async fn what_is_remembered_gives_way_to_whoever_signs_in_or_out() {
    for (kept, expected) in [
        (Some(("T1", "R1")), ok("T2")),
        (Some(("T8", "R8")), ok("T8")),
        (None, err("nobody is signed in to corp (/corp.json is not there)")),
    ] {
        let world = World::new(0);
        let user = User::new(&world);
        world.answers(200, "T2 R2 7200", read_only);
        assert_eq!(user.current().await, ok("T2"));
        match kept {
            Some((token, refresh)) => world.keep(token, refresh, HOUR),
            None => world.remove(FILE),
        }
        assert_eq!(user.current().await, expected, "{kept:?}");
    }
}

//! `tucuxi s3 cp` where something is odd: links, missing objects, readers that leave, names of others.

use std::io::Read;
use std::process::Stdio;

use crate::s3::World;
use crate::support::Home;

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let world = World::new();
    world.write("big", &vec![b'x'; 4_000_000]);
    world.done(&["cp", "big", "s3://bucket/big"]);
    for arguments in [["s3", "cat", "s3://bucket/big"].as_slice(), &["s3", "cp", "s3://bucket/big", "-"]] {
        let mut command = world.home.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    }
}

#[test]
fn an_object_that_is_not_there_leaves_nothing_here() {
    let world = World::new();
    world.s3(&["cp", "s3://bucket/nope", "newdir/x"]).expect(254, &["NoSuchKey"]);
    world.s3(&["cp", "s3://bucket/nope", "file"]).expect(254, &["NoSuchKey"]);
    assert_eq!(std::fs::read_dir(world.home.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn links_are_what_they_lead_to() {
    use std::os::unix::fs::symlink;
    let world = World::new();
    for path in ["tree/file", "tree/below/file", "elsewhere/file", "elsewhere/deep/file"] {
        world.write(path, path.as_bytes());
    }
    let link = |to: &str, at: &str| symlink(to, world.home.join(at)).unwrap();
    link("file", "tree/link");
    link("../elsewhere", "tree/other");
    world.done(&["cp", "tree", "s3://bucket/good", "--recursive"]);
    world.done(&["cp", "s3://bucket/good", "back", "--recursive"]);
    assert_eq!(world.read("back/link"), b"tree/file");
    assert_eq!(world.read("back/other/deep/file"), b"elsewhere/deep/file");

    link("nowhere", "tree/lost");
    link("..", "tree/below/up");
    link("../../tree", "elsewhere/deep/round");
    let run = world.s3(&["cp", "tree", "s3://bucket/bad", "--recursive"]);
    let back = "leads back to a directory that it is in";
    let words = [
        "tree/lost: No such file",
        &format!("tree/below/up: {back}"),
        &format!("tree/other/deep/round: {back}"),
        "3 copies failed",
    ];
    run.expect(1, &words);
    assert_eq!(run.stdout.lines().count(), 5, "{run:#?}");
}

#[test]
fn names_of_others_do_not_steer_the_terminal() {
    let world = World::new();
    world.write("file", b"x");
    // The second cannot be written: its directory is the first.
    for key in ["a\u{1b}[31m", "a\u{1b}[31m/b"] {
        world.done(&["cp", "file", &format!("s3://bucket/p/{key}")]);
    }
    let run = world.s3(&["cp", "s3://bucket/p/", "down", "--recursive"]);
    run.expect(1, &["a\\u{1b}[31m", "1 copies failed"]);
    let run = world.s3(&["cp", "s3://bucket/p/a\u{1b}[31m/b", "down/a\u{1b}[31m/b"]);
    run.expect(255, &["a\\u{1b}[31m"]);
    assert!(!format!("{}{}", run.stderr, run.stdout).contains('\u{1b}'), "{run:#?}");
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_read() {
    let home = Home::new();
    for arguments in [
        ["cp", "a", "b"].as_slice(),
        &["cp", "-", "-"],
        &["cp", "a", "b", "--recursive"],
        &["cp", "-", "s3://bucket/", "--recursive"],
        &["cp", "a", "s3:///key"],
        &["cat", "s3://bucket"],
        &["cat", "s3://bucket/key", "--range", "x"],
        &["rm", "s3://bucket"],
        &["presign", "s3://bucket"],
        &["mb", "s3://bucket/key"],
    ] {
        let arguments: Vec<&str> = ["s3", "--profile", "nope"].iter().chain(arguments).copied().collect();
        home.run(&arguments).expect(252, &[]);
    }
    home.run(&["s3", "--profile", "nope", "ls"]).expect(253, &["nope"]);
}

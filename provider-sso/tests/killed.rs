//! Writers of the sign-in that are killed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use tucuxi_core::{Context, Env, Fs};
use tucuxi_provider_sso::{Token, TokenFile, token_file};
use tucuxi_testkit::{block_on, child, context, end_with_parent, task, times};

const NAME: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const WRITERS: usize = 8;

fn file(home: &Path) -> TokenFile {
    let context: Context = context().with_env(Env::fake([("HOME", home)])).with_fs(Fs::real());
    token_file(&context, "my-sso")
}

/// Large enough that a write takes its time.
fn sign_in(file: &TokenFile) -> Token {
    let padding = "x".repeat(60_000);
    let json = format!(r#"{{"accessToken": "A", "expiresAt": "2026-01-01T00:00:00Z", "padding": "{padding}"}}"#);
    file.parse(json.as_bytes()).unwrap()
}

/// Reads and writes until it is killed. Whoever finds half a file ends with an error.
fn write_for_ever(home: &Path) {
    end_with_parent();
    let file = file(home);
    loop {
        let token = block_on(file.read()).unwrap().unwrap();
        block_on(file.replace(&token)).unwrap();
    }
}

fn start(home: &Path) -> Child {
    child("a_killed_writer_leaves_a_whole_file_and_nothing_else", home.to_str().unwrap()).spawn().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
#[expect(clippy::disallowed_methods, reason = "kills processes at times that no clock here decides")]
fn a_killed_writer_leaves_a_whole_file_and_nothing_else() {
    if let Some(home) = task() {
        return write_for_ever(&PathBuf::from(home));
    }
    let home = std::env::temp_dir().join(format!("tucuxi-sso-killed-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let folder = home.join(".aws/sso/cache");
    let file = file(&home);
    block_on(file.replace(&sign_in(&file))).unwrap();

    let mut writers: Vec<Child> = (0..WRITERS).map(|_| start(&home)).collect();
    let kills = times(100, 1000);
    for _ in 0..kills {
        std::thread::sleep(Duration::from_secs_f64(0.012 * tucuxi_core::uniform()));
        // The oldest: it has surely begun.
        let mut oldest = writers.remove(0);
        assert_eq!(oldest.try_wait().unwrap(), None, "a writer found the file broken");
        oldest.kill().unwrap();
        oldest.wait().unwrap();
        writers.push(start(&home));
        block_on(file.read()).unwrap().unwrap();
        assert_eq!(std::fs::metadata(folder.join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for mut writer in writers {
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
    let left = names(&folder).len() - 1;
    println!("NOTE: {WRITERS} writers of a sign-in, {kills} killed; the last ones left {left} unfinished files");
    // At least one, whatever the kills have hit.
    std::fs::OpenOptions::new().write(true).create_new(true).open(folder.join(format!(".{NAME}.1-2.tmp"))).unwrap();
    // The next start, although it only reads.
    block_on(file.read()).unwrap().unwrap();
    assert_eq!(names(&folder), [NAME]);
    std::fs::remove_dir_all(home).unwrap();
}

//! Turns that processes take.
#![cfg(feature = "lock")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tucuxi_core::{BoxFuture, Clock, FileLock, Fs, SystemClock};

/// Sleeps at once, and gives up a turn at the third sleep.
#[derive(Debug, Default)]
struct Impatient {
    slept: Arc<Mutex<Vec<Duration>>>,
    other: Arc<Mutex<Option<FileLock>>>,
}

impl Clock for Impatient {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (slept, other) = (Arc::clone(&self.slept), Arc::clone(&self.other));
        Box::pin(async move {
            let mut slept = slept.lock().unwrap();
            slept.push(duration);
            if slept.len() == 3 {
                *other.lock().unwrap() = None;
            }
        })
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tucuxi-lock-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn at_once(fs: &Fs, path: &Path) -> Result<FileLock, ErrorKind> {
    fs.lock(path, &SystemClock::default(), Duration::ZERO).await.map_err(|error| error.kind())
}

async fn one_at_a_time(fs: &Fs, path: &Path) {
    let first = at_once(fs, path).await.unwrap();
    assert_eq!(at_once(fs, path).await.unwrap_err(), ErrorKind::TimedOut);
    let elsewhere = path.with_extension("other");
    drop(at_once(fs, &elsewhere).await.unwrap());
    drop(first);
    drop(at_once(fs, path).await.unwrap());
}

async fn whoever_waits_comes_next(fs: &Fs, path: &Path) {
    let clock = Impatient::default();
    *clock.other.lock().unwrap() = Some(at_once(fs, path).await.unwrap());
    let limit = Duration::from_secs(1);
    drop(fs.lock(path, &clock, limit).await.unwrap());
    assert_eq!(clock.slept.lock().unwrap().len(), 3);

    let clock = Impatient::default();
    let held = at_once(fs, path).await.unwrap();
    assert_eq!(fs.lock(path, &clock, limit).await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(clock.slept.lock().unwrap().iter().sum::<Duration>(), limit);
    drop(held);
}

#[tokio::test]
async fn in_a_fixed_set() {
    let fs = Fs::fake::<&str, &str>([]);
    let path = Path::new("/a/turn.lock");
    one_at_a_time(&fs, path).await;
    whoever_waits_comes_next(&fs, path).await;
    fs.set_error("/a", ErrorKind::PermissionDenied);
    assert_eq!(at_once(&fs, path).await.unwrap_err(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn in_real_files() {
    let folder = Folder::new("real");
    let path = folder.0.join("a/b/turn.lock");
    one_at_a_time(&Fs::real(), &path).await;
    whoever_waits_comes_next(&Fs::real(), &path).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let link = folder.0.join("link.lock");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(at_once(&Fs::real(), &link).await.is_err());
    }
}

/// Takes a turn for the next test, in a process of its own, and keeps it until it is killed.
#[tokio::test]
#[ignore = "the other process of the next test"]
async fn other_process() {
    #[expect(clippy::disallowed_methods, reason = "tells the two processes apart")]
    let Some(path) = std::env::var_os("TUCUXI_TEST_LOCK") else { return };
    let _turn = at_once(&Fs::real(), Path::new(&path)).await.unwrap();
    println!("\nmine");
    // Ends when the parent does.
    drop(std::io::read_to_string(std::io::stdin()));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "another process is what this is about")]
async fn a_process_that_is_killed_gives_its_turn_up() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let folder = Folder::new("process");
    let path = folder.0.join("turn.lock");
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "other_process", "--ignored", "--nocapture"])
        .env("TUCUXI_TEST_LOCK", &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mine = BufReader::new(other.stdout.take().unwrap()).lines().any(|line| line.unwrap() == "mine");
    let taken = at_once(&Fs::real(), &path).await.map(drop);
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(mine);
    assert_eq!(taken.unwrap_err(), ErrorKind::TimedOut);
    drop(at_once(&Fs::real(), &path).await.unwrap());
}

#[tokio::test]
async fn a_directory_lists_what_is_in_it() {
    let fake = Fs::fake([("/a/2", ""), ("/a/1", ""), ("/a/b/3", ""), ("/c", "")]);
    let listed = fake.list(Path::new("/a")).await.unwrap();
    assert_eq!(listed, [Path::new("/a/1"), Path::new("/a/2")]);
    fake.set_error("/a", ErrorKind::PermissionDenied);
    for (directory, kind) in [
        ("/a", ErrorKind::PermissionDenied),
        ("/a/b", ErrorKind::PermissionDenied),
        ("/c", ErrorKind::NotADirectory),
        ("/none", ErrorKind::NotFound),
    ] {
        assert_eq!(fake.list(Path::new(directory)).await.unwrap_err().kind(), kind, "{directory}");
    }

    let folder = Folder::new("list");
    assert_eq!(Fs::real().list(&folder.0).await.unwrap_err().kind(), ErrorKind::NotFound);
    std::fs::create_dir(&folder.0).unwrap();
    assert!(Fs::real().list(&folder.0).await.unwrap().is_empty());
    for name in ["2", "1"] {
        drop(std::fs::File::create(folder.0.join(name)).unwrap());
    }
    assert_eq!(Fs::real().list(&folder.0).await.unwrap(), [folder.0.join("1"), folder.0.join("2")]);
}

//! Other processes that take turns with a file.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tucuxi_core::{BoxFuture, Clock, Fs, SystemClock};

use crate::{FakeClock, block_on};

/// The clock of whoever waits for a turn with a file of a fake file system. It stands still; when somebody sleeps, the
/// process that has the turn writes the file, or takes it away, and ends its turn.
#[derive(Debug)]
pub struct TurnHolder {
    fs: Fs,
    file: PathBuf,
    writes: Option<String>,
}

impl TurnHolder {
    /// Takes the turn with `file`; by the end of it the file is what this process `writes`.
    pub fn new(fs: &Fs, file: impl Into<PathBuf>, writes: Option<String>) -> Self {
        let file = file.into();
        fs.set(lock(&file), "", SystemTime::UNIX_EPOCH);
        Self { fs: fs.clone(), file, writes }
    }

    /// Whether nobody has the turn with `file`.
    pub fn is_free(fs: &Fs, file: impl AsRef<Path>) -> bool {
        block_on(fs.info(&lock(file.as_ref()))).is_err()
    }
}

impl Clock for TurnHolder {
    fn now(&self) -> SystemTime {
        FakeClock::new().now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let (fs, file, writes) = (self.fs.clone(), self.file.clone(), self.writes.clone());
        Box::pin(async move {
            match writes {
                Some(writes) => fs.set(&file, writes, SystemTime::UNIX_EPOCH),
                None => drop(fs.remove(&file).await),
            }
            drop(fs.remove(&lock(&file)).await);
        })
    }
}

/// A clock that stands still at the start of 2026, and on which a sleep takes a moment for other threads to go on.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "nothing can be set")]
pub struct StandStill;

impl Clock for StandStill {
    fn now(&self) -> SystemTime {
        FakeClock::new().now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(Duration::from_millis(20))
    }
}

fn lock(file: &Path) -> PathBuf {
    file.with_extension("lock")
}

//! Files that processes take turns with.

use std::fmt;
use std::fs::{OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::flock::{self, Locked};
use super::fs::Fs;
use super::{Clock, replace};

/// A turn that ends when this is dropped, or when the process ends, however it does.
#[must_use = "the turn ends when this is dropped"]
pub struct FileLock(#[expect(dead_code, reason = "held, never read")] Box<dyn Send + Sync>);

impl Fs {
    /// Takes away what writers of `path` left beside it that were killed while they
    /// [replaced](Self::replace) it: their unfinished files, which hold secrets. Those of writers that live stay.
    ///
    /// Whoever replaces the file does so too. Does nothing in a fixed set, and where the system has no locks.
    pub async fn sweep(&self, path: &Path) {
        self.files().sweep(path);
    }

    /// Waits for a turn among all processes that ask for one at `path`, a file of its own that is made, mode 0600,
    /// and stays. The turn is a mark: whoever does not ask is not kept away. On Unix a symbolic link is not followed.
    ///
    /// In a fixed set the turn is taken while there is a file at `path`.
    ///
    /// # Errors
    /// `TimedOut` when others had it for as long as `limit`; `Unsupported` where std knows no locks of the system, else what
    /// the system says.
    pub async fn lock(&self, path: &Path, clock: &dyn Clock, limit: Duration) -> io::Result<FileLock> {
        let mut waited = Duration::ZERO;
        loop {
            if let Some(held) = self.files().take_turn(path)? {
                return Ok(FileLock(held));
            }
            if waited >= limit {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds it"));
            }
            // Counted, since the clock may be set back meanwhile.
            clock.sleep(PAUSE).await;
            waited += PAUSE;
        }
    }
}

impl fmt::Debug for FileLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileLock")
    }
}

/// The turn at a file of the machine; the system ends it when what is given is dropped or the process ends.
pub(super) fn take(path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        replace::make_directories(parent)?;
    }
    match Locked::take(flock::open(OpenOptions::new().create(true).truncate(false), path)?) {
        Ok(taken) => Ok(Some(Box::new(taken))),
        Err((_, TryLockError::WouldBlock)) => Ok(None),
        Err((_, TryLockError::Error(error))) => Err(error),
    }
}

const PAUSE: Duration = Duration::from_millis(100);

//! Files that processes take turns with.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

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
    /// and stays. The turn is a mark: whoever does not ask is not kept away. A symbolic link is not followed.
    ///
    /// In a fixed set the turn is taken while there is a file at `path`.
    ///
    /// # Errors
    /// `TimedOut` when others had it for as long as `limit`; `Unsupported` where the system has no locks, else what
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
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    Ok(system::take(&mut options, path)?.map(|taken| Box::new(taken) as Box<dyn Send + Sync>))
}

#[cfg(unix)]
mod system {
    use std::fs::OpenOptions;
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use nix::errno::Errno;

    use super::super::flock::{self, Locked};

    pub(super) type Taken = Locked;

    pub(super) fn take(options: &mut OpenOptions, path: &Path) -> io::Result<Option<Taken>> {
        let file = options.mode(0o600).custom_flags(flock::open_flags()).open(path)?;
        match Locked::take(file) {
            Ok(taken) => Ok(Some(taken)),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, error)) => Err(error.into()),
        }
    }
}

#[cfg(windows)]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;

    pub(super) type Taken = File;

    /// The code for a file that somebody else has open and does not share.
    const SHARING_VIOLATION: i32 = 32;

    pub(super) fn take(options: &mut OpenOptions, path: &Path) -> io::Result<Option<Taken>> {
        match options.share_mode(0).open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(not(any(unix, windows)))]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(super) type Taken = File;

    pub(super) fn take(_: &mut OpenOptions, _: &Path) -> io::Result<Option<Taken>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

const PAUSE: Duration = Duration::from_millis(100);

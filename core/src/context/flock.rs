//! Locks of files, which end with the one who holds them, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// A locked file.
pub(super) struct Locked(File);

impl Locked {
    /// The lock, or the file and why it is not to be had.
    pub(super) fn take(file: File) -> Result<Self, (File, TryLockError)> {
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(error) => Err((file, error)),
        }
    }

    /// A file that is treated like a locked one, since its file system has no locks.
    #[cfg(unix)]
    pub(super) fn nominally(file: File) -> Self {
        Self(file)
    }

    #[cfg(unix)]
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing alone would leave the lock with a child that another thread is just starting.
        let _ = self.0.unlock();
    }
}

/// Opens a file to write and to lock it, mode 0600 if it is made: follows no link, and does not wait for the reader of a
/// pipe.
pub(super) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    options.open(path)
}

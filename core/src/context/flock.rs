//! Locks of files, which end with the one who holds them, however that ends.

use std::fs::{File, TryLockError};

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

/// For opening a file to lock it: follows no link, and does not wait for the reader of a pipe.
#[cfg(unix)]
pub(super) const OPEN_FLAGS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;

//! Locks of files, which end with the one who holds them, however that ends.

use std::fs::File;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::fcntl::{FlockArg, OFlag};

/// A locked file. Nix has a type for it too, which panics where the lock cannot be given back, and so brings the name
/// and the description of every error of the system into a program.
pub(super) struct Locked(File);

impl Locked {
    /// The lock, or the file and why it is not to be had: `EWOULDBLOCK` where another has it.
    pub(super) fn take(file: File) -> Result<Self, (File, Errno)> {
        match set(&file, FlockArg::LockExclusiveNonblock) {
            Ok(()) => Ok(Self(file)),
            Err(error) => Err((file, error)),
        }
    }

    /// A file that is treated like a locked one, since its file system has no locks.
    pub(super) fn nominally(file: File) -> Self {
        Self(file)
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing alone would leave the lock with a child that another thread is just starting.
        let _ = set(&self.0, FlockArg::Unlock);
    }
}

#[expect(deprecated, reason = "what takes its place panics on drop, and that of std needs Rust 1.89")]
fn set(file: &File, what: FlockArg) -> Result<(), Errno> {
    nix::fcntl::flock(file.as_raw_fd(), what)
}

/// For opening a file to lock it: follows no link, and does not wait for the reader of a pipe.
pub(super) fn open_flags() -> i32 {
    (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits()
}

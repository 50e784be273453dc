//! The files that sign-ins are kept in.

use std::io;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::context::kind;
use crate::{BoxFuture, Context, Env, Error, ErrorKind, FileLock, failure_of_system};

/// Files of sign-ins and of sessions, which processes take turns with.
#[derive(Clone, Debug)]
pub struct Files(Context);

impl Files {
    /// Those of the context.
    pub fn new(context: &Context) -> Self {
        Self(context.clone())
    }

    pub(super) fn env(&self) -> &Env {
        self.0.env()
    }

    /// What is kept at `path`, or `None` when nobody signed in. Takes away what a writer left that was killed.
    ///
    /// # Errors
    /// `InvalidConfig` with the path for a file that cannot be read.
    #[inline]
    pub fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Error>> {
        Box::pin(async move { self.read_now(path) })
    }

    /// The same, without a future, which would be a part of another one.
    pub(super) fn read_now(&self, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        match self.0.fs().sweep_and_read(path, SIZE_LIMIT) {
            Ok(json) => Ok(Some(json)),
            Err(error) if kind(&error) == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let error = failed(ErrorKind::InvalidConfig, path, "read", error);
                Err(error.with_hint("make it readable, or sign in again"))
            }
        }
    }

    /// Keeps this at `path`: whole or not at all, mode 0600.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    #[inline]
    pub fn write<'a>(&'a self, path: &'a Path, json: &'a [u8]) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.write_now(path, json) })
    }

    /// The same, without a future.
    #[inline]
    pub(super) fn write_now(&self, path: &Path, json: &[u8]) -> Result<(), Error> {
        self.0.fs().replace_now(path, json).map_err(|error| failed(ErrorKind::Unavailable, path, "written", error))
    }

    /// Whether something could be kept at `path`: asked before what can be had once is had.
    ///
    /// # Errors
    /// `Unavailable` with the folder that cannot be written to.
    #[inline]
    pub(super) fn can_keep(&self, path: &Path) -> Result<(), Error> {
        self.0.fs().try_replace(path).map_err(|error| {
            failed(ErrorKind::Unavailable, path.parent().unwrap_or(path), "written", error)
                .with_hint("make this folder writable; the sign-in is not refreshed before, since that counts once")
        })
    }

    /// Forgets what is kept at `path`.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    #[cfg(feature = "sign-in")]
    pub fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let removed = self.0.fs().remove(path).await;
            removed.map_err(|error| failed(ErrorKind::Unavailable, path, "removed", error))
        })
    }

    /// A turn with the file at `path`, among all processes of this library.
    ///
    /// # Errors
    /// `Unavailable` with the path after `limit`. Whoever goes on without a turn then does not let a process that hangs
    /// stop all others.
    #[inline]
    pub fn turn(&self, path: &Path, limit: Duration) -> BoxFuture<'_, Result<FileLock, Error>> {
        let path = path.with_extension("lock");
        Box::pin(async move {
            let turn = self.0.fs().lock(&path, self.0.clock().as_ref(), limit).await;
            turn.map_err(|error| failed(ErrorKind::Unavailable, &path, "locked", error))
        })
    }
}

#[cold]
fn failed(kind: ErrorKind, path: &Path, done: &str, error: io::Error) -> Error {
    failure_of_system(kind, format_args!("{} cannot be {done}", path.display()), error)
}

/// No sign-in is larger.
pub const SIZE_LIMIT: u64 = 64 * 1024;
/// How long a process waits for its turn.
pub(super) const LOCK_LIMIT: Duration = Duration::from_secs(20);

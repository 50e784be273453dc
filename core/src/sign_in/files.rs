//! The files that sign-ins are kept in.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tracing::warn;
use zeroize::Zeroizing;

use crate::{BoxFuture, Clock, Context, Error, FileLock, Fs};

/// Files of sign-ins, which processes take turns with.
#[derive(Clone, Debug)]
pub struct Files {
    fs: Fs,
    clock: Arc<dyn Clock>,
}

impl Files {
    /// Those of the context.
    pub fn new(context: &Context) -> Self {
        Self { fs: context.fs().clone(), clock: Arc::clone(context.clock()) }
    }

    /// What is kept at `path`, or `None` when nobody signed in. Takes away what a writer left that was killed.
    ///
    /// # Errors
    /// `InvalidConfig` with the path for a file that cannot be read.
    pub fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Error>> {
        Box::pin(async move {
            self.fs.sweep(path).await;
            match self.fs.read(path, SIZE_LIMIT).await {
                Ok(json) => Ok(Some(json)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => {
                    let message = format!("{} cannot be read: {}", path.display(), error.kind());
                    let error = Error::invalid_config(message).with_source(error);
                    Err(error.with_hint("make it readable, or sign in again"))
                }
            }
        })
    }

    /// Keeps this at `path`: whole or not at all, mode 0600.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    pub fn write<'a>(&'a self, path: &'a Path, json: &'a [u8]) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.fs.replace(path, json).await.map_err(|error| failed(path, "written", error)) })
    }

    /// Whether something could be kept at `path`: asked before what can be had once is had.
    ///
    /// # Errors
    /// `Unavailable` with the folder that cannot be written to.
    pub(super) fn can_keep(&self, path: &Path) -> Result<(), Error> {
        self.fs.try_replace(path).map_err(|error| {
            failed(path.parent().unwrap_or(path), "written", error)
                .with_hint("make this folder writable; the sign-in is not refreshed before, since that counts once")
        })
    }

    /// Forgets what is kept at `path`.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    pub fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.fs.remove(path).await.map_err(|error| failed(path, "removed", error)) })
    }

    /// A turn with the file at `path`, among all processes of this library; without one after 20 s, since a process
    /// that hangs must not stop all others. The log calls the sign-in `name`.
    pub fn turn<'a>(&'a self, path: &'a Path, name: &'a str) -> BoxFuture<'a, Option<FileLock>> {
        Box::pin(async move {
            let path = path.with_extension("lock");
            match self.fs.lock(&path, self.clock.as_ref(), LOCK_LIMIT).await {
                Ok(turn) => Some(turn),
                Err(error) => {
                    let error = failed(&path, "locked", error);
                    warn!(%error, sign_in = name, "no turn with the sign-in, going on without");
                    None
                }
            }
        })
    }
}

fn failed(path: &Path, done: &str, error: io::Error) -> Error {
    Error::unavailable(format!("{} cannot be {done}: {}", path.display(), error.kind())).with_source(error)
}

/// No sign-in is larger.
pub const SIZE_LIMIT: u64 = 64 * 1024;
/// How long a process waits for its turn.
pub(super) const LOCK_LIMIT: Duration = Duration::from_secs(20);

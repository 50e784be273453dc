//! Records in a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Audit, Obtained};
use crate::context::kind;
use crate::{BoxFuture, Context, Error};

/// A file that grows by one line of JSON for all credentials obtained.
///
/// It is made, mode 0600, in a directory that exists; one that exists keeps its mode. Lines are appended in one write
/// each, so processes can share it. A symbolic link, a pipe or a device is refused. `~` and `$NAME` at its beginning
/// are put in.
///
/// # Errors
/// Of a session that has one: `InvalidConfig` when the path cannot be appended to by this user, `Unavailable` when
/// the system cannot write at the moment. No credentials are given out then, unless it is
/// [`lenient`](Self::lenient).
///
/// # Example
/// ```
/// use tucuxi_core::audit::AuditFile;
///
/// let strict = AuditFile::new("/var/log/app/credentials.jsonl");
/// let lenient = AuditFile::new("~/credentials.jsonl").lenient();
/// ```
#[derive(Clone, Debug)]
pub struct AuditFile {
    path: PathBuf,
    lenient: bool,
}

impl AuditFile {
    /// Records to the file at `path`. Does no I/O.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), lenient: false }
    }

    /// A line that cannot be written is a warning in the log, and the credentials are given out all the same.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }
}

impl AuditFile {
    // Awaits nothing, so it need not be part of a future.
    fn append(&self, context: &Context, obtained: &Obtained) -> Result<(), Error> {
        let path = context.env().expand(&self.path).unwrap_or_else(|| self.path.clone());
        let mut line = obtained.to_json();
        line.push('\n');
        let error = match context.fs().files().append(&path, line.as_bytes()) {
            Ok(()) => return Ok(()),
            Err(error) => refused(&path, error),
        };
        if self.lenient {
            warn_of(&error, &obtained.access_key_id);
            return Ok(());
        }
        Err(error)
    }
}

impl Audit for AuditFile {
    fn record<'a, 'b, 'c, 'f>(
        &'a self,
        context: &'b Context,
        obtained: &'c Obtained,
    ) -> BoxFuture<'f, Result<(), Error>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.append(context, obtained) })
    }
}

impl From<AuditFile> for Arc<dyn Audit> {
    fn from(file: AuditFile) -> Self {
        Arc::new(file)
    }
}

#[cold]
fn warn_of(error: &Error, access_key_id: &str) {
    tracing::warn!(error = error.report(), access_key_id, "not recorded");
}

#[cold]
fn refused(path: &Path, error: std::io::Error) -> Error {
    let message = format!("no credentials without their record: {} cannot be appended to: {error}", path.display());
    match kind(&error) {
        ErrorKind::NotFound
        | ErrorKind::PermissionDenied
        | ErrorKind::InvalidInput
        | ErrorKind::IsADirectory
        | ErrorKind::NotADirectory
        | ErrorKind::ReadOnlyFilesystem => Error::invalid_config(message)
            .with_source(error)
            .with_hint("name a plain file, in a directory that exists, that this user may write"),
        _ => Error::unavailable(message).with_source(error),
    }
}

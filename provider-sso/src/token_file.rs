//! Where a sign-in is kept: the AWS CLI's own files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha1::{Digest, Sha1};
use tucuxi_core::{Clock, Context, Env, Error, FileLock, Fs};

use crate::Token;

/// The file of one sign-in: `~/.aws/sso/cache/SHA1.json`, where SHA1 is that of the session's name or, for
/// a profile without a session, of its start URL.
#[derive(Clone, Debug)]
pub struct TokenFile {
    env: Env,
    fs: Fs,
    key: String,
}

impl TokenFile {
    /// The file of the sign-in called `key`. Reads nothing yet.
    pub fn new(context: &Context, key: impl Into<String>) -> Self {
        Self { env: context.env().clone(), fs: context.fs().clone(), key: key.into() }
    }

    /// Where the file is.
    ///
    /// # Errors
    /// `InvalidConfig` without a home directory.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(cache(&self.env)?.join(file_name(&self.key)))
    }

    /// Waits for a turn with the file among all processes of this library, 20 s at most.
    pub(crate) async fn lock(&self, clock: &dyn Clock) -> Result<FileLock, Error> {
        let path = self.path()?.with_extension("lock");
        self.fs.lock(&path, clock, LOCK_LIMIT).await.map_err(|error| {
            Error::unavailable(format!("{} cannot be locked: {}", path.display(), error.kind())).with_source(error)
        })
    }

    /// The sign-in, or `None` when nobody signed in. Takes away what a writer left that was killed.
    ///
    /// # Errors
    /// `InvalidConfig` with the path for a file that cannot be read or makes no sense.
    pub async fn read(&self) -> Result<Option<Token>, Error> {
        let path = self.path()?;
        self.fs.sweep(&path).await;
        match self.fs.read(&path, SIZE_LIMIT).await {
            Ok(json) => Token::parse(&json).map(Some).map_err(|error| broken(&path, &error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("{} cannot be read: {}", path.display(), error.kind());
                Err(Error::invalid_config(message).with_source(error).with_hint("make it readable, or sign in again"))
            }
        }
    }

    /// Keeps the sign-in: whole or not at all, mode 0600.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    pub async fn write(&self, token: &Token) -> Result<(), Error> {
        let path = self.path()?;
        let json = zeroize::Zeroizing::new(token.to_json()?);
        self.fs.replace(&path, &json).await.map_err(|error| {
            Error::unavailable(format!("{} cannot be written: {}", path.display(), error.kind())).with_source(error)
        })
    }

    /// Forgets the sign-in.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    pub async fn remove(&self) -> Result<(), Error> {
        let path = self.path()?;
        self.fs.remove(&path).await.map_err(|error| {
            Error::unavailable(format!("{} cannot be removed: {}", path.display(), error.kind())).with_source(error)
        })
    }
}

pub(crate) fn broken(path: &Path, error: &Error) -> Error {
    Error::invalid_config(format!("{} {error}", path.display())).with_hint("sign in again: aws sso login")
}

/// Where the AWS CLI keeps sign-ins and registrations.
pub(crate) fn cache(env: &Env) -> Result<PathBuf, Error> {
    Ok(home(env)?.join(".aws").join("sso").join("cache"))
}

pub(crate) fn home(env: &Env) -> Result<PathBuf, Error> {
    env.home().ok_or_else(|| {
        Error::invalid_config("there is no home directory (HOME), so no sign-in can be kept").with_hint("set HOME")
    })
}

pub(crate) fn file_name(key: &str) -> String {
    let digest = Sha1::digest(key.as_bytes());
    let mut name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    name.push_str(".json");
    name
}

pub(crate) const SIZE_LIMIT: u64 = 64 * 1024;
/// How long a process waits for its turn.
pub(crate) const LOCK_LIMIT: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_the_aws_cli_chooses() {
        assert_eq!(file_name("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
    }
}

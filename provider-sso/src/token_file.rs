//! Where a sign-in is kept: the AWS CLI's own files.

use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};
use tucuxi_core::sign_in::Files;
use tucuxi_core::{Context, Env, Error, FileLock};
use zeroize::Zeroizing;

use crate::Token;

/// The file of one sign-in: `~/.aws/sso/cache/SHA1.json`, where SHA1 is that of the session's name or, for
/// a profile without a session, of its start URL.
#[derive(Clone, Debug)]
pub struct TokenFile {
    env: Env,
    files: Files,
    key: String,
}

impl TokenFile {
    /// The file of the sign-in called `key`. Reads nothing yet.
    pub fn new(context: &Context, key: impl Into<String>) -> Self {
        Self { env: context.env().clone(), files: Files::new(context), key: key.into() }
    }

    /// Where the file is.
    ///
    /// # Errors
    /// `InvalidConfig` without a home directory.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(cache(&self.env)?.join(file_name(&self.key)))
    }

    /// A turn with the file, among all processes of this library; without one after 20 s.
    pub(crate) async fn turn(&self) -> Option<FileLock> {
        // Without a path nothing can be kept either, and that says why.
        self.files.turn(&self.path().ok()?, &self.key).await
    }

    /// The sign-in, or `None` when nobody signed in. Takes away what a writer left that was killed.
    ///
    /// # Errors
    /// `InvalidConfig` with the path for a file that cannot be read or makes no sense.
    pub async fn read(&self) -> Result<Option<Token>, Error> {
        let path = self.path()?;
        let Some(json) = self.files.read(&path).await? else { return Ok(None) };
        Token::parse(&json).map(Some).map_err(|error| broken(&path, &error))
    }

    /// Keeps the sign-in: whole or not at all, mode 0600.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    pub async fn write(&self, token: &Token) -> Result<(), Error> {
        self.files.write(&self.path()?, &Zeroizing::new(token.to_json()?)).await
    }

    /// Forgets the sign-in.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    pub async fn remove(&self) -> Result<(), Error> {
        self.files.remove(&self.path()?).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_the_aws_cli_chooses() {
        assert_eq!(file_name("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
    }
}

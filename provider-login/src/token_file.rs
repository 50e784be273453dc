//! Where a sign-in is kept: the AWS CLI's own files.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tucuxi_core::sign_in::Files;
use tucuxi_core::{Context, Env, Error, FileLock};
use zeroize::Zeroizing;

use crate::Token;

/// The file of one sign-in: `SHA256.json`, where SHA256 is that of the session's ARN without white space
/// around it, in the directory `AWS_LOGIN_CACHE_DIRECTORY`, else `~/.aws/login/cache`.
///
/// Beside it lies `SHA256.lock`, by which processes of this library take turns to change it. The AWS CLI takes no
/// turns; it finds the file whole all the same.
#[derive(Clone, Debug)]
pub struct TokenFile {
    env: Env,
    files: Files,
    session: String,
}

impl TokenFile {
    /// The file of the sign-in `session`, an ARN. Reads nothing yet.
    pub fn new(context: &Context, session: impl Into<String>) -> Self {
        Self { env: context.env().clone(), files: Files::new(context), session: session.into() }
    }

    /// Where the file is.
    ///
    /// # Errors
    /// `InvalidConfig` without a home directory.
    pub fn path(&self) -> Result<PathBuf, Error> {
        Ok(self.directory()?.join(file_name(&self.session)))
    }

    fn directory(&self) -> Result<PathBuf, Error> {
        let home = || {
            self.env.home().ok_or_else(|| {
                Error::invalid_config("there is no home directory (HOME), so no sign-in can be kept")
                    .with_hint(format!("set HOME or {DIRECTORY}"))
            })
        };
        let Some(chosen) = self.env.path(DIRECTORY).filter(|path| !is_blank(path)) else {
            return Ok(home()?.join(".aws").join("login").join("cache"));
        };
        self.env.expand(&chosen).map_or_else(home, Ok)
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

    /// Keeps the sign-in: whole or not at all, mode 0600. Waits for its turn, 20 s at most.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    pub async fn write(&self, token: &Token) -> Result<(), Error> {
        let _turn = self.turn().await;
        self.replace(token).await
    }

    /// Forgets the sign-in. Waits for its turn, 20 s at most.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    pub async fn remove(&self) -> Result<(), Error> {
        let _turn = self.turn().await;
        self.files.remove(&self.path()?).await
    }

    /// A turn with the file, among all processes of this library; without one after 20 s.
    pub(crate) async fn turn(&self) -> Option<FileLock> {
        // Without a path nothing can be kept either, and that says why.
        self.files.turn(&self.path().ok()?, &self.session).await
    }

    /// Keeps the sign-in, for whoever has the turn already.
    pub(crate) async fn replace(&self, token: &Token) -> Result<(), Error> {
        self.files.write(&self.path()?, &Zeroizing::new(token.to_json()?)).await
    }
}

pub(crate) fn broken(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::invalid_config(format!("{} {error}", path.display())).with_hint(SIGN_IN_AGAIN)
}

fn is_blank(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.trim().is_empty())
}

fn file_name(session: &str) -> String {
    let digest = Sha256::digest(session.trim().as_bytes());
    let mut name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    name.push_str(".json");
    name
}

pub(crate) const SIGN_IN_AGAIN: &str = "sign in again: aws login";
const DIRECTORY: &str = "AWS_LOGIN_CACHE_DIRECTORY";

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
    const NAME: &str = "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";

    #[track_caller]
    fn check(variables: &[(&str, &str)], session: &str, expected: Option<&str>) {
        let context = Context::local().with_env(Env::fake(variables.iter().copied()));
        let path = TokenFile::new(&context, session).path();
        let expected = expected.map(|directory| Path::new(directory).join(NAME));
        assert_eq!(path.as_ref().ok(), expected.as_ref(), "{variables:?}: {path:?}");
    }

    #[test]
    fn the_file_is_the_one_that_the_aws_cli_chooses() {
        let home = ("HOME", "/home/u");
        check(&[home], SESSION, Some("/home/u/.aws/login/cache"));
        check(&[home], &format!(" {SESSION}\n"), Some("/home/u/.aws/login/cache"));
        check(&[home, (DIRECTORY, "/var/cache")], SESSION, Some("/var/cache"));
        check(&[(DIRECTORY, "/var/cache")], SESSION, Some("/var/cache"));
        check(&[home, (DIRECTORY, "~/cache")], SESSION, Some("/home/u/cache"));
        check(&[home, (DIRECTORY, "$HOME/cache")], SESSION, Some("/home/u/cache"));
        check(&[home, (DIRECTORY, " ")], SESSION, Some("/home/u/.aws/login/cache"));
        check(&[], SESSION, None);
        check(&[(DIRECTORY, "~/cache")], SESSION, None);
    }
}

//! The file of one sign-in.

use std::fmt::Display;
use std::path::PathBuf;
use std::time::SystemTime;

use tracing::warn;

use super::files::LOCK_LIMIT;
use super::{Files, Format, Token};
use crate::{BoxFuture, Context, Error, ErrorKind, FileLock, failure};

/// The file of one sign-in, where the tool keeps it that made the format.
///
/// Beside it lies a file with the ending `lock`, by which processes of this library take turns to change it. The AWS CLI
/// takes no turns; it finds the file whole all the same.
#[derive(Clone, Debug)]
pub struct TokenFile {
    files: Files,
    name: String,
    format: &'static Format,
}

impl TokenFile {
    /// The file of the sign-in called `name`. Reads nothing yet.
    pub fn new(context: &Context, name: &str, format: &'static Format) -> Self {
        Self { files: Files::new(context), name: name.to_owned(), format }
    }

    /// What the sign-in is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file is.
    ///
    /// # Errors
    /// `InvalidConfig` without a home directory.
    pub fn path(&self) -> Result<PathBuf, Error> {
        (self.format.path)(self.files.env(), &self.name)
    }

    /// The sign-in that is this text.
    ///
    /// # Errors
    /// `InvalidConfig` with the path, the line and what is wrong there, never with what stands there.
    pub fn parse(&self, json: &[u8]) -> Result<Token, Error> {
        Token::parse(self.format, json).map_err(|fault| self.broken(&fault))
    }

    /// The sign-in, or `None` when nobody signed in. Takes away what a writer left that was killed.
    ///
    /// # Errors
    /// `InvalidConfig` with the path for a file that cannot be read or makes no sense.
    pub fn read(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(async move { self.read_now() })
    }

    /// The same, without a future, which would be a part of another one.
    pub(super) fn read_now(&self) -> Result<Option<Token>, Error> {
        match self.files.read_now(&self.path()?)? {
            Some(json) => self.parse(&json).map(Some),
            None => Ok(None),
        }
    }

    /// Keeps the sign-in: whole or not at all, mode 0600. Waits for its turn, 20 s at most.
    /// Needs the feature `sign-in`.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    #[cfg(feature = "sign-in")]
    pub fn write<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let _turn = self.turn().await;
            self.replace_now(token)
        })
    }

    /// Keeps the sign-in, for whoever has the turn already.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be written.
    pub fn replace<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.replace_now(token) })
    }

    /// The same, without a future.
    pub(super) fn replace_now(&self, token: &Token) -> Result<(), Error> {
        self.files.write_now(&self.path()?, &token.to_json())
    }

    /// Whether a sign-in could be kept.
    pub(super) fn can_keep(&self) -> Result<(), Error> {
        self.files.can_keep(&self.path()?)
    }

    /// Forgets the sign-in. Waits for its turn, 20 s at most. Needs the feature `sign-in`.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    #[cfg(feature = "sign-in")]
    pub fn remove(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let _turn = self.turn().await;
            self.forget().await
        })
    }

    /// Forgets the sign-in, for whoever has the turn already. Needs the feature `sign-in`.
    ///
    /// # Errors
    /// `Unavailable` with the path when the file cannot be removed.
    #[cfg(feature = "sign-in")]
    pub fn forget(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { self.files.remove(&self.path()?).await })
    }

    /// A turn with the file, among all processes of this library; without one after 20 s.
    pub fn turn(&self) -> BoxFuture<'_, Option<FileLock>> {
        // Without a path nothing can be kept either, and that says why.
        let turn = self.path().ok().map(|path| self.files.turn(&path, LOCK_LIMIT));
        Box::pin(async move {
            match turn?.await {
                Ok(turn) => Some(turn),
                Err(error) => {
                    warn_of(&error, &self.name);
                    None
                }
            }
        })
    }

    /// When what the token gives ends.
    ///
    /// # Errors
    /// `InvalidConfig` with the path when it does not say so.
    pub fn ends(&self, token: &Token) -> Result<SystemTime, Error> {
        token.expiry().map_err(|error| self.broken(&error))
    }

    /// The error of a file in which something makes no sense.
    #[cold]
    pub fn broken(&self, what: &dyn Display) -> Error {
        match self.path() {
            Ok(path) => {
                let cure = self.format.cure;
                failure(
                    ErrorKind::InvalidConfig,
                    format_args!("{} {what}", path.display()),
                    Some(format_args!("{cure}")),
                )
            }
            Err(error) => error,
        }
    }

    /// The error where there is no file; `nobody` says so of whatever has the name that follows.
    #[cold]
    pub fn absent(&self, nobody: &str, cure: String) -> Error {
        match self.path() {
            Ok(path) => {
                let message = format!("{nobody} {} ({} is not there)", self.name, path.display());
                Error::invalid_config(message).with_hint(cure)
            }
            Err(error) => error,
        }
    }
}

#[cold]
fn warn_of(error: &Error, name: &str) {
    warn!(%error, sign_in = name, "no turn with the sign-in, going on without");
}

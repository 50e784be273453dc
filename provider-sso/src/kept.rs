//! The sign-in that a cache file holds, and how it is refreshed.

use std::sync::Arc;
use std::time::SystemTime;

use tucuxi_core::sign_in::{SignIn, exchange, for_a_renewal};
use tucuxi_core::{BoxFuture, Context, Error, ErrorKind, FileLock, HttpClient, Secret};

use crate::token::Renewal;
use crate::token_file::broken;
use crate::wire::{self, Grant};
use crate::{SignInSettings, Token, TokenFile};

/// Whoever signed in, by the file that says so.
#[derive(Clone, Debug)]
pub(crate) struct KeptSignIn {
    http: Arc<dyn HttpClient>,
    file: TokenFile,
    pub(crate) settings: SignInSettings,
}

impl KeptSignIn {
    pub(crate) fn new(context: &Context, settings: SignInSettings) -> Self {
        Self { http: Arc::clone(context.http()), file: TokenFile::new(context, settings.key()), settings }
    }

    /// What the portal accepts, while it lasts.
    pub(crate) fn access_token<'a>(&self, token: &'a Token, now: SystemTime) -> Result<&'a Secret, Error> {
        let path = self.file.path()?;
        if self.ends(token)? <= now {
            let error = Error::denied(format!("the sign-in in {} has ended", path.display()));
            return Err(error.with_hint(self.settings.cure()));
        }
        token.access_token.as_ref().ok_or_else(|| {
            Error::invalid_config(format!("{} has no accessToken", path.display())).with_hint(self.settings.cure())
        })
    }
}

impl SignIn for KeptSignIn {
    type Token = Token;

    fn name(&self) -> &str {
        self.settings.key()
    }

    fn turn(&self) -> BoxFuture<'_, Option<FileLock>> {
        Box::pin(self.file.turn())
    }

    fn read(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(self.file.read())
    }

    fn write<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.file.write(token))
    }

    /// Only sessions are, and only while their registration counts.
    fn is_renewable(&self, token: &Token, now: SystemTime) -> bool {
        self.settings.session.is_some() && token.renewal(now).is_some()
    }

    fn renewed<'a>(&'a self, token: &'a Token, now: SystemTime) -> BoxFuture<'a, Result<Option<Token>, Error>> {
        Box::pin(async move {
            let Some(Renewal { client_id, client_secret, refresh_token }) = token.renewal(now) else { return Ok(None) };
            let oidc = self.settings.endpoints.oidc(&self.settings.region)?;
            let request = wire::token(&oidc, client_id, client_secret, &Grant::Refresh(refresh_token))?;
            let limits = for_a_renewal(self.settings.limits);
            let answer = exchange(self.http.as_ref(), request, limits).await?;
            match wire::granted(&answer) {
                Ok(new) => Ok(Some(token.clone().renewed(new, now))),
                Err(error) if error.kind() == ErrorKind::Denied => Err(error.with_hint(self.settings.cure())),
                Err(error) => Err(error),
            }
        })
    }

    fn ends(&self, token: &Token) -> Result<SystemTime, Error> {
        let path = self.file.path()?;
        token.expiry().map_err(|error| broken(&path, &error))
    }

    fn is_same_grant(&self, one: &Token, other: &Token) -> bool {
        one.access_token == other.access_token && one.refresh_token == other.refresh_token
    }

    fn gives_the_same(&self, one: &Token, other: &Token) -> bool {
        one.access_token == other.access_token
    }

    fn nobody(&self) -> Error {
        let path =
            self.file.path().map_or_else(|_| String::new(), |path| format!(" ({} is not there)", path.display()));
        Error::invalid_config(format!("nobody is signed in to {}{path}", self.settings.key()))
            .with_hint(self.settings.cure())
    }
}

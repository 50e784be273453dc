//! The sign-in that a cache file holds, and how it is refreshed.

use std::sync::Arc;
use std::time::SystemTime;

use tucuxi_core::sign_in::{SignIn, exchange, for_a_renewal};
use tucuxi_core::{BoxFuture, Context, Error, FileLock, HttpClient};

use crate::endpoint::Service;
use crate::key::{DpopKey, KeyError};
use crate::token_file::broken;
use crate::{LoginSettings, Token, TokenFile, dpop, wire};

/// Whoever signed in, by the file that says so.
#[derive(Clone, Debug)]
pub(crate) struct KeptSignIn {
    http: Arc<dyn HttpClient>,
    file: TokenFile,
    pub(crate) settings: LoginSettings,
}

impl KeptSignIn {
    pub(crate) fn new(context: &Context, settings: LoginSettings) -> Self {
        Self { http: Arc::clone(context.http()), file: TokenFile::new(context, &settings.session), settings }
    }

    pub(crate) fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        self.file.path().map_or_else(|error| error, |path| broken(&path, error))
    }
}

impl SignIn for KeptSignIn {
    type Token = Token;

    fn name(&self) -> &str {
        &self.settings.session
    }

    fn turn(&self) -> BoxFuture<'_, Option<FileLock>> {
        Box::pin(self.file.turn())
    }

    fn read(&self) -> BoxFuture<'_, Result<Option<Token>, Error>> {
        Box::pin(self.file.read())
    }

    fn write<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.file.replace(token))
    }

    fn is_renewable(&self, _: &Token, _: SystemTime) -> bool {
        true
    }

    fn renewed<'a>(&'a self, token: &'a Token, now: SystemTime) -> BoxFuture<'a, Result<Option<Token>, Error>> {
        Box::pin(async move {
            let key = DpopKey::from_pem(token.dpop_key.expose()).map_err(|error| match error {
                KeyError::NoLibrary => error.into(),
                _ => self.broken(&error),
            })?;
            let base = self.settings.endpoints.base_url(Service::SignIn, self.settings.region.as_ref())?;
            let url = wire::token_url(&base);
            let proof = dpop::proof(&key, &url, now, &dpop::new_id()?)?;
            let limits = for_a_renewal(self.settings.limits);
            let answer = exchange(self.http.as_ref(), wire::refresh(&url, token, &proof)?, limits).await?;
            Ok(Some(token.clone().renewed(wire::grant(&answer)?, now)))
        })
    }

    fn ends(&self, token: &Token) -> Result<SystemTime, Error> {
        token.expiry().map_err(|error| self.broken(&error))
    }

    /// Its refresh token counts once, whatever else stands in the file.
    fn is_same_grant(&self, one: &Token, other: &Token) -> bool {
        one.refresh_token == other.refresh_token
    }

    fn gives_the_same(&self, one: &Token, other: &Token) -> bool {
        one.access_token.access_key_id == other.access_token.access_key_id
    }

    fn nobody(&self) -> Error {
        let path =
            self.file.path().map_or_else(|_| String::new(), |path| format!(" ({} is not there)", path.display()));
        Error::invalid_config(format!("nobody is signed in as {}{path}", self.settings.session))
            .with_hint("sign in: aws login")
    }
}

//! The sign-in that a cache file holds, and how it is refreshed.

use std::time::SystemTime;

use tucuxi_core::sign_in::{Answer, SignIn, Token, TokenFile};
use tucuxi_core::{Context, Error, ErrorKind, HttpOptions, Request, Secret, failure, format_rfc3339};

use crate::token_file::{ACCESS_TOKEN, EXPIRES_AT, Renewal, token_file};
use crate::{SignInSettings, wire};

/// Whoever signed in, by the file that says so.
#[derive(Clone, Debug)]
pub(crate) struct KeptSignIn {
    file: TokenFile,
    pub(crate) settings: SignInSettings,
}

impl KeptSignIn {
    #[inline]
    pub(crate) fn new(context: &Context, settings: SignInSettings) -> Self {
        Self { file: token_file(context, settings.key()), settings }
    }

    /// What the portal accepts, while it lasts.
    #[inline]
    pub(crate) fn access_token<'a>(&self, token: &'a Token, now: SystemTime) -> Result<&'a Secret, Error> {
        let ends = self.file.ends(token)?;
        match token.text(ACCESS_TOKEN) {
            Some(access_token) if ends > now => Ok(access_token),
            _ => Err(self.useless(ends <= now)),
        }
    }

    #[cold]
    fn useless(&self, has_ended: bool) -> Error {
        let path = match self.file.path() {
            Ok(path) => path,
            Err(error) => return error,
        };
        let (kind, before, after) = match has_ended {
            true => (ErrorKind::Denied, "the sign-in in ", "has ended"),
            false => (ErrorKind::InvalidConfig, "", "has no accessToken"),
        };
        let cure = self.settings.cure();
        failure(kind, format_args!("{before}{} {after}", path.display()), Some(format_args!("{cure}")))
    }
}

impl SignIn for KeptSignIn {
    fn file(&self) -> &TokenFile {
        &self.file
    }

    fn limits(&self) -> HttpOptions {
        self.settings.limits
    }

    /// Only sessions are, and only while their registration counts.
    fn is_renewable(&self, token: &Token, now: SystemTime) -> bool {
        self.settings.session.is_some() && Renewal::of(token, now).is_some()
    }

    fn ask(&self, token: &Token, now: SystemTime) -> Result<Option<Request>, Error> {
        let Some(Renewal { client_id, client_secret, refresh_token }) = Renewal::of(token, now) else {
            return Ok(None);
        };
        let oidc = self.settings.endpoints.oidc(&self.settings.region)?;
        wire::refresh(&oidc, client_id.expose(), client_secret, refresh_token).map(Some)
    }

    /// The old refresh token stays where no new one came.
    fn renewed(&self, token: &Token, answer: &Answer, now: SystemTime) -> Result<Token, Error> {
        let new = wire::granted(answer).map_err(|error| match error.kind() {
            ErrorKind::Denied => error.with_hint(self.settings.cure()),
            _ => error,
        })?;
        let mut texts = new.texts;
        texts.push((EXPIRES_AT, Some(format_rfc3339(now + new.lifetime).into())));
        Ok(token.with(texts))
    }

    fn nobody(&self) -> Error {
        self.file.absent("nobody is signed in to", self.settings.cure())
    }
}

//! The sign-in that a cache file holds, and how it is refreshed.

use std::time::SystemTime;

use tucuxi_core::sign_in::{Answer, SignIn, Token, TokenFile};
use tucuxi_core::{Context, Credentials, Error, HttpOptions, Request};

use crate::endpoint::Service;
use crate::key::{DpopKey, KeyError};
use crate::token::{DPOP_KEY, credentials, renewed, text};
use crate::token_file::token_file;
use crate::{LoginSettings, dpop, wire};

/// Whoever signed in, by the file that says so.
#[derive(Clone, Debug)]
pub(crate) struct KeptSignIn {
    file: TokenFile,
    pub(crate) settings: LoginSettings,
}

impl KeptSignIn {
    #[inline]
    pub(crate) fn new(context: &Context, settings: LoginSettings) -> Self {
        Self { file: token_file(context, &settings.session), settings }
    }

    /// The keys in it.
    pub(crate) fn credentials(&self, token: &Token) -> Result<Credentials, Error> {
        let credentials = credentials(token).with_expires_at(self.file.ends(token)?);
        match credentials.fault() {
            None => Ok(credentials),
            Some((part, fault)) => Err(self.file.broken(&format_args!("has no usable keys: the {part} {fault}"))),
        }
    }
}

impl SignIn for KeptSignIn {
    fn file(&self) -> &TokenFile {
        &self.file
    }

    fn limits(&self) -> HttpOptions {
        self.settings.limits
    }

    fn is_renewable(&self, _: &Token, _: SystemTime) -> bool {
        true
    }

    fn ask(&self, token: &Token, now: SystemTime) -> Result<Option<Request>, Error> {
        let key = DpopKey::from_pem(text(token, DPOP_KEY)).map_err(|error| match error {
            KeyError::NoLibrary => error.into(),
            _ => self.file.broken(&error),
        })?;
        let url = wire::token_url(&self.settings.endpoints.base_url(Service::SignIn, self.settings.region.as_ref())?);
        let proof = dpop::proof(&key, &url, now, &dpop::new_id()?)?;
        wire::refresh(&url, token, &proof).map(Some)
    }

    fn renewed(&self, token: &Token, answer: &Answer, now: SystemTime) -> Result<Token, Error> {
        Ok(renewed(token, wire::grant(answer)?, now))
    }

    fn nobody(&self) -> Error {
        self.file.absent("nobody is signed in as", "sign in: aws login".to_owned())
    }
}

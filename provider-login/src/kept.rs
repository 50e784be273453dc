//! The sign-in in use: read, and refreshed in turns with other processes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tracing::warn;
use tucuxi_core::{Clock, Context, Credentials, Error, HttpClient, HttpOptions, Secret};

use crate::endpoint::Service;
use crate::exchange::exchange;
use crate::key::{DpopKey, KeyError};
use crate::token_file::{LOCK_LIMIT, broken};
use crate::wire::Grant;
use crate::{LoginSettings, Token, TokenFile, dpop, wire};

/// The sign-in that a cache file holds.
#[derive(Clone, Debug)]
pub(crate) struct KeptSignIn {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    file: TokenFile,
    settings: LoginSettings,
    memory: Arc<Mutex<Memory>>,
}

/// What no file tells.
#[derive(Debug, Default)]
struct Memory {
    /// No refresh before this instant while there are keys that last.
    not_before: Option<SystemTime>,
    /// A sign-in that could not be written, and the refresh token that it was given for. That one is used up.
    unwritten: Option<(Secret, Token)>,
}

impl KeptSignIn {
    pub(crate) fn new(context: &Context, settings: LoginSettings) -> Self {
        Self {
            http: Arc::clone(context.http()),
            clock: Arc::clone(context.clock()),
            file: TokenFile::new(context, &settings.session),
            settings,
            memory: Arc::default(),
        }
    }

    pub(crate) fn session(&self) -> &str {
        &self.settings.session
    }

    /// The keys, new ones where the old are about to end.
    pub(crate) async fn credentials(&self) -> Result<Credentials, Error> {
        let token = self.read().await?.ok_or_else(|| self.nobody_signed_in())?;
        self.current(token).await?.credentials().map_err(|error| self.broken(&error))
    }

    /// The sign-in in the file, or what became of it where that could not be written.
    async fn read(&self) -> Result<Option<Token>, Error> {
        let token = self.file.read().await?;
        let mut memory = self.memory();
        match (&token, &memory.unwritten) {
            (Some(token), Some((used, newer))) if token.refresh_token == *used => return Ok(Some(newer.clone())),
            // Somebody has signed in or out meanwhile, or could write what we could not.
            _ => memory.unwritten = None,
        }
        Ok(token)
    }

    async fn current(&self, token: Token) -> Result<Token, Error> {
        if !self.ends_within(REFRESH_WINDOW, &token)? {
            return Ok(token);
        }
        let lasts = !self.ends_within(Duration::ZERO, &token)?;
        if lasts && self.memory().not_before.is_some_and(|until| self.clock.now() < until) {
            return Ok(token);
        }
        match self.renew(&token).await {
            Ok(Some(new)) => Ok(new),
            Ok(None) => Err(self.nobody_signed_in()),
            Err(error) if self.ends_within(Duration::ZERO, &token)? => Err(error),
            Err(error) => {
                warn!(%error, session = self.session(), "the sign-in was not refreshed, its old keys are used");
                self.memory().not_before = Some(self.clock.now() + PAUSE);
                Ok(token)
            }
        }
    }

    /// Another sign-in than `old`: what another process has kept meanwhile, or a refreshed one. `None` where
    /// somebody has signed out meanwhile.
    async fn renew(&self, old: &Token) -> Result<Option<Token>, Error> {
        let _turn = self.file.turn().await;
        let Some(token) = self.read().await? else { return Ok(None) };
        if self.is_news(&token, old) {
            return Ok(Some(token));
        }
        let now = self.clock.now();
        match self.refreshed(&token, now).await {
            Ok(grant) => Ok(Some(self.keep(token.refresh_token.clone(), token.renewed(grant, now)).await)),
            // A tool that takes no turns may have used the refresh token first, and kept what it got.
            Err(error) => match self.file.read().await {
                Ok(Some(theirs)) if self.is_news(&theirs, &token) => Ok(Some(theirs)),
                _ => Err(error),
            },
        }
    }

    async fn refreshed(&self, token: &Token, now: SystemTime) -> Result<Grant, Error> {
        let key = DpopKey::from_pem(token.dpop_key.expose()).map_err(|error| match error {
            KeyError::NoLibrary => error.into(),
            _ => self.broken(&error),
        })?;
        let url = wire::token_url(&self.settings.endpoints.base_url(Service::SignIn, self.settings.region.as_ref())?);
        let proof = dpop::proof(&key, &url, now, &dpop::new_id()?)?;
        let limits = self.settings.limits.with_whole(renewal_limit(&self.settings.limits));
        exchange(self.http.as_ref(), wire::refresh(&url, token, &proof)?, limits).await
    }

    /// Writes the sign-in back, or remembers it: a refresh token counts once, so that the file's own is of no use
    /// any more.
    async fn keep(&self, used: Secret, token: Token) -> Token {
        let written = self.file.replace(&token).await;
        let mut memory = self.memory();
        memory.not_before = None;
        if let Err(error) = written {
            warn!(%error, session = self.session(), "the refreshed sign-in was not kept");
            // The file still holds the token of the first refresh that could not be written.
            let in_file = memory.unwritten.take().map_or(used, |(in_file, _)| in_file);
            memory.unwritten = Some((in_file, token.clone()));
        }
        token
    }

    pub(crate) fn time_limit(&self) -> Duration {
        (LOCK_LIMIT + renewal_limit(&self.settings.limits) + KEEPING).max(LIMIT)
    }

    fn is_news(&self, theirs: &Token, mine: &Token) -> bool {
        theirs.access_token.access_key_id != mine.access_token.access_key_id
            && !theirs.ends_within(REFRESH_WINDOW, self.clock.now()).unwrap_or(true)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends_within(&self, window: Duration, token: &Token) -> Result<bool, Error> {
        token.ends_within(window, self.clock.now()).map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        self.file.path().map_or_else(|error| error, |path| broken(&path, error))
    }

    fn nobody_signed_in(&self) -> Error {
        let path =
            self.file.path().map_or_else(|_| String::new(), |path| format!(" ({} is not there)", path.display()));
        Error::invalid_config(format!("nobody is signed in as {}{path}", self.session()))
            .with_hint("sign in: aws login")
    }
}

const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_secs(60);

/// How long a refresh may take: a whole, so that an answer that trickles in ends too.
fn renewal_limit(limits: &HttpOptions) -> Duration {
    limits.whole.unwrap_or(limits.connect + limits.first_byte)
}

/// That of other sources.
const LIMIT: Duration = Duration::from_secs(30);
/// To write what was refreshed.
const KEEPING: Duration = Duration::from_secs(2);

//! The sign-in in use: read, refreshed in turns with other processes, shown to the portal.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tracing::{debug, warn};
use tucuxi_core::retry::{Reason, Retries, RetryBudget, classify};
use tucuxi_core::{Clock, Context, Error, ErrorKind, FileLock, HttpClient, HttpOptions, Request, Secret, uniform};

use crate::exchange::exchange;
use crate::memory::Memory;
use crate::token_file::LOCK_LIMIT;
use crate::wire::{self, Answer, Grant};
use crate::{SignInSettings, Token, TokenFile};

/// Whoever signed in.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    file: TokenFile,
    pub(crate) settings: SignInSettings,
    budget: RetryBudget,
    memory: Memory,
}

impl Bearer {
    pub(crate) fn new(context: &Context, settings: SignInSettings) -> Self {
        Self {
            http: Arc::clone(context.http()),
            clock: Arc::clone(context.clock()),
            file: TokenFile::new(context, settings.key()),
            settings,
            budget: RetryBudget::default(),
            memory: Memory::default(),
        }
    }

    /// Asks the portal. A sign-in that it does not know, although its file says that it lasts, is refreshed once.
    pub(crate) async fn ask<T>(
        &self,
        request: impl Fn(&str, &Secret) -> Result<Request, Error> + Send + Sync,
        read: impl Fn(&Answer) -> Result<T, Error> + Send + Sync,
    ) -> Result<T, Error> {
        let portal = self.settings.endpoints.portal(&self.settings.region)?;
        let token = self.current().await?;
        let answer = self.persist(|| request(&portal, self.access_token(&token)?)).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return read(&answer);
        }
        let refused = |answer: &Answer| read(answer).map_err(|error| error.with_hint(self.settings.cure()));
        match self.renew(&token).await {
            Ok(Some(new)) => refused(&self.persist(|| request(&portal, self.access_token(&new)?)).await?),
            Err(error) if error.kind() == ErrorKind::Unavailable => Err(error),
            Ok(None) | Err(_) => refused(&answer),
        }
    }

    /// Asks again where that helps: the portal throttles easily, and asking changes nothing there.
    async fn persist(&self, request: impl Fn() -> Result<Request, Error> + Send + Sync) -> Result<Answer, Error> {
        let mut retries = Retries::new(self.settings.retry, self.budget.clone());
        loop {
            while let Some(wait) = retries.pause(self.clock.now()) {
                debug!(?wait, "waiting for a turn to ask the portal");
                self.clock.sleep(wait).await;
            }
            let answer = exchange(self.http.as_ref(), request()?, self.settings.limits).await;
            let reason = match &answer {
                Ok(answer) => classify(answer.status.as_u16(), answer.code().as_deref()),
                Err(error) => error.is_transient().then_some(Reason::Transient),
            };
            retries.answered(reason, self.clock.now());
            let Some(delay) = reason.and_then(|reason| retries.next(reason, None, uniform())) else {
                if reason.is_none() {
                    retries.succeeded();
                }
                return Ok(answer?);
            };
            debug!(?reason, ?delay, "asking the portal again");
            self.clock.sleep(delay).await;
        }
    }

    /// The sign-in in the file, or what became of it where that could not be written.
    async fn read(&self) -> Result<Option<Token>, Error> {
        Ok(self.memory.newest(self.file.read().await?))
    }

    /// The sign-in, refreshed where it is about to end and can be. A failed refresh does no harm while the
    /// old access token lasts, and is not repeated at once.
    async fn current(&self) -> Result<Token, Error> {
        let token = self.read().await?.ok_or_else(|| self.nobody_signed_in())?;
        if self.settings.session.is_none() || !self.ends_within(REFRESH_WINDOW, &token)? {
            return Ok(token);
        }
        if !self.ends_within(Duration::ZERO, &token)? && self.memory.has_just_failed(self.clock.now()) {
            return Ok(token);
        }
        match self.renew(&token).await {
            Ok(new) => Ok(new.unwrap_or(token)),
            Err(error) if self.ends_within(Duration::ZERO, &token)? => Err(error),
            Err(error) => {
                warn!(%error, sign_in = self.settings.key(), "the sign-in was not refreshed, the old one is used");
                self.memory.failed(self.clock.now());
                Ok(token)
            }
        }
    }

    /// Another sign-in than `old`: what another process has kept meanwhile, or a refreshed one. `None` where it
    /// cannot be refreshed.
    async fn renew(&self, old: &Token) -> Result<Option<Token>, Error> {
        if self.settings.session.is_none() || old.renewal(self.clock.now()).is_none() {
            return Ok(None);
        }
        let _turn = self.turn().await;
        // Whoever had the turn before may have signed out.
        let token = self.read().await?.ok_or_else(|| self.nobody_signed_in())?;
        if self.is_news(&token, old) {
            return Ok(Some(token));
        }
        let now = self.clock.now();
        let Some(renewal) = token.renewal(now) else { return Ok(None) };
        let oidc = self.settings.endpoints.oidc(&self.settings.region)?;
        let request =
            wire::token(&oidc, renewal.client_id, renewal.client_secret, &Grant::Refresh(renewal.refresh_token))?;
        let limits = self.settings.limits.with_whole(renewal_limit(&self.settings.limits));
        let granted = match exchange(self.http.as_ref(), request, limits).await {
            Ok(answer) => wire::granted(&answer),
            Err(error) => Err(error.into()),
        };
        match granted {
            Ok(new) => Ok(Some(self.keep(token.clone(), token.renewed(new, now)).await)),
            // A tool that takes no turns may have used the refresh token first.
            Err(error) => match self.read().await {
                Ok(Some(theirs)) if self.is_news(&theirs, &token) => Ok(Some(theirs)),
                _ if error.kind() == ErrorKind::Denied => Err(error.with_hint(self.settings.cure())),
                _ => Err(error),
            },
        }
    }

    pub(crate) fn time_limit(&self) -> Duration {
        // The portal may have taken its time to say that it does not know the sign-in any more.
        let patient = LOCK_LIMIT + 2 * renewal_limit(&self.settings.limits) + KEEPING;
        if self.settings.session.is_some() { patient.max(LIMIT) } else { LIMIT }
    }

    /// A turn with the file; without one after a while, since a process that hangs must not stop all others.
    async fn turn(&self) -> Option<FileLock> {
        match self.file.lock(self.clock.as_ref()).await {
            Ok(turn) => Some(turn),
            Err(error) => {
                warn!(%error, sign_in = self.settings.key(), "no turn with the sign-in, going on without");
                None
            }
        }
    }

    /// Writes back what became of `old`, or remembers it.
    async fn keep(&self, old: Token, new: Token) -> Token {
        match self.file.write(&new).await {
            Ok(()) => self.memory.written(),
            Err(error) => {
                warn!(%error, sign_in = self.settings.key(), "the refreshed sign-in was not kept");
                self.memory.unwritten(old, new.clone());
            }
        }
        new
    }

    fn is_news(&self, theirs: &Token, mine: &Token) -> bool {
        theirs.access_token != mine.access_token
            && !theirs.ends_within(REFRESH_WINDOW, self.clock.now()).unwrap_or(true)
    }

    fn access_token<'a>(&self, token: &'a Token) -> Result<&'a Secret, Error> {
        let path = self.file.path()?;
        if self.ends_within(Duration::ZERO, token)? {
            return Err(
                Error::denied(format!("the sign-in in {} has ended", path.display())).with_hint(self.settings.cure())
            );
        }
        token.access_token.as_ref().ok_or_else(|| {
            Error::invalid_config(format!("{} has no accessToken", path.display())).with_hint(self.settings.cure())
        })
    }

    fn ends_within(&self, window: Duration, token: &Token) -> Result<bool, Error> {
        let path = self.file.path()?;
        token.ends_within(window, self.clock.now()).map_err(|error| crate::token_file::broken(&path, &error))
    }

    fn nobody_signed_in(&self) -> Error {
        let path =
            self.file.path().map_or_else(|_| String::new(), |path| format!(" ({} is not there)", path.display()));
        Error::invalid_config(format!("nobody is signed in to {}{path}", self.settings.key()))
            .with_hint(self.settings.cure())
    }
}

const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);

/// How long a refresh may take: a whole, so that an answer that trickles in ends too.
fn renewal_limit(limits: &HttpOptions) -> Duration {
    limits.whole.unwrap_or(limits.connect + limits.first_byte)
}

/// That of other sources.
const LIMIT: Duration = Duration::from_secs(30);
/// To write what was refreshed.
const KEEPING: Duration = Duration::from_secs(2);

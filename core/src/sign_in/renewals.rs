//! The sign-in in use: read, and renewed in turns with other processes.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tracing::warn;

use super::memory::Memory;
use crate::{BoxFuture, Clock, Context, Error, FileLock};

/// What is special about a sign-in that a file holds and a service renews.
pub trait SignIn: Debug + Send + Sync {
    /// What the file holds.
    type Token: Clone + Debug + Send + Sync;

    /// What the sign-in is called.
    fn name(&self) -> &str;

    /// A turn with the file; without one after a while.
    fn turn(&self) -> BoxFuture<'_, Option<FileLock>>;

    /// What the file holds, or `None` when nobody signed in.
    fn read(&self) -> BoxFuture<'_, Result<Option<Self::Token>, Error>>;

    /// Writes the file, for whoever has the turn.
    fn write<'a>(&'a self, token: &'a Self::Token) -> BoxFuture<'a, Result<(), Error>>;

    /// Whether this token can be renewed, so that a turn is worth the wait.
    fn is_renewable(&self, token: &Self::Token, now: SystemTime) -> bool;

    /// Asks the service, once, for what follows this token; `None` where that cannot be asked for.
    fn renewed<'a>(
        &'a self,
        token: &'a Self::Token,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<Option<Self::Token>, Error>>;

    /// When what the token gives ends.
    ///
    /// # Errors
    /// The file does not say so.
    fn ends(&self, token: &Self::Token) -> Result<SystemTime, Error>;

    /// Whether both are the same grant: only one of them can be renewed.
    fn is_same_grant(&self, one: &Self::Token, other: &Self::Token) -> bool;

    /// Whether both give the same.
    fn gives_the_same(&self, one: &Self::Token, other: &Self::Token) -> bool;

    /// The error where there is no file.
    fn nobody(&self) -> Error;
}

/// A sign-in that is renewed when it is about to end.
///
/// - A failed renewal does no harm while the old sign-in lasts, and is not repeated at once.
/// - Processes take turns. Whoever had the turn before may have renewed it already, or signed out.
/// - A tool that takes no turns may have used the refresh token first, and kept what it got.
/// - What cannot be written is remembered: a refresh token counts once.
#[derive(Clone, Debug)]
pub struct Renewals<S: SignIn> {
    /// The sign-in.
    pub sign_in: S,
    clock: Arc<dyn Clock>,
    memory: Memory<S::Token>,
}

/// What came of the wish for another sign-in.
enum Renewed<T> {
    New(T),
    Impossible,
    SignedOut,
}

impl<S: SignIn> Renewals<S> {
    /// Nothing is known yet.
    pub fn new(context: &Context, sign_in: S) -> Self {
        Self { sign_in, clock: Arc::clone(context.clock()), memory: Memory::default() }
    }

    /// The sign-in, renewed where it is about to end and can be.
    ///
    /// # Errors
    /// - `InvalidConfig`: nobody is signed in, or the file makes no sense.
    /// - Why it was not renewed, when it has ended.
    pub async fn current(&self) -> Result<S::Token, Error> {
        let token = self.read().await?.ok_or_else(|| self.sign_in.nobody())?;
        if !self.ends_within(REFRESH_WINDOW, &token)? {
            return Ok(token);
        }
        if !self.ends_within(Duration::ZERO, &token)? && self.memory.has_just_failed(self.clock.now()) {
            return Ok(token);
        }
        match self.renew(&token).await {
            Ok(Renewed::New(new)) => Ok(new),
            Ok(Renewed::Impossible) => Ok(token),
            Ok(Renewed::SignedOut) => Err(self.sign_in.nobody()),
            Err(error) if self.ends_within(Duration::ZERO, &token)? => Err(error),
            Err(error) => {
                warn!(%error, sign_in = self.sign_in.name(), "the sign-in was not refreshed, the old one is used");
                self.memory.failed(self.clock.now());
                Ok(token)
            }
        }
    }

    /// Another sign-in than `old`, whether or not that should last: what another process has kept meanwhile, or a
    /// renewed one. `None` where there is none to be had.
    ///
    /// # Errors
    /// Why it was not renewed.
    pub async fn another(&self, old: &S::Token) -> Result<Option<S::Token>, Error> {
        match self.renew(old).await? {
            Renewed::New(token) => Ok(Some(token)),
            Renewed::Impossible | Renewed::SignedOut => Ok(None),
        }
    }

    fn renew<'a>(&'a self, old: &'a S::Token) -> BoxFuture<'a, Result<Renewed<S::Token>, Error>> {
        Box::pin(async move {
            if !self.sign_in.is_renewable(old, self.clock.now()) {
                return Ok(Renewed::Impossible);
            }
            let _turn = self.sign_in.turn().await;
            let Some(token) = self.read().await? else { return Ok(Renewed::SignedOut) };
            if self.is_news(&token, old) {
                return Ok(Renewed::New(token));
            }
            match self.sign_in.renewed(&token, self.clock.now()).await {
                Ok(Some(new)) => Ok(Renewed::New(self.keep(token, new).await)),
                Ok(None) => Ok(Renewed::Impossible),
                Err(error) => match self.read().await {
                    Ok(Some(theirs)) if self.is_news(&theirs, &token) => Ok(Renewed::New(theirs)),
                    _ => Err(error),
                },
            }
        })
    }

    /// Writes back what became of `old`, or remembers it.
    async fn keep(&self, old: S::Token, new: S::Token) -> S::Token {
        match self.sign_in.write(&new).await {
            Ok(()) => self.memory.written(),
            Err(error) => {
                warn!(%error, sign_in = self.sign_in.name(), "the refreshed sign-in was not kept");
                self.memory.unwritten(old, new.clone());
            }
        }
        new
    }

    /// The sign-in in the file, or what became of it where that could not be written.
    async fn read(&self) -> Result<Option<S::Token>, Error> {
        let in_file = self.sign_in.read().await?;
        Ok(self.memory.newest(in_file, |one, other| self.sign_in.is_same_grant(one, other)))
    }

    fn is_news(&self, theirs: &S::Token, mine: &S::Token) -> bool {
        !self.sign_in.gives_the_same(theirs, mine) && !self.ends_within(REFRESH_WINDOW, theirs).unwrap_or(true)
    }

    fn ends_within(&self, window: Duration, token: &S::Token) -> Result<bool, Error> {
        Ok(self.sign_in.ends(token)? <= self.clock.now() + window)
    }
}

const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);

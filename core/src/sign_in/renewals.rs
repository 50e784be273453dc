//! The sign-in in use: read, and renewed in turns with other processes.

use std::time::{Duration, SystemTime};

use tracing::warn;

use super::memory::Memory;
use super::{Answer, Token, TokenFile, exchange, for_a_renewal};
use crate::{BoxFuture, Context, Error, HttpError, HttpOptions, Request};

/// What is special about a sign-in that a file holds and a service renews.
pub trait SignIn: Send + Sync {
    /// The file that holds it.
    fn file(&self) -> &TokenFile;

    /// How long a request to the service may take.
    fn limits(&self) -> HttpOptions;

    /// Whether this token can be renewed, so that a turn is worth the wait.
    fn is_renewable(&self, token: &Token, now: SystemTime) -> bool;

    /// What asks the service for what follows this token; `None` where that cannot be asked for.
    ///
    /// # Errors
    /// Something that the request needs makes no sense.
    fn ask(&self, token: &Token, now: SystemTime) -> Result<Option<Request>, Error>;

    /// What follows this token by the service's answer.
    ///
    /// # Errors
    /// It refused, or its answer makes no sense.
    fn renewed(&self, token: &Token, answer: &Answer, now: SystemTime) -> Result<Token, Error>;

    /// The error where there is no file.
    fn nobody(&self) -> Error;
}

/// A sign-in that is renewed when it is about to end.
///
/// - A failed renewal does no harm while the old sign-in lasts, and is not repeated at once.
/// - Processes take turns. Whoever had the turn before may have renewed it already, or signed out.
/// - A tool that takes no turns may have used the refresh token first, and kept what it got.
/// - A refresh token counts once, so it is left alone where what follows it could not be kept. What cannot be written all
///   the same is remembered.
#[derive(Clone, Debug)]
pub struct Renewals {
    context: Context,
    memory: Memory,
}

/// What came of the wish for another sign-in.
enum Renewed {
    New(Token),
    Impossible,
    SignedOut,
}

impl Renewals {
    /// Those of one sign-in, of which nothing is known yet.
    pub fn new(context: &Context) -> Self {
        Self { context: context.clone(), memory: Memory::default() }
    }

    /// The sign-in, renewed where it is about to end and can be.
    ///
    /// # Errors
    /// - `InvalidConfig`: nobody is signed in, or the file makes no sense.
    /// - Why it was not renewed, when it has ended.
    pub fn current<'a>(&'a self, sign_in: &'a dyn SignIn) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let token = self.read(sign_in)?.ok_or_else(|| sign_in.nobody())?;
            let ends = sign_in.file().ends(&token)?;
            if !self.is_within(REFRESH_WINDOW, ends)
                || (!self.is_within(Duration::ZERO, ends) && self.memory.has_just_failed(self.now()))
            {
                return Ok(token);
            }
            match self.renew(sign_in, &token).await {
                Ok(Renewed::New(new)) => Ok(new),
                Ok(Renewed::Impossible) => Ok(token),
                Ok(Renewed::SignedOut) => Err(sign_in.nobody()),
                Err(error) if self.is_within(Duration::ZERO, ends) => Err(error),
                Err(error) => {
                    warn_of(&error, sign_in, "the sign-in was not refreshed, the old one is used");
                    self.memory.failed(self.now());
                    Ok(token)
                }
            }
        })
    }

    /// Another sign-in than `old`, whether or not that should last: what another process has kept meanwhile, or a
    /// renewed one. `None` where there is none to be had.
    ///
    /// # Errors
    /// Why it was not renewed.
    pub fn another<'a>(
        &'a self,
        sign_in: &'a dyn SignIn,
        old: &'a Token,
    ) -> BoxFuture<'a, Result<Option<Token>, Error>> {
        Box::pin(async move {
            match self.renew(sign_in, old).await? {
                Renewed::New(token) => Ok(Some(token)),
                Renewed::Impossible | Renewed::SignedOut => Ok(None),
            }
        })
    }

    /// What goes on between the two waits, for a turn and for the service, has no futures of its own: all of them would
    /// be parts of this one.
    async fn renew(&self, sign_in: &dyn SignIn, old: &Token) -> Result<Renewed, Error> {
        if !sign_in.is_renewable(old, self.now()) {
            return Ok(Renewed::Impossible);
        }
        let _turn = sign_in.file().turn().await;
        let Some(token) = self.read(sign_in)? else { return Ok(Renewed::SignedOut) };
        if self.is_news(sign_in, &token, old) {
            return Ok(Renewed::New(token));
        }
        let now = self.now();
        let answer = match self.asked(sign_in, &token, now) {
            Ok(Some(answer)) => answer.await,
            Ok(None) => return Ok(Renewed::Impossible),
            Err(error) => return self.theirs(sign_in, &token, error),
        };
        match answer.map_err(Error::from).and_then(|answer| sign_in.renewed(&token, &answer, now)) {
            Ok(new) => Ok(Renewed::New(self.keep(sign_in, token, new))),
            Err(error) => self.theirs(sign_in, &token, error),
        }
    }

    /// Asks the service, once, for what follows this token; `None` where that cannot be asked for.
    fn asked(&self, sign_in: &dyn SignIn, token: &Token, now: SystemTime) -> Result<Option<Asked<'_>>, Error> {
        let Some(request) = sign_in.ask(token, now)? else { return Ok(None) };
        if !self.memory.holds_the_only_one() {
            sign_in.file().can_keep()?;
        }
        Ok(Some(exchange(self.context.http().as_ref(), request, for_a_renewal(sign_in.limits()))))
    }

    /// What somebody without a turn has kept meanwhile, else why there is nothing new.
    fn theirs(&self, sign_in: &dyn SignIn, mine: &Token, error: Error) -> Result<Renewed, Error> {
        match self.read(sign_in) {
            Ok(Some(theirs)) if self.is_news(sign_in, &theirs, mine) => Ok(Renewed::New(theirs)),
            _ => Err(error),
        }
    }

    /// Writes back what became of `old`, or remembers it.
    fn keep(&self, sign_in: &dyn SignIn, old: Token, new: Token) -> Token {
        match sign_in.file().replace_now(&new) {
            Ok(()) => self.memory.written(),
            Err(error) => {
                warn_of(&error, sign_in, "the refreshed sign-in was not kept");
                self.memory.unwritten(old, new.clone());
            }
        }
        new
    }

    /// The sign-in in the file, or what became of it where that could not be written.
    fn read(&self, sign_in: &dyn SignIn) -> Result<Option<Token>, Error> {
        Ok(self.memory.newest(sign_in.file().read_now()?))
    }

    fn is_news(&self, sign_in: &dyn SignIn, theirs: &Token, mine: &Token) -> bool {
        let lasts = |ends| !self.is_within(REFRESH_WINDOW, ends);
        !theirs.gives_the_same(mine) && sign_in.file().ends(theirs).is_ok_and(lasts)
    }

    fn now(&self) -> SystemTime {
        self.context.clock().now()
    }

    fn is_within(&self, window: Duration, ends: SystemTime) -> bool {
        ends <= self.now() + window
    }
}

#[cold]
fn warn_of(error: &Error, sign_in: &dyn SignIn, what: &str) {
    warn!(%error, sign_in = sign_in.file().name(), "{what}");
}

/// An answer that is on its way.
type Asked<'a> = BoxFuture<'a, Result<Answer, HttpError>>;

const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);

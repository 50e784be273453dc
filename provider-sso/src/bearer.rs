//! Whoever signed in, as the portal knows them.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, classify};
use tucuxi_core::sign_in::{Answer, Renewals, Token, exchange, time_limit};
use tucuxi_core::{BoxFuture, Context, Error, ErrorKind, HttpError, Request, Secret, uniform};

use crate::kept::KeptSignIn;
use crate::{SignInSettings, wire};

/// What is asked of the portal at a URL, by whoever has an access token.
type Ask<'a> = dyn Fn(&str, &Secret) -> Result<Request, Error> + Send + Sync + 'a;

/// The portal's last word, and whether it knew the sign-in at once.
pub(crate) struct Heard {
    answer: Answer,
    is_known: bool,
}

/// A question under way.
struct Asking {
    portal: String,
    token: Token,
    retries: Retries,
    is_known: bool,
}

enum Next {
    Wait(Duration),
    Said(Heard),
    /// The portal does not know the sign-in, and says so for the first time.
    Unknown(Answer),
}

/// Whoever signed in.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    context: Context,
    sign_in: KeptSignIn,
    renewals: Renewals,
    budget: RetryBudget,
}

impl Bearer {
    #[inline]
    pub(crate) fn new(context: &Context, settings: SignInSettings) -> Self {
        Self {
            context: context.clone(),
            sign_in: KeptSignIn::new(context, settings),
            renewals: Renewals::new(context),
            budget: RetryBudget::default(),
        }
    }

    pub(crate) fn settings(&self) -> &SignInSettings {
        &self.sign_in.settings
    }

    #[inline]
    pub(crate) fn settings_mut(&mut self) -> &mut SignInSettings {
        &mut self.sign_in.settings
    }

    /// Asks the portal, and again where that helps: it throttles easily, and asking changes nothing there. A sign-in that
    /// it does not know, although its file says that it lasts, is refreshed once.
    #[inline(never)]
    pub(crate) fn ask<'a>(&'a self, request: &'a Ask<'_>) -> BoxFuture<'a, Result<Heard, Error>> {
        Box::pin(async move {
            let settings = self.settings();
            let portal = settings.endpoints.portal(&settings.region)?;
            let token = self.renewals.current(&self.sign_in).await?;
            let retries = self.retries();
            // One value, since each that a future holds over a wait is one more to be cleaned up.
            let mut asking = Asking { portal, token, retries, is_known: true };
            loop {
                while let Some(wait) = self.pause(&asking.retries) {
                    self.context.clock().sleep(wait).await;
                }
                let asked = exchange(self.context.http().as_ref(), self.request(&asking, request)?, settings.limits);
                match self.heard(&mut asking, asked.await)? {
                    Next::Wait(delay) => self.context.clock().sleep(delay).await,
                    Next::Said(heard) => return Ok(heard),
                    Next::Unknown(answer) => match self.renewals.another(&self.sign_in, &asking.token).await {
                        Ok(Some(new)) => {
                            asking.token = new;
                            asking.retries = self.retries();
                        }
                        Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
                        Ok(None) | Err(_) => return Ok(Heard { answer, is_known: false }),
                    },
                }
            }
        })
    }

    /// What a reader makes of the portal's last word.
    pub(crate) fn read<T>(&self, heard: &Heard, read: impl Fn(&Answer) -> Result<T, Error>) -> Result<T, Error> {
        read(&heard.answer)
            .map_err(|error| if heard.is_known { error } else { error.with_hint(self.settings().cure()) })
    }

    fn retries(&self) -> Retries {
        Retries::new(self.settings().retry, self.budget.clone())
    }

    #[inline(never)]
    fn request(&self, asking: &Asking, request: &Ask<'_>) -> Result<Request, Error> {
        request(&asking.portal, self.sign_in.access_token(&asking.token, self.now())?)
    }

    /// How long to wait for a turn to ask.
    #[inline(never)]
    fn pause(&self, retries: &Retries) -> Option<Duration> {
        let wait = retries.pause(self.now())?;
        debug!(?wait, "waiting for a turn to ask the portal");
        Some(wait)
    }

    /// What to do about what the portal said.
    #[inline(never)]
    fn heard(&self, asking: &mut Asking, asked: Result<Answer, HttpError>) -> Result<Next, Error> {
        let (reason, wish) = match &asked {
            Ok(answer) => (classify(answer.status.as_u16(), wire::code(answer).as_deref()), answer.asked_delay),
            Err(error) => (error.is_transient().then_some(Reason::Transient), None),
        };
        asking.retries.answered(reason, self.now());
        match reason {
            None => asking.retries.succeeded(),
            Some(reason) => {
                if let Some(delay) = asking.retries.next(reason, wish, uniform()) {
                    debug!(?reason, ?delay, "asking the portal again");
                    return Ok(Next::Wait(delay));
                }
            }
        }
        let answer = asked?;
        if answer.status == StatusCode::UNAUTHORIZED && asking.is_known {
            asking.is_known = false;
            return Ok(Next::Unknown(answer));
        }
        Ok(Next::Said(Heard { answer, is_known: asking.is_known }))
    }

    fn now(&self) -> SystemTime {
        self.context.clock().now()
    }

    pub(crate) fn time_limit(&self) -> Duration {
        // The portal may have taken its time to say that it does not know the sign-in any more.
        time_limit(&self.settings().limits, if self.settings().session.is_some() { 2 } else { 0 })
    }
}

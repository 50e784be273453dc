//! Whoever signed in, as the portal knows them.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, classify};
use tucuxi_core::sign_in::{Answer, Renewals, Token, exchange, time_limit};
use tucuxi_core::{BoxFuture, Clock, Context, Error, ErrorKind, HttpClient, HttpError, Request, Secret, uniform};

use crate::kept::KeptSignIn;
use crate::{SignInSettings, wire};

/// What is asked of the portal at a URL, by whoever has an access token.
type Ask<'a> = dyn Fn(&str, &Secret) -> Result<Request, Error> + Send + Sync + 'a;

/// The portal's last word, and whether it knew the sign-in at once.
pub(crate) struct Heard {
    answer: Answer,
    is_known: bool,
}

/// Whoever signed in.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    sign_in: KeptSignIn,
    renewals: Renewals,
    budget: RetryBudget,
}

impl Bearer {
    pub(crate) fn new(context: &Context, settings: SignInSettings) -> Self {
        Self {
            http: Arc::clone(context.http()),
            clock: Arc::clone(context.clock()),
            sign_in: KeptSignIn::new(context, settings),
            renewals: Renewals::new(context),
            budget: RetryBudget::default(),
        }
    }

    pub(crate) fn settings(&self) -> &SignInSettings {
        &self.sign_in.settings
    }

    pub(crate) fn settings_mut(&mut self) -> &mut SignInSettings {
        &mut self.sign_in.settings
    }

    /// Asks the portal, and again where that helps: it throttles easily, and asking changes nothing there. A sign-in that
    /// it does not know, although its file says that it lasts, is refreshed once.
    pub(crate) fn ask<'a>(&'a self, request: &'a Ask<'_>) -> BoxFuture<'a, Result<Heard, Error>> {
        Box::pin(async move {
            let settings = self.settings();
            let portal = settings.endpoints.portal(&settings.region)?;
            let mut token = self.renewals.current(&self.sign_in).await?;
            let mut retries = Retries::new(settings.retry, self.budget.clone());
            let mut is_known = true;
            loop {
                while let Some(wait) = self.pause(&retries) {
                    self.clock.sleep(wait).await;
                }
                // Not held in a variable, which would be one of the future's.
                let asked =
                    exchange(self.http.as_ref(), self.request(&portal, &token, request)?, settings.limits).await;
                if let Some(delay) = self.delay(&mut retries, &asked) {
                    self.clock.sleep(delay).await;
                    continue;
                }
                let answer = asked?;
                if answer.status != StatusCode::UNAUTHORIZED || !is_known {
                    return Ok(Heard { answer, is_known });
                }
                is_known = false;
                match self.renewals.another(&self.sign_in, &token).await {
                    Ok(Some(new)) => {
                        token = new;
                        retries = Retries::new(settings.retry, self.budget.clone());
                    }
                    Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
                    Ok(None) | Err(_) => return Ok(Heard { answer, is_known }),
                }
            }
        })
    }

    /// What a reader makes of the portal's last word.
    pub(crate) fn read<T>(&self, heard: &Heard, read: impl Fn(&Answer) -> Result<T, Error>) -> Result<T, Error> {
        read(&heard.answer)
            .map_err(|error| if heard.is_known { error } else { error.with_hint(self.settings().cure()) })
    }

    fn request(&self, portal: &str, token: &Token, request: &Ask<'_>) -> Result<Request, Error> {
        request(portal, self.sign_in.access_token(token, self.clock.now())?)
    }

    /// How long to wait for a turn to ask.
    fn pause(&self, retries: &Retries) -> Option<Duration> {
        let wait = retries.pause(self.clock.now())?;
        debug!(?wait, "waiting for a turn to ask the portal");
        Some(wait)
    }

    /// How long to wait before the portal is asked again; nothing where this was its last word.
    fn delay(&self, retries: &mut Retries, asked: &Result<Answer, HttpError>) -> Option<Duration> {
        let (reason, wish) = match asked {
            Ok(answer) => (classify(answer.status.as_u16(), wire::code(answer).as_deref()), answer.asked_delay),
            Err(error) => (error.is_transient().then_some(Reason::Transient), None),
        };
        retries.answered(reason, self.clock.now());
        let Some(reason) = reason else {
            retries.succeeded();
            return None;
        };
        let delay = retries.next(reason, wish, uniform())?;
        debug!(?reason, ?delay, "asking the portal again");
        Some(delay)
    }

    pub(crate) fn time_limit(&self) -> Duration {
        // The portal may have taken its time to say that it does not know the sign-in any more.
        time_limit(&self.settings().limits, if self.settings().session.is_some() { 2 } else { 0 })
    }
}

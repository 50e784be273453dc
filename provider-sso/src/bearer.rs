//! Whoever signed in, as the portal knows them.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, classify};
use tucuxi_core::sign_in::{Answer, Renewals, Token, exchange, time_limit};
use tucuxi_core::{BoxFuture, Clock, Context, Error, ErrorKind, HttpClient, Request, Secret, uniform};

use crate::kept::KeptSignIn;
use crate::{SignInSettings, wire};

/// What is asked of the portal at a URL, by whoever has an access token.
type Ask<'a> = dyn Fn(&str, &Secret) -> Result<Request, Error> + Send + Sync + 'a;

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

    /// Asks the portal. A sign-in that it does not know, although its file says that it lasts, is refreshed once.
    pub(crate) async fn ask<T>(
        &self,
        request: &Ask<'_>,
        read: impl Fn(&Answer) -> Result<T, Error> + Send + Sync,
    ) -> Result<T, Error> {
        let (answer, is_known) = self.answer(request).await?;
        let read = read(&answer);
        if is_known { read } else { read.map_err(|error| error.with_hint(self.settings().cure())) }
    }

    /// The portal's last word, and whether it knew the sign-in at once.
    fn answer<'a>(&'a self, request: &'a Ask<'_>) -> BoxFuture<'a, Result<(Answer, bool), Error>> {
        Box::pin(async move {
            let settings = self.settings();
            let portal = settings.endpoints.portal(&settings.region)?;
            let mut token = self.renewals.current(&self.sign_in).await?;
            let mut is_known = true;
            loop {
                let answer = self.persist(&portal, &token, request).await?;
                if answer.status != StatusCode::UNAUTHORIZED || !is_known {
                    return Ok((answer, is_known));
                }
                is_known = false;
                match self.renewals.another(&self.sign_in, &token).await {
                    Ok(Some(new)) => token = new,
                    Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
                    Ok(None) | Err(_) => return Ok((answer, is_known)),
                }
            }
        })
    }

    /// Asks again where that helps: the portal throttles easily, and asking changes nothing there.
    fn persist<'a>(
        &'a self,
        portal: &'a str,
        token: &'a Token,
        request: &'a Ask<'_>,
    ) -> BoxFuture<'a, Result<Answer, Error>> {
        Box::pin(async move {
            let limits = self.settings().limits;
            let mut retries = Retries::new(self.settings().retry, self.budget.clone());
            loop {
                while let Some(wait) = retries.pause(self.clock.now()) {
                    debug!(?wait, "waiting for a turn to ask the portal");
                    self.clock.sleep(wait).await;
                }
                let access_token = self.sign_in.access_token(token, self.clock.now())?;
                // Not held in a variable, which would be one of the future's.
                let answer = exchange(self.http.as_ref(), request(portal, access_token)?, limits).await;
                let reason = match &answer {
                    Ok(answer) => classify(answer.status.as_u16(), wire::code(answer).as_deref()),
                    Err(error) => error.is_transient().then_some(Reason::Transient),
                };
                retries.answered(reason, self.clock.now());
                let asked = answer.as_ref().ok().and_then(|answer| answer.asked_delay);
                let Some(delay) = reason.and_then(|reason| retries.next(reason, asked, uniform())) else {
                    if reason.is_none() {
                        retries.succeeded();
                    }
                    return Ok(answer?);
                };
                debug!(?reason, ?delay, "asking the portal again");
                self.clock.sleep(delay).await;
            }
        })
    }

    pub(crate) fn time_limit(&self) -> Duration {
        // The portal may have taken its time to say that it does not know the sign-in any more.
        time_limit(&self.settings().limits, if self.settings().session.is_some() { 2 } else { 0 })
    }
}

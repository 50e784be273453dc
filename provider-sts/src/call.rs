//! One call, however often it is sent. No I/O: what is waited for, [`Sts`](crate::Sts) waits for.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::request::Parts;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, asked_delay, classify};
use tucuxi_core::{ClockSkew, Credentials, Error, HttpError, HttpOptions, Request, WholeAnswer, uniform};
use tucuxi_sigv4::{Payload, Signer};

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::failure::Refusal;
use crate::wire::{self, Answered, Form, unreadable};
use crate::xml::Answer;

/// One call, however often it is sent.
pub(crate) struct Call<'a> {
    client: &'a Client,
    endpoint: Endpoint,
    form: Form,
    credentials: Option<&'a Credentials>,
    retries: Retries,
    sent: SystemTime,
    /// The time by the service's clock, as far as it is known.
    signed_at: SystemTime,
    /// How long the service asks to be left alone.
    asked: Option<Duration>,
    clock_blamed: bool,
}

/// What follows an answer, or the lack of one.
pub(crate) enum Next {
    /// After a while, if there is one.
    AskAgain(Option<Duration>),
    Return(Result<Answered, Error>),
}

impl<'a> Call<'a> {
    #[inline]
    pub(crate) fn new(client: &'a Client, form: Form, credentials: Option<&'a Credentials>) -> Result<Self, Error> {
        Ok(Self {
            client,
            endpoint: Endpoint::of(&client.settings)?,
            form,
            credentials,
            retries: Retries::new(client.settings.retry, client.budget.clone()),
            sent: SystemTime::UNIX_EPOCH,
            signed_at: SystemTime::UNIX_EPOCH,
            asked: None,
            clock_blamed: false,
        })
    }

    /// How long to wait before a request may be sent.
    #[inline]
    pub(crate) fn turn(&self) -> Option<Duration> {
        let wait = self.retries.pause(self.client.now())?;
        debug!(operation = self.form.action, ?wait, "waiting for a turn to ask STS");
        Some(wait)
    }

    /// The request, signed anew each time: a signature ages.
    #[inline]
    pub(crate) fn request(&mut self) -> Result<Request, Error> {
        self.asked = None;
        self.sent = self.client.now();
        self.signed_at = self.client.skew.correct(self.endpoint.host(), self.sent);
        wire::request(&self.endpoint, &self.form, &|parts| self.sign(parts))
    }

    #[inline]
    pub(crate) fn options(&self) -> HttpOptions {
        let limits = self.client.settings.limits;
        let whole = limits.whole.unwrap_or_else(|| limits.connect.saturating_add(limits.answer_limit()));
        limits.with_body_limit(BODY_LIMIT).with_whole(whole)
    }

    fn sign(&self, parts: &mut Parts) -> Result<(), Error> {
        if let Some(credentials) = self.credentials {
            let payload = Payload::Bytes(self.form.body().as_bytes());
            Signer::new(&self.endpoint.signing_region, "sts").sign(parts, payload, credentials, self.signed_at)?;
        }
        Ok(())
    }

    /// Looks at the headers of the answer when they arrive.
    #[inline]
    pub(crate) fn look(&mut self, headers: &HeaderMap) {
        self.client.skew.observe(self.endpoint.host(), headers, self.sent, self.client.now());
        self.asked = asked_delay(headers);
    }

    pub(crate) fn settle(&mut self, answered: Result<WholeAnswer, HttpError>) -> Next {
        let now = self.client.now();
        let (error, reason, is_about_the_clock) = match answered {
            Ok(WholeAnswer { status, body, .. }) if status.is_success() => {
                self.retries.answered(None, now);
                self.retries.succeeded();
                return Next::Return(self.read(&body));
            }
            Ok(WholeAnswer { status, body, .. }) => self.refused(status.as_u16(), &body, now),
            Err(error) => {
                let reason = error.is_transient().then_some(Reason::Transient);
                (Error::from(error), reason, false)
            }
        };
        self.retries.answered(reason, now);
        if is_about_the_clock && !self.clock_blamed {
            self.clock_blamed = true;
            return Next::AskAgain(None);
        }
        let Some(delay) = reason.and_then(|reason| self.retries.next(reason, self.asked, uniform())) else {
            return Next::Return(Err(error));
        };
        debug!(operation = self.form.action, %error, ?delay, "asking STS again");
        Next::AskAgain(Some(delay))
    }

    #[inline(never)]
    fn read(&self, body: &[u8]) -> Result<Answered, Error> {
        let (host, action) = (self.endpoint.host(), self.form.action);
        let answer = Answer::parse(body).map_err(|why| unreadable(host, action, format_args!("{why}")))?;
        Ok(Answered { answer, action, host: host.to_owned() })
    }

    /// The error, why asking again may help, and whether the clock may be wrong.
    #[cold]
    fn refused(&self, status: u16, body: &[u8], now: SystemTime) -> (Error, Option<Reason>, bool) {
        let host = self.endpoint.host();
        let answer = Answer::parse(body).ok();
        let Form { action, role_arn, .. } = &self.form;
        let signed_by = self.credentials;
        let refusal = Refusal { host, action, role_arn, signed_by, status, answer: answer.as_ref() };
        let code = refusal.code();
        let is_about_the_clock = self.credentials.is_some()
            && ClockSkew::may_explain(status, code)
            && self.client.skew.changes(host, now, self.signed_at);
        (refusal.error(code, &self.secrets()), classify(status, code), is_about_the_clock)
    }

    /// What no message may show.
    fn secrets(&self) -> Vec<&str> {
        let mut secrets = Vec::new();
        for secret in self.form.secrets() {
            secrets.push(secret.expose());
        }
        if let Some(credentials) = self.credentials {
            secrets.push(credentials.secret_access_key());
            secrets.push(credentials.session_token().unwrap_or_default());
        }
        secrets
    }
}

const BODY_LIMIT: u64 = 64 * 1024;

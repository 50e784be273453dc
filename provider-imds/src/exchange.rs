//! One question to instance metadata: token, request, retries.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use tracing::{debug, warn};
use tucuxi_core::{BoxFuture, Error, ErrorKind, HttpError, HttpErrorKind, Request, WholeAnswer, ask, uniform};

use crate::ImdsClient;
use crate::settings::Target;
use crate::wire::{self, Answer, Grant};

/// Reads an answer.
type Read<'a> = dyn FnMut(&Answer<'_>) -> Result<(), Error> + Send + 'a;

impl ImdsClient {
    /// Asks for `path` until `read` understands the answer, within the number of attempts.
    pub(crate) async fn fetch<T: Send>(
        &self,
        path: &str,
        read: impl Fn(&Answer<'_>) -> Result<T, Error> + Sync,
    ) -> Result<T, Error> {
        let mut found = None;
        self.persist(path, &mut |answer| read(answer).map(|read| found = Some(read))).await?;
        found.ok_or_else(|| Error::unavailable("instance metadata was not read"))
    }

    /// The same for whoever takes what was read by itself: this loop is in a program once.
    fn persist<'a>(&'a self, path: &'a str, read: &'a mut Read<'_>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let target = self.settings.resolve(&self.env)?;
            let mut attempt = 1;
            loop {
                let fault = match self.once(&target, path).await {
                    Ok((status, body)) => match read(&Answer { host: target.endpoint.host(), status, body: &body }) {
                        Ok(()) => return Ok(()),
                        Err(error) => Fault::from(error),
                    },
                    Err(fault) => fault,
                };
                let default = if self.session.has_answered() { ATTEMPTS } else { PROBE_ATTEMPTS };
                if !fault.again || attempt >= target.attempts.unwrap_or(default) {
                    return Err(fault.error);
                }
                debug!(error = %fault.error, attempt, "asking instance metadata again");
                self.clock.sleep((DELAY * attempt).mul_f64(uniform())).await;
                attempt += 1;
            }
        })
    }

    /// One request, and one more with a new token if the old one is not accepted.
    fn once<'a>(&'a self, target: &'a Target, path: &'a str) -> BoxFuture<'a, Result<(StatusCode, Bytes), Fault>> {
        Box::pin(async move {
            let mut renewed = false;
            loop {
                let token = match self.session.token(&target.endpoint, self.clock.now()) {
                    Some(token) => token,
                    None => {
                        let known = self.session.has_answered();
                        let answer = self.send(target, wire::ask_token(&target.endpoint)?).await;
                        self.keep(target, known, &answer.map_err(|error| unanswered(error, target, known))?)?
                    }
                };
                // The request is not held in a variable, which would be one of the future's.
                let answer = self.send(target, wire::ask(&target.endpoint, path, token.as_ref())?).await;
                let answer = answer.map_err(|error| unanswered(error, target, true))?;
                if answer.status != StatusCode::UNAUTHORIZED || renewed {
                    return Ok((answer.status, answer.body));
                }
                self.session.forget();
                renewed = true;
            }
        })
    }

    /// Keeps the session token of an answer, or `None` where version 1 is in use.
    fn keep(&self, target: &Target, known: bool, answer: &WholeAnswer) -> Result<Option<HeaderValue>, Fault> {
        let WholeAnswer { status, header, body, .. } = answer;
        let (endpoint, status) = (&target.endpoint, *status);
        let answer = Answer { host: endpoint.host(), status, body };
        let (token, ttl) = match wire::grant(&answer, header.as_ref()) {
            Ok(Grant::Token { token, ttl }) => (Some(token), ttl),
            Ok(Grant::NoTokens) if target.v1 && status != StatusCode::BAD_REQUEST => (None, V1_SECONDS),
            Err(_) if target.v1 && status == StatusCode::FORBIDDEN => (None, V1_SECONDS),
            Ok(Grant::NoTokens) => return Err(no_tokens(&answer, known || endpoint.is_chosen()).into()),
            Err(error) => return Err(error.into()),
        };
        if token.is_none() {
            warn!(host = endpoint.host(), "instance metadata gives no session token, version 1 is used");
        }
        self.session.keep(endpoint, token.clone(), ttl, self.clock.now());
        Ok(token)
    }

    fn send(&self, target: &Target, request: Request) -> BoxFuture<'_, Result<WholeAnswer, HttpError>> {
        ask(self.http.as_ref(), request, target.limits, Some(wire::TTL))
    }
}

/// A failure, and whether the next attempt may go better.
struct Fault {
    error: Error,
    again: bool,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let again = error.kind() == ErrorKind::Unavailable && !error.is_offline();
        Self { error, again }
    }
}

/// Silence means that this is no EC2 instance, unless somebody said otherwise or it has answered before.
fn unanswered(error: HttpError, target: &Target, known: bool) -> Fault {
    let host = target.endpoint.host();
    let expected = known || target.endpoint.is_chosen();
    let error = match (error.kind(), expected) {
        (HttpErrorKind::Timeout, true) => Error::unavailable(format!("no answer from {host}")).with_hint(HOP_LIMIT),
        (HttpErrorKind::Timeout, false) => {
            Error::not_configured(format!("no answer from {host} in time")).with_hint(HOP_LIMIT)
        }
        (HttpErrorKind::Connect, true) => Error::unavailable(format!("no answer from {host}")),
        (HttpErrorKind::Connect, false) => {
            Error::not_configured(format!("no answer from {host}, so this is no EC2 instance"))
        }
        _ => return Error::from(error).into(),
    }
    .with_source(error);
    Fault { error, again: true }
}

fn no_tokens(answer: &Answer<'_>, known: bool) -> Error {
    let (host, status) = (answer.host, answer.status.as_u16());
    let message = format!("{host} gives no session token (status {status}), so it is no instance metadata version 2");
    if known { Error::denied(message) } else { Error::not_configured(message) }
}

const HOP_LIMIT: &str = "in a container on EC2, raise the instance's metadata hop limit to 2";
const PROBE_ATTEMPTS: u32 = 1;
const ATTEMPTS: u32 = 3;
const DELAY: Duration = Duration::from_millis(200);
/// How long the absence of version 2 is believed.
const V1_SECONDS: u64 = 300;

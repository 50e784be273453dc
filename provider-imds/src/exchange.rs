//! One question to instance metadata: token, request, retries.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use tracing::{debug, warn};
use tucuxi_core::{BoxFuture, Error, ErrorKind, HttpError, HttpErrorKind, HttpOptions, Request, uniform};

use crate::ImdsClient;
use crate::settings::Target;
use crate::wire::{self, Answer, Grant};

impl ImdsClient {
    /// Asks for `path` until `read` understands the answer, within the number of attempts.
    pub(crate) async fn fetch<T>(
        &self,
        path: &str,
        read: impl Fn(&Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let target = self.settings.resolve(&self.env)?;
        let mut attempt = 1;
        loop {
            let answer = self.once(&target, path).await;
            let read = answer.and_then(|(status, body)| {
                let answer = Answer { host: target.endpoint.host(), status, body: &body };
                read(&answer).map_err(Fault::from)
            });
            let fault = match read {
                Ok(read) => return Ok(read),
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
    }

    /// One request, and one more with a new token if the old one is not accepted.
    fn once<'a>(&'a self, target: &'a Target, path: &'a str) -> BoxFuture<'a, Result<(StatusCode, Bytes), Fault>> {
        Box::pin(async move {
            let mut renewed = false;
            loop {
                let token = self.token(target).await?;
                let request = wire::ask(&target.endpoint, path, token.as_ref())?;
                let (status, _, body) =
                    self.send(target, request).await.map_err(|error| unanswered(error, target, true))?;
                if status != StatusCode::UNAUTHORIZED || renewed {
                    return Ok((status, body));
                }
                self.session.forget();
                renewed = true;
            }
        })
    }

    /// The session token, or `None` where version 1 is in use.
    async fn token(&self, target: &Target) -> Result<Option<HeaderValue>, Fault> {
        let endpoint = &target.endpoint;
        if let Some(token) = self.session.token(endpoint, self.clock.now()) {
            return Ok(token);
        }
        let known = self.session.has_answered();
        let request = wire::ask_token(endpoint)?;
        let (status, headers, body) =
            self.send(target, request).await.map_err(|error| unanswered(error, target, known))?;
        let answer = Answer { host: endpoint.host(), status, body: &body };
        let now = self.clock.now();
        match wire::grant(&answer, &headers) {
            Ok(Grant::Token { token, ttl }) => {
                self.session.answered();
                self.session.keep(endpoint, Some(token.clone()), ttl, now);
                Ok(Some(token))
            }
            Ok(Grant::NoTokens) if target.v1 && status != StatusCode::BAD_REQUEST => Ok(self.go_on_with_v1(target)),
            Err(_) if target.v1 && status == StatusCode::FORBIDDEN => Ok(self.go_on_with_v1(target)),
            Ok(Grant::NoTokens) => Err(no_tokens(&answer, known || endpoint.is_chosen()).into()),
            Err(error) => Err(error.into()),
        }
    }

    fn go_on_with_v1(&self, target: &Target) -> Option<HeaderValue> {
        self.session.answered();
        warn!(host = target.endpoint.host(), "instance metadata gives no session token, version 1 is used");
        self.session.keep(&target.endpoint, None, V1_SECONDS, self.clock.now());
        None
    }

    fn send<'a>(
        &'a self,
        target: &'a Target,
        request: Request,
    ) -> BoxFuture<'a, Result<(StatusCode, HeaderMap, Bytes), HttpError>> {
        Box::pin(async move {
            let limit = target.timeout;
            let options = HttpOptions::within(limit, limit).with_whole(limit * 2);
            let (parts, body) = self.http.send(request, options).await?.into_parts();
            Ok((parts.status, parts.headers, body.collect(options.body_limit).await?))
        })
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

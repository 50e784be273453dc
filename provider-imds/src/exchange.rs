//! One question to instance metadata after another: token, request, retries.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode};
use tracing::{debug, warn};
use tucuxi_core::{
    BoxFuture, Error, ErrorKind, HttpError, HttpErrorKind, WholeAnswer, ask_at, failure, failure_of_request, uniform,
};

use crate::ImdsClient;
use crate::settings::Target;
use crate::wire::{self, Answer, Grant};

/// Whoever reads answers. A trait, since a `dyn FnMut` has its code twice in a program.
pub(crate) trait Reader: Send {
    /// Reads an answer, and gives the path of the next question, if there is one.
    fn read(&mut self, answer: &Answer<'_>) -> Result<Option<String>, Error>;
}

/// Reads one answer.
struct Once<T> {
    found: Option<T>,
    read: fn(&Answer<'_>) -> Result<T, Error>,
}

impl<T: Send> Reader for Once<T> {
    fn read(&mut self, answer: &Answer<'_>) -> Result<Option<String>, Error> {
        self.found = Some((self.read)(answer)?);
        Ok(None)
    }
}

impl ImdsClient {
    /// Asks for `path` until `reader` understands the answer, within the number of attempts.
    pub(crate) async fn fetch<T: Send>(
        &self,
        path: &'static str,
        read: fn(&Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut once = Once { found: None, read };
        self.persist(path, &mut once).await?;
        once.found.ok_or_else(unread)
    }

    /// The same for whoever takes what was read by itself: this loop is in a program once.
    #[inline(never)]
    pub(crate) fn persist<'a>(
        &'a self,
        path: &'static str,
        reader: &'a mut dyn Reader,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut exchange = Exchange::new(self, path)?;
            loop {
                let answer = exchange.ask().await;
                match exchange.settle(answer, reader)? {
                    Next::Ask => {}
                    Next::AskAfter(delay) => self.context.clock().sleep(delay).await,
                    Next::Done => return Ok(()),
                }
            }
        })
    }
}

#[cold]
pub(crate) fn unread() -> Error {
    Error::unavailable("instance metadata was not read")
}

/// What happens after an answer.
enum Next {
    Ask,
    AskAfter(Duration),
    Done,
}

/// A question under way. Here and not in a future, which would hold each step's values.
struct Exchange<'a> {
    client: &'a ImdsClient,
    target: Target,
    path: String,
    /// The session token, once that is known; `None` in it where version 1 is in use.
    token: Option<Option<HeaderValue>>,
    /// Whether silence is a fault, since there was an answer before.
    known: bool,
    renewed: bool,
    attempt: u32,
}

impl<'a> Exchange<'a> {
    fn new(client: &'a ImdsClient, path: &str) -> Result<Self, Error> {
        let target = client.settings.resolve(client.context.env())?;
        let path = path.to_owned();
        Ok(Self { client, target, path, token: None, known: false, renewed: false, attempt: 1 })
    }

    /// Asks for what is needed next: a session token, or what stands at the path.
    fn ask(&mut self) -> BoxFuture<'a, Result<WholeAnswer, HttpError>> {
        let Self { client, target, token, .. } = self;
        let session = &client.session;
        if token.is_none() {
            *token = session.token(&target.endpoint, client.context.clock().now());
        }
        let (method, path, name, value): (_, _, &HeaderName, _) = match &*token {
            None => (Method::PUT, wire::TOKEN, &wire::TTL, Some(&wire::MAX_TTL)),
            Some(token) => (Method::GET, self.path.as_str(), &wire::SESSION, token.as_ref()),
        };
        self.known = token.is_some() || session.has_answered();
        let url = target.endpoint.url(path);
        ask_at(client.context.http().as_ref(), method, &url, &[(name, value)], target.limits, Some(&wire::TTL))
    }

    /// Whether all is read now, and if not, when to ask again.
    fn settle(&mut self, answer: Result<WholeAnswer, HttpError>, reader: &mut dyn Reader) -> Result<Next, Error> {
        let Fault { error, again } = match self.take(answer, reader) {
            Ok(next) => return Ok(next),
            Err(fault) => fault,
        };
        let default = if self.client.session.has_answered() { ATTEMPTS } else { PROBE_ATTEMPTS };
        let attempt = self.attempt;
        if !again || attempt >= self.target.attempts.unwrap_or(default) {
            return Err(error);
        }
        log(&error, attempt);
        self.attempt += 1;
        self.start();
        Ok(Next::AskAfter(Duration::from_nanos((DELAY * f64::from(attempt) * uniform()) as u64)))
    }

    fn take(&mut self, answer: Result<WholeAnswer, HttpError>, reader: &mut dyn Reader) -> Result<Next, Fault> {
        let host = self.target.endpoint.host();
        let whole = match answer {
            Ok(whole) => whole,
            Err(error) => return Err(unanswered(error, host, self.known || self.target.endpoint.is_chosen())),
        };
        let answer = Answer { host, status: whole.status, body: &whole.body };
        if self.token.is_none() {
            self.token = Some(self.grant(&answer, whole.header.as_ref())?);
            return Ok(Next::Ask);
        }
        // The session token may have ended early: one more with a new one.
        if whole.status == StatusCode::UNAUTHORIZED && !self.renewed {
            self.client.session.forget();
            self.token = None;
            self.renewed = true;
            return Ok(Next::Ask);
        }
        let Some(path) = reader.read(&answer)? else { return Ok(Next::Done) };
        self.path = path;
        self.attempt = 1;
        self.start();
        Ok(Next::Ask)
    }

    fn start(&mut self) {
        self.token = None;
        self.renewed = false;
    }

    /// Keeps the session token of an answer, or `None` where version 1 is in use.
    #[inline(never)]
    fn grant(&self, answer: &Answer<'_>, ttl: Option<&HeaderValue>) -> Result<Option<HeaderValue>, Error> {
        let Target { endpoint, v1, .. } = &self.target;
        let (token, ttl) = match wire::grant(answer, ttl) {
            Ok(Grant::Token { token, ttl }) => (Some(token), ttl),
            Ok(Grant::NoTokens) if *v1 && answer.status != StatusCode::BAD_REQUEST => (None, V1_SECONDS),
            Err(_) if *v1 && answer.status == StatusCode::FORBIDDEN => (None, V1_SECONDS),
            Ok(Grant::NoTokens) => return Err(no_tokens(answer, self.known || endpoint.is_chosen())),
            Err(error) => return Err(error),
        };
        if token.is_none() {
            warn_of_v1(answer.host);
        }
        let now = self.client.context.clock().now();
        self.client.session.keep(Arc::clone(endpoint), token.clone(), ttl, now);
        Ok(token)
    }
}

#[cold]
fn log(error: &Error, attempt: u32) {
    debug!(%error, attempt, "asking instance metadata again");
}

#[cold]
fn warn_of_v1(host: &str) {
    warn!(host, "instance metadata gives no session token, version 1 is used");
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
#[cold]
fn unanswered(error: HttpError, host: &str, expected: bool) -> Fault {
    let kind = if expected { ErrorKind::Unavailable } else { ErrorKind::NotConfigured };
    let is_late = match error.kind() {
        HttpErrorKind::Timeout => true,
        HttpErrorKind::Connect => false,
        _ => return Error::from(error).into(),
    };
    let end = match (expected, is_late) {
        (true, _) => "",
        (_, true) => " in time",
        (_, false) => ", so this is no EC2 instance",
    };
    let error = failure_of_request(
        kind,
        format_args!("no answer from {host}{end}"),
        is_late.then_some(format_args!("in a container on EC2, raise the instance's metadata hop limit to 2")),
        error,
    );
    Fault { error, again: true }
}

#[cold]
fn no_tokens(answer: &Answer<'_>, known: bool) -> Error {
    let (host, status) = (answer.host, answer.status.as_u16());
    failure(
        if known { ErrorKind::Denied } else { ErrorKind::NotConfigured },
        format_args!("{host} gives no session token (status {status}), so it is no instance metadata version 2"),
        None,
    )
}

const PROBE_ATTEMPTS: u32 = 1;
const ATTEMPTS: u32 = 3;
/// In nanoseconds.
const DELAY: f64 = 200e6;
/// How long the absence of version 2 is believed.
const V1_SECONDS: u64 = 300;

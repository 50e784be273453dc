//! Sign, send, judge, send again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use http::HeaderValue;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, asked_delay, classify};
use tucuxi_core::{Body, ClockSkew, Context, Credentials, Error, HttpError, Response, in_time, uniform};
use tucuxi_sigv4::{Payload, Rules, Signer};

use super::refusal;
use super::target::Target;
use crate::Session;

/// What the requests of a session share.
#[derive(Debug)]
pub(crate) struct Sender {
    skew: ClockSkew,
    lanes: Mutex<HashMap<String, Lane>>,
}

/// What the requests to one endpoint share: the derived key, and the budget for sending again.
#[derive(Clone, Debug)]
struct Lane {
    signer: Signer,
    budget: RetryBudget,
}

/// A request as it is sent each time; `B` is bytes that are cheap to clone.
struct Template<'a, B> {
    parts: Parts,
    bytes: B,
    host: &'a str,
}

/// What became of one attempt.
struct Outcome {
    answer: Result<Response, Error>,
    code: Option<String>,
    reason: Option<Reason>,
    signed_at: SystemTime,
}

impl Outcome {
    /// Whether the answer is about the credentials that signed.
    fn rejects(&self, used: Option<&Credentials>, now: SystemTime) -> bool {
        let (Some(used), Ok(response), code) = (used, &self.answer, self.code.as_deref()) else { return false };
        refusal::rejects_credentials(code) || used.are_rejected(response.status().as_u16(), code, now)
    }
}

/// What is tried once for a request, however many retries it has.
#[derive(Default)]
struct Once {
    credentials: bool,
    clock: bool,
}

impl Sender {
    pub(crate) fn new(context: &Context) -> Self {
        Self { skew: ClockSkew::new(context), lanes: Mutex::default() }
    }

    pub(crate) async fn send(
        &self,
        session: &Session,
        target: Target,
        request: tucuxi_core::Request,
    ) -> Result<Response, Error> {
        let (mut parts, body) = request.into_parts();
        parts.uri = target.uri.clone();
        let Some(bytes) = body.as_bytes().cloned() else {
            return Err(Error::invalid_config("a body that arrives piece by piece cannot be signed")
                .with_hint("collect its bytes first; objects of any size are what the S3 client is for"));
        };
        drop(body);
        complete(&mut parts, &bytes);
        let host = target.uri.authority().map_or("", |authority| authority.as_str());
        let request = Template { parts, bytes, host };

        let lane = self.lane(&target, host);
        let clock = session.context().clock();
        let mut retries = Retries::new(session.settings().retry_policy(), lane.budget.clone());
        let mut credentials = credentials(session).await?;
        let mut once = Once::default();
        loop {
            while let Some(wait) = retries.pause(clock.now()) {
                clock.sleep(wait).await;
            }
            let outcome = self.attempt(session, &lane.signer, &request, credentials.as_ref()).await?;
            retries.answered(outcome.reason, clock.now());
            if matches!(&outcome.answer, Ok(response) if response.status().is_success()) {
                retries.succeeded();
                return outcome.answer;
            }
            if self.other_time(session, host, &outcome, &mut once) {
                continue;
            }
            let rejected = outcome.rejects(credentials.as_ref(), clock.now());
            if let Some(other) = other_credentials(session, credentials.as_ref(), rejected, &mut once).await {
                credentials = Some(other);
                continue;
            }
            let Some(reason) = outcome.reason else { return outcome.answer };
            let asked = outcome.answer.as_ref().ok().and_then(|answer| asked_delay(answer.headers()));
            let Some(delay) = retries.next(reason, asked, uniform()) else { return outcome.answer };
            clock.sleep(delay).await;
            credentials = self::credentials(session).await?;
        }
    }

    async fn attempt<B>(
        &self,
        session: &Session,
        signer: &Signer,
        request: &Template<'_, B>,
        credentials: Option<&Credentials>,
    ) -> Result<Outcome, Error>
    where
        B: AsRef<[u8]> + Clone + Into<Body>,
    {
        let clock = session.context().clock();
        // Signed anew each time: a signature ages.
        let signed_at = self.skew.correct(request.host, clock.now());
        let mut parts = request.parts.clone();
        if let Some(credentials) = credentials {
            signer.sign(&mut parts, Payload::Bytes(request.bytes.as_ref()), credentials, signed_at)?;
        }
        let body = request.bytes.clone().into();
        let limits = session.settings().http_options().with_body_limit(u64::MAX);
        let sent = clock.now();
        let answer = session.context().http().send(http::Request::from_parts(parts, body), limits).await;
        if let Ok(response) = &answer {
            self.skew.observe(request.host, response.headers(), sent, clock.now());
        }
        let answer = answer.map(|answer| match answer.status().is_success() {
            true => answer,
            false => answer.map(|body| in_time(body, request.host, clock, limits.answer_limit())),
        });
        Ok(judge(answer, signed_at).await)
    }

    /// Whether signing with the server's time helps.
    fn other_time(&self, session: &Session, host: &str, outcome: &Outcome, once: &mut Once) -> bool {
        let Ok(response) = &outcome.answer else { return false };
        ClockSkew::may_explain(response.status().as_u16(), outcome.code.as_deref())
            && self.skew.changes(host, session.context().clock().now(), outcome.signed_at)
            && !std::mem::replace(&mut once.clock, true)
    }

    fn lane(&self, target: &Target, host: &str) -> Lane {
        let key = format!("{host} {} {}", target.region, target.signing_name);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= MOST_LANES && !lanes.contains_key(&key) {
            lanes.clear();
        }
        let lane = || Lane { signer: signer(target), budget: RetryBudget::default() };
        lanes.entry(key).or_insert_with(lane).clone()
    }
}

fn signer(target: &Target) -> Signer {
    let signer = Signer::new(&target.region, &target.signing_name);
    match target.signing_name.as_str() {
        "s3" | "s3-outposts" | "s3-object-lambda" => signer.with_rules(Rules::S3),
        "glacier" => {
            let mut rules = Rules::GENERAL;
            rules.content_sha256_header = true;
            signer.with_rules(rules)
        }
        _ => signer,
    }
}

/// Adds the headers that nobody should have to think of.
fn complete(parts: &mut Parts, body: &[u8]) {
    if body.starts_with(b"Action=") && !parts.headers.contains_key(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, FORM);
    }
    parts.headers.entry(USER_AGENT).or_insert(AGENT);
}

/// The credentials of the moment; `None` for a session without an identity.
async fn credentials(session: &Session) -> Result<Option<Credentials>, Error> {
    if session.is_anonymous() {
        return Ok(None);
    }
    session.credentials().provide_credentials().await.map(Some)
}

/// Other credentials, when these were rejected and their source has new ones.
async fn other_credentials(
    session: &Session,
    used: Option<&Credentials>,
    rejected: bool,
    once: &mut Once,
) -> Option<Credentials> {
    let used = used.filter(|_| rejected)?;
    if std::mem::replace(&mut once.credentials, true) {
        return None;
    }
    session.credentials().instead_of(used).await
}

/// Tells an answer to keep from one that sending again may better. The document of an error is read, for its code,
/// and put back.
async fn judge(answer: Result<Response, HttpError>, signed_at: SystemTime) -> Outcome {
    let failed = |error: HttpError| Outcome {
        reason: error.is_transient().then_some(Reason::Transient),
        answer: Err(error.into()),
        code: None,
        signed_at,
    };
    let (parts, body) = match answer {
        Ok(response) if response.status().is_success() => {
            return Outcome { answer: Ok(response), code: None, reason: None, signed_at };
        }
        Ok(response) => response.into_parts(),
        Err(error) => return failed(error),
    };
    let document = match body.collect(MOST_OF_AN_ERROR).await {
        Ok(document) => document,
        Err(error) => return failed(error),
    };
    let code = refusal::code(&parts.headers, &document);
    let reason = classify(parts.status.as_u16(), code.as_deref());
    Outcome { answer: Ok(Response::from_parts(parts, document.into())), code, reason, signed_at }
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("tucuxi/", env!("CARGO_PKG_VERSION")));
const MOST_OF_AN_ERROR: u64 = 1024 * 1024;
const MOST_LANES: usize = 256;

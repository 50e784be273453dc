//! The client: one request, answered, sent again where that helps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, asked_delay, classify};
use tucuxi_core::{
    Body, BoxFuture, Clock, ClockSkew, Context, Credentials, Error, HttpClient, HttpError, Request, uniform,
};
use tucuxi_sigv4::{Payload, Signer};

use crate::StsSettings;
use crate::endpoint::Endpoint;
use crate::failure::Refusal;
use crate::wire::{self, Answered, Form, unreadable};
use crate::xml::Answer;

/// A client of the Security Token Service.
///
/// A clone is cheap and shares the retry budget and what was learned about the clock.
///
/// - Network: one POST for each call, sent again up to twice on time-outs, throttling and 5xx, and once more
///   when the service does not believe the clock; 3.1 s to connect, 30 s to answer, at most 64 KiB
/// - Reads: `AWS_DISABLE_CLOCK_SKEW_CORRECTION`, when the service's clock is more than 4 minutes away; region
///   and endpoint are settings
///
/// # Errors
/// Of every method, beside what it says itself:
/// - `InvalidConfig`: the endpoint is no URL or contradicts another setting; the service finds a parameter
///   invalid (`ValidationError`, `MalformedPolicyDocument`, `RegionDisabledException`, ...)
/// - `Denied`: the service said no; [`Error::code`] has its code
/// - `Unavailable`: no answer in time, a 5xx or throttling to the end, or an answer that cannot be read
///
/// # Example
/// ```
/// use tucuxi_core::Credentials;
/// use tucuxi_provider_sts::{Sts, StsSettings};
/// # use tucuxi_testkit::{Exchange, ScriptedHttp};
///
/// # let answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>\
/// #     <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
/// # let http = ScriptedHttp::new([Exchange::post("https://sts.amazonaws.com/").answers(200, answer)]);
/// # let context = tucuxi_testkit::context().with_http(http);
/// # tucuxi_testkit::block_on(async {
/// let sts = Sts::new(&context, StsSettings::default());
/// let identity = sts.caller_identity(&Credentials::new("AKIDEXAMPLE", "secret")).await?;
/// assert_eq!(identity.arn(), "arn:aws:iam::123456789012:user/me");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>
#[derive(Clone)]
pub struct Sts(Arc<Client>);

struct Client {
    settings: StsSettings,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    budget: RetryBudget,
    skew: ClockSkew,
}

impl Sts {
    /// A client with the context's HTTP and clock. Does no I/O.
    pub fn new(context: &Context, settings: StsSettings) -> Self {
        Self(Arc::new(Client {
            settings,
            http: Arc::clone(context.http()),
            clock: Arc::clone(context.clock()),
            budget: RetryBudget::default(),
            skew: ClockSkew::new(context),
        }))
    }

    /// Where the service is and how often it is asked.
    pub fn settings(&self) -> &StsSettings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// Sends an operation, signed if there are credentials to sign with.
    pub(crate) fn send<'a>(
        &'a self,
        form: Form,
        credentials: Option<&'a Credentials>,
    ) -> BoxFuture<'a, Result<Answered, Error>> {
        let client = &*self.0;
        Box::pin(async move {
            let call = Call { endpoint: Endpoint::of(&client.settings)?, form, credentials };
            let operation = call.form.action;
            let mut retries = Retries::new(client.settings.retry, client.budget.clone());
            let mut clock_blamed = false;
            loop {
                while let Some(wait) = retries.pause(client.clock.now()) {
                    debug!(operation, ?wait, "waiting for a turn to ask STS");
                    client.clock.sleep(wait).await;
                }
                let Failed { error, reason, asked, is_about_the_clock } = match client.attempt(&call).await? {
                    Ok(body) => {
                        retries.answered(None, client.clock.now());
                        retries.succeeded();
                        return call.read(&body);
                    }
                    Err(failed) => failed,
                };
                retries.answered(reason, client.clock.now());
                if is_about_the_clock && !clock_blamed {
                    clock_blamed = true;
                    continue;
                }
                let Some(delay) = reason.and_then(|reason| retries.next(reason, asked, uniform())) else {
                    return Err(error);
                };
                debug!(operation, %error, ?delay, "asking STS again");
                client.clock.sleep(delay).await;
            }
        })
    }
}

impl Client {
    /// Sends it once; the outer error is one before anything is sent.
    async fn attempt(&self, call: &Call<'_>) -> Result<Result<Bytes, Failed>, Error> {
        // Signed anew each time: a signature ages.
        let signed_at = self.skew.correct(call.endpoint.host(), self.clock.now());
        let request = call.request(signed_at)?;
        Ok(match self.exchange(call.endpoint.host(), request).await {
            Ok(Exchange { status, body, .. }) if status.is_success() => Ok(body),
            Ok(exchange) => Err(self.refused(call, &exchange, signed_at)),
            Err(error) => {
                let reason = error.is_transient().then_some(Reason::Transient);
                Err(Failed { error: error.into(), reason, asked: None, is_about_the_clock: false })
            }
        })
    }

    async fn exchange(&self, endpoint: &str, request: Request) -> Result<Exchange, HttpError> {
        let limits = self.settings.limits;
        let whole = limits.whole.unwrap_or_else(|| limits.connect.saturating_add(limits.answer_limit()));
        let options = limits.with_body_limit(BODY_LIMIT).with_whole(whole);
        let sent = self.clock.now();
        let response = self.http.send(request, options).await?;
        self.skew.observe(endpoint, response.headers(), sent, self.clock.now());
        let (status, asked) = (response.status(), asked_delay(response.headers()));
        Ok(Exchange { status, asked, body: response.into_body().collect(BODY_LIMIT).await? })
    }

    fn refused(&self, call: &Call<'_>, exchange: &Exchange, signed_at: SystemTime) -> Failed {
        let (host, status) = (call.endpoint.host(), exchange.status.as_u16());
        let answer = Answer::parse(&exchange.body).ok();
        let refusal = Refusal { host, action: call.form.action, status, answer: answer.as_ref() };
        let is_about_the_clock = call.credentials.is_some()
            && ClockSkew::may_explain(status, refusal.code())
            && self.skew.changes(host, self.clock.now(), signed_at);
        Failed {
            error: refusal.error(&call.secrets()),
            reason: classify(status, refusal.code()),
            asked: exchange.asked,
            is_about_the_clock,
        }
    }
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// An answer, as it came.
struct Exchange {
    status: StatusCode,
    asked: Option<Duration>,
    body: Bytes,
}

/// What became of a request that was not answered with success.
struct Failed {
    error: Error,
    reason: Option<Reason>,
    /// How long the service asks to be left alone.
    asked: Option<Duration>,
    is_about_the_clock: bool,
}

/// One call, however often it is sent.
struct Call<'a> {
    endpoint: Endpoint,
    form: Form,
    credentials: Option<&'a Credentials>,
}

impl Call<'_> {
    fn request(&self, now: SystemTime) -> Result<Request, Error> {
        let mut parts = wire::request(&self.endpoint);
        let body = self.form.body();
        if let Some(credentials) = self.credentials {
            Signer::new(&self.endpoint.signing_region, "sts").sign(
                &mut parts,
                Payload::Bytes(body.as_bytes()),
                credentials,
                now,
            )?;
        }
        Ok(Request::from_parts(parts, Body::from(body.to_owned())))
    }

    fn read(self, body: &[u8]) -> Result<Answered, Error> {
        let (host, action) = (self.endpoint.host(), self.form.action);
        let answer = Answer::parse(body).map_err(|why| unreadable(host, action, why))?;
        Ok(Answered { answer, action, host: host.to_owned() })
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

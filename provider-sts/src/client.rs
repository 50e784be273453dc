//! The client: one request, answered, sent again where that helps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use tracing::debug;
use tucuxi_core::retry::{Reason, Retries, RetryBudget, asked_delay, classify};
use tucuxi_core::{Body, BoxFuture, ClockSkew, Context, Credentials, Error, Request, Source, ask_and_look, uniform};
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
    context: Context,
    budget: RetryBudget,
    skew: ClockSkew,
}

impl Sts {
    /// A client with the context's HTTP and clock. Does no I/O.
    pub fn new(context: &Context, settings: StsSettings) -> Self {
        Self(Arc::new(Client {
            settings,
            context: context.clone(),
            budget: RetryBudget::default(),
            skew: ClockSkew::new(context),
        }))
    }

    /// Where the service is and how often it is asked.
    pub fn settings(&self) -> &StsSettings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.now()
    }

    /// Sends an operation that gives a session, in the account of the user at this path of the answer.
    pub(crate) fn session<'a>(
        &'a self,
        form: Result<Form, Error>,
        credentials: Option<&'a Credentials>,
        user: &'static str,
        made_by: Source,
    ) -> BoxFuture<'a, Result<Credentials, Error>> {
        Box::pin(async move { self.send(form?, credentials).await?.session(user, credentials, made_by) })
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
                while let Some(wait) = retries.pause(client.now()) {
                    debug!(operation, ?wait, "waiting for a turn to ask STS");
                    client.context.clock().sleep(wait).await;
                }
                let Failed { error, reason, asked, is_about_the_clock } = match client.attempt(&call).await {
                    Ok(body) => {
                        retries.answered(None, client.now());
                        retries.succeeded();
                        return call.read(&body);
                    }
                    Err(failed) => failed,
                };
                retries.answered(reason, client.now());
                if is_about_the_clock && !clock_blamed {
                    clock_blamed = true;
                    continue;
                }
                let Some(delay) = reason.and_then(|reason| retries.next(reason, asked, uniform())) else {
                    return Err(error);
                };
                debug!(operation, %error, ?delay, "asking STS again");
                client.context.clock().sleep(delay).await;
            }
        })
    }
}

impl Client {
    fn now(&self) -> SystemTime {
        self.context.clock().now()
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Bytes, Failed> {
        // Signed anew each time: a signature ages.
        let signed_at = self.skew.correct(call.endpoint.host(), self.now());
        let request = call.request(signed_at)?;
        let (sent, mut asked) = (self.now(), None);
        let mut look = |headers: &HeaderMap| {
            self.skew.observe(call.endpoint.host(), headers, sent, self.now());
            asked = asked_delay(headers);
        };
        let limits = self.settings.limits;
        let whole = limits.whole.unwrap_or_else(|| limits.connect.saturating_add(limits.answer_limit()));
        let options = limits.with_body_limit(BODY_LIMIT).with_whole(whole);
        let answered = ask_and_look(self.context.http().as_ref(), request, options, &mut look).await;
        match answered {
            Ok((status, body)) if status.is_success() => Ok(body),
            Ok((status, body)) => Err(Failed { asked, ..self.refused(call, status.as_u16(), &body, signed_at) }),
            Err(error) => {
                let reason = error.is_transient().then_some(Reason::Transient);
                Err(Failed { reason, ..Error::from(error).into() })
            }
        }
    }

    fn refused(&self, call: &Call<'_>, status: u16, body: &[u8], signed_at: SystemTime) -> Failed {
        let host = call.endpoint.host();
        let answer = Answer::parse(body).ok();
        let Form { action, role_arn, .. } = &call.form;
        let refusal = Refusal { host, action, role_arn, status, answer: answer.as_ref() };
        let is_about_the_clock = call.credentials.is_some()
            && ClockSkew::may_explain(status, refusal.code())
            && self.skew.changes(host, self.now(), signed_at);
        let reason = classify(status, refusal.code());
        Failed { reason, is_about_the_clock, ..refusal.error(&call.secrets()).into() }
    }
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// What became of a request that was not answered with success.
struct Failed {
    error: Error,
    reason: Option<Reason>,
    /// How long the service asks to be left alone.
    asked: Option<Duration>,
    is_about_the_clock: bool,
}

/// What asking again does not change.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, reason: None, asked: None, is_about_the_clock: false }
    }
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

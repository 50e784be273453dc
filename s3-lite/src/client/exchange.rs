//! Sending a call: sign, send, judge, send again. The only I/O of this crate.

use std::time::{Duration, SystemTime};

use tracing::{Instrument, debug, debug_span};
use tucuxi_core::retry::Retries;
use tucuxi_core::{Body, Credentials, HttpOptions, Request, Response, in_time, uniform};

use super::outgoing::{parts, sign};
use super::place::Place;
use super::replay::Replay;
use super::secrets::Secrets;
use super::{Client, Setup};
use crate::Error;
use crate::call::{Answer, Call, Reads, SMALL};
use crate::error::Identity;
use crate::fault::Fault;
use crate::xml;

/// What is tried once in a call, however many retries it has.
#[derive(Default)]
struct Once {
    region: bool,
    credentials: bool,
    clock: bool,
}

/// An attempt that failed.
struct Failed {
    error: Error,
    signed_at: SystemTime,
}

impl Client {
    /// Sends a call until it succeeds or there is no point in sending it again.
    pub(crate) async fn send(&self, call: &Call, body: Replay) -> Result<Answer, Error> {
        let span = debug_span!("s3", operation = call.operation, bucket = call.bucket.as_deref());
        self.send_in_span(call, &body).instrument(span).await.map_err(|error| error.about(call))
    }

    async fn send_in_span(&self, call: &Call, body: &Replay) -> Result<Answer, Error> {
        let setup = self.setup()?;
        call.check()?;
        let mut place = match call.control {
            true => setup.places.home().clone(),
            false => setup.places.of(call.bucket.as_deref()),
        };
        let mut credentials = self.credentials().await?;
        let mut retries = Retries::new(setup.retry, self.0.budget.clone());
        let mut once = Once::default();
        loop {
            while let Some(wait) = retries.pause(self.0.clock.now()) {
                debug!(?wait, "waiting for a turn to send");
                self.0.clock.sleep(wait).await;
            }
            let failed = match self.attempt(setup, call, &place, body, credentials.as_ref()).await {
                Ok(answer) => {
                    retries.answered(None, self.0.clock.now());
                    retries.succeeded();
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let reason = failed.error.retry_reason();
            retries.answered(reason, self.0.clock.now());
            let error = failed.error.signed_by(Identity::of(credentials.as_ref()));
            if !body.is_whole() {
                return Err(error);
            }
            if let Some(better) = self.other_region(setup, call, &place, &error, &mut once) {
                place = better;
                continue;
            }
            if let Some(better) = self.other_credentials(credentials.as_ref(), &error, &mut once).await {
                credentials = Some(better);
                continue;
            }
            if self.other_time(&place, &error, failed.signed_at, &mut once) {
                continue;
            }
            let Some(reason) = reason else { return Err(error) };
            let asked = error.fault().and_then(|fault| fault.asked_delay);
            let Some(delay) = retries.next(reason, asked, uniform()) else { return Err(error) };
            debug!(%error, ?delay, "sending again");
            self.0.clock.sleep(delay).await;
            credentials = self.credentials().await?;
        }
    }

    /// Where else the bucket is, when the answer said so.
    fn other_region(
        &self,
        setup: &Setup,
        call: &Call,
        place: &Place,
        error: &Error,
        once: &mut Once,
    ) -> Option<std::sync::Arc<Place>> {
        let fault = error.fault().filter(|fault| fault.is_wrong_region())?;
        let region = fault.region.as_ref().filter(|region| region.as_str() != place.signs_as())?;
        if call.control || std::mem::replace(&mut once.region, true) {
            return None;
        }
        let learned = setup.places.learn(call.bucket.as_deref(), region)?;
        debug!(%region, "the bucket is in another region");
        Some(learned)
    }

    /// Other credentials, when these were rejected and their source has new ones.
    async fn other_credentials(
        &self,
        used: Option<&Credentials>,
        error: &Error,
        once: &mut Once,
    ) -> Option<Credentials> {
        let (used, cache) = (used?, self.0.credentials.as_ref()?);
        let fault = error.fault()?;
        let rejected = used.are_rejected(fault.status, fault.code.as_deref(), self.0.clock.now());
        if !rejected || std::mem::replace(&mut once.credentials, true) {
            return None;
        }
        cache.instead_of(used).await
    }

    /// Whether signing with the server's time helps.
    fn other_time(&self, place: &Place, error: &Error, signed_at: SystemTime, once: &mut Once) -> bool {
        error.fault().is_some_and(Fault::may_blame_clock)
            && self.0.skew.changes(place.endpoint(), self.0.clock.now(), signed_at)
            && !std::mem::replace(&mut once.clock, true)
    }

    /// The credentials of the moment; `None` for an anonymous client.
    pub(super) async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        match &self.0.credentials {
            None => Ok(None),
            Some(cache) => cache.provide_credentials().await.map(Some).map_err(Error::credentials),
        }
    }

    async fn attempt(
        &self,
        setup: &Setup,
        call: &Call,
        place: &Place,
        body: &Replay,
        credentials: Option<&Credentials>,
    ) -> Result<Answer, Failed> {
        let signed_at = self.0.skew.correct(place.endpoint(), self.0.clock.now());
        let fail = |error: Error| Failed { error, signed_at };
        let (parts, https) = parts(setup, call, place).map_err(fail)?;
        let request = sign(parts, https, body, place, credentials, signed_at).map_err(fail)?;
        let options = match call.reads {
            Reads::Document(limit) => setup.limits.with_body_limit(limit.max(SMALL)),
            Reads::Stream => setup.limits.with_body_limit(u64::MAX),
        };
        let secrets = Secrets::of(&request, credentials);
        self.ask(call, place, request, options, &secrets).await.map_err(fail)
    }

    async fn ask(
        &self,
        call: &Call,
        place: &Place,
        request: Request,
        options: HttpOptions,
        secrets: &Secrets<'_>,
    ) -> Result<Answer, Error> {
        let host = request.uri().authority().cloned();
        let sent = self.0.clock.now();
        let response = self.0.http.send(request, options).await.map_err(Error::transport)?;
        self.0.skew.observe(place.endpoint(), response.headers(), sent, self.0.clock.now());
        let response = match call.reads {
            Reads::Stream if response.status().is_success() => response,
            _ => {
                let host = host.as_ref().map_or("S3", |host| host.as_str());
                let limit = if call.slow { options.answer_limit().max(SLOW) } else { options.answer_limit() };
                response.map(|body| in_time(body, host, &self.0.clock, limit))
            }
        };
        judge(response, call.reads, secrets).await
    }
}

/// Tells an answer from an error, also from one that hides in a 200.
async fn judge(response: Response, reads: Reads, secrets: &Secrets<'_>) -> Result<Answer, Error> {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    if !parts.status.is_success() {
        // A body that cannot be read still leaves status and headers.
        let document = body.collect(SMALL).await.unwrap_or_default();
        return Err(Error::service(Fault::read(status, &parts.headers, &document, &secrets.texts())));
    }
    let body = match reads {
        Reads::Stream => body,
        Reads::Document(limit) => {
            let document = body.collect(limit).await.map_err(Error::transport)?;
            if xml::root(&document).as_deref() == Some("Error") {
                return Err(Error::service(Fault::read(status, &parts.headers, &document, &secrets.texts())));
            }
            Body::from(document)
        }
    };
    Ok(Answer { status, headers: parts.headers, body })
}

/// How long the answer may at least take of what copies gigabytes before it says how that went.
const SLOW: Duration = Duration::from_secs(20 * 60);

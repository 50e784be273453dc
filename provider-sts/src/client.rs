//! The client: one request, answered, sent again where that helps.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use tucuxi_core::retry::RetryBudget;
use tucuxi_core::{
    BoxFuture, ClockSkew, Context, Credentials, Error, HttpClient, HttpError, HttpOptions, Request, Source,
    WholeAnswer, ask_and_look,
};

use crate::StsSettings;
use crate::call::{Call, Next};
use crate::wire::{Answered, Form};

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

pub(crate) struct Client {
    pub(crate) settings: StsSettings,
    pub(crate) context: Context,
    pub(crate) budget: RetryBudget,
    pub(crate) skew: ClockSkew,
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
    pub(crate) async fn session(
        &self,
        form: Result<Form, Error>,
        credentials: Option<&Credentials>,
        user: &str,
        made_by: Source,
    ) -> Result<Credentials, Error> {
        self.send(form, credentials).await?.session(user, credentials, made_by)
    }

    /// Sends an operation, signed if there are credentials to sign with.
    #[inline(never)]
    pub(crate) fn send<'a>(
        &'a self,
        form: Result<Form, Error>,
        credentials: Option<&'a Credentials>,
    ) -> BoxFuture<'a, Result<Answered, Error>> {
        let client = &*self.0;
        Box::pin(async move {
            let mut call = Call::new(client, form?, credentials)?;
            loop {
                while let Some(wait) = call.turn() {
                    client.context.clock().sleep(wait).await;
                }
                // The request last: nothing then stands between it and its way, where it would have to be given up.
                let (http, options) = (client.context.http().as_ref(), call.options());
                let request = call.request();
                let mut look = |headers: &HeaderMap| call.look(headers);
                let answered = ask(http, request, options, &mut look)?.await;
                match call.settle(answered) {
                    Next::Return(settled) => return settled,
                    Next::AskAgain(None) => {}
                    Next::AskAgain(Some(delay)) => client.context.clock().sleep(delay).await,
                }
            }
        })
    }
}

impl fmt::Debug for Sts {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn now(&self) -> SystemTime {
        self.context.clock().now()
    }
}

/// The answer to a request.
type Whole = Result<WholeAnswer, HttpError>;

// Apart, so that no future here holds a request, and the code that gives one up.
fn ask<'a>(
    http: &'a dyn HttpClient,
    request: Result<Request, Error>,
    options: HttpOptions,
    look: &'a mut (dyn FnMut(&HeaderMap) + Send),
) -> Result<BoxFuture<'a, Whole>, Error> {
    Ok(ask_and_look(http, request?, options, look))
}

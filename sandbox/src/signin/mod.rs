//! The sign-in service of the console, as `aws login` uses it: a page to sign in at, and an endpoint for tokens.
//!
//! Stricter than the service: a refresh token counts once, and whoever uses it again ends the whole sign-in, as
//! RFC 9700 section 4.14.2 advises.
//!
//! Specification: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 9449 (DPoP); the model of the service `signin`,
//! version 2023-01-01.

mod browser;
mod kept;
mod key;
mod ledger;
mod proof;
mod refusal;
mod statement;
mod token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;
use tucuxi_core::Error;

pub use refusal::SignInRefusal;

use crate::imds::method_not_allowed;
use crate::keyring::Keyring;
use crate::server::{Answer, text};
use ledger::Ledger;
use statement::Issuer;

/// The sign-in endpoint of one sandbox.
#[derive(Debug)]
pub(crate) struct SignIn {
    keyring: Arc<Keyring>,
    role: String,
    ttl: Duration,
    /// This endpoint's own URLs; the first one is what it calls itself.
    bases: [String; 2],
    ledger: Ledger,
    issuer: Issuer,
    refusal: Mutex<Option<SignInRefusal>>,
}

impl SignIn {
    pub(crate) fn new(keyring: Arc<Keyring>, role: String, ttl: Duration, port: u16) -> Result<Self, Error> {
        Ok(Self {
            ledger: Ledger::new(Arc::clone(keyring.clock())),
            issuer: Issuer::new()?,
            keyring,
            role,
            ttl: ttl.min(LONGEST_TTL),
            bases: ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}")),
            refusal: Mutex::default(),
        })
    }

    /// Who signs in here: whoever opens the page.
    pub(crate) fn session_arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{SESSION_NAME}", self.keyring.account_id(), self.role)
    }

    pub(crate) fn set_refusal(&self, refusal: Option<SignInRefusal>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    fn refuses(&self, refusal: SignInRefusal) -> bool {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) == Some(refusal)
    }
}

#[async_trait]
impl Answer for SignIn {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let method = request.method().clone();
        let mut response = match (request.uri().path(), method) {
            (AUTHORIZE, Method::GET) => self.authorize(request.uri().query().unwrap_or_default()),
            (CONFIRMATION, Method::GET) => browser::confirmation(request.uri().query().unwrap_or_default()),
            (TOKEN, Method::POST) => self.token(request).await,
            (AUTHORIZE | CONFIRMATION, _) => method_not_allowed("GET"),
            (TOKEN, _) => method_not_allowed("POST"),
            _ => text(StatusCode::NOT_FOUND, "there is nothing at this path"),
        };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn json_answer(status: StatusCode, body: String) -> Response<Body> {
    let mut answer = text(status, body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A program that signs people in; every one of them is known, and has one place to come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    SameDevice,
    CrossDevice,
}

impl Client {
    fn known(id: &str) -> Option<Self> {
        [Self::SameDevice, Self::CrossDevice].into_iter().find(|client| client.id() == id)
    }

    fn id(self) -> &'static str {
        match self {
            Self::SameDevice => "arn:aws:signin:::devtools/same-device",
            Self::CrossDevice => "arn:aws:signin:::devtools/cross-device",
        }
    }

    /// Whether a browser may be sent there with a code: loopback at any port, or this endpoint's own page.
    fn may_come_back_to(self, uri: &str, bases: &[String]) -> bool {
        match self {
            Self::SameDevice => uri
                .strip_prefix("http://127.0.0.1:")
                .and_then(|rest| rest.strip_suffix("/oauth/callback"))
                .is_some_and(|port| port.parse::<u16>().is_ok_and(|number| number != 0 && number.to_string() == port)),
            Self::CrossDevice => bases.iter().any(|base| uri == format!("{base}{CONFIRMATION}")),
        }
    }
}

const AUTHORIZE: &str = "/v1/authorize";
const CONFIRMATION: &str = "/v1/sessions/confirmation";
const TOKEN: &str = "/v1/token";
/// The name of the session that whoever signs in gets.
const SESSION_NAME: &str = "console";
/// The service gives keys for 15 minutes.
const LONGEST_TTL: Duration = Duration::from_secs(15 * 60);

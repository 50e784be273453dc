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
mod token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, Request, Response, StatusCode};
pub use refusal::SignInRefusal;
use s3s::Body;
use serde_json::json;
use tucuxi_core::Error;

use crate::imds::method_not_allowed;
use crate::keyring::Keyring;
use crate::server::{Answer, text};
use crate::sts::Issuer;
use ledger::Ledger;

/// The sign-in endpoint of one sandbox.
#[derive(Debug)]
pub(crate) struct SignIn {
    keyring: Arc<Keyring>,
    role: String,
    ttl: Duration,
    /// This endpoint's own URLs; the first one is what it calls itself.
    bases: [String; 2],
    ledger: Ledger,
    issuer: Arc<Issuer>,
    refusal: Mutex<Option<SignInRefusal>>,
}

impl SignIn {
    /// Whoever signs in gets the role, and a statement of the issuer.
    pub(crate) fn new((keyring, issuer, role): (Arc<Keyring>, Arc<Issuer>, String), ttl: Duration, port: u16) -> Self {
        Self {
            ledger: Ledger::new(Arc::clone(keyring.clock())),
            issuer,
            keyring,
            role,
            ttl: ttl.min(LONGEST_TTL),
            bases: ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}")),
            refusal: Mutex::default(),
        }
    }

    /// Whom whoever approves signs in as.
    pub(crate) fn session_arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{SESSION_NAME}", self.keyring.account_id(), self.role)
    }

    pub(crate) fn set_refusal(&self, refusal: Option<SignInRefusal>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// The statement of who signed in that a client gets once: an ID token of OpenID Connect.
    fn statement(&self, client: Client) -> Result<String, Error> {
        let seconds = self.ledger.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.issuer.sign(&json!({
            "iss": self.bases[0], "aud": client.id(), "sub": self.session_arn(),
            "iat": seconds, "exp": seconds + LONGEST_TTL.as_secs(),
        }))
    }

    fn refuses(&self, refusal: SignInRefusal) -> bool {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) == Some(refusal)
    }
}

#[async_trait]
impl Answer for SignIn {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (path, method) = (request.uri().path(), request.method());
        let mut response = match (path, method) {
            (AUTHORIZE, &Method::GET | &Method::POST) => self.authorize(request).await,
            (CONFIRMATION, &Method::GET) => browser::confirmation(request.uri().query().unwrap_or_default()),
            (TOKEN, &Method::POST) => self.token(request).await,
            (AUTHORIZE, _) => method_not_allowed("GET, POST"),
            (CONFIRMATION, _) => method_not_allowed("GET"),
            (TOKEN, _) => method_not_allowed("POST"),
            _ => text(StatusCode::NOT_FOUND, "there is nothing at this path"),
        };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
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

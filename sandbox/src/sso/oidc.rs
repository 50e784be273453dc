//! The token service over HTTP.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Ledger;
use super::client::Registration;
use super::grant::{Authorization, TokenRequest};
use super::refusal::{ERROR_TYPE, Reason, Refusal};
use crate::body::{json_answer, pairs, value, whole};
use crate::page;
use crate::server::Answer;

/// The OIDC endpoint of one sandbox, with the pages where a person decides.
#[derive(Debug)]
pub(crate) struct Oidc {
    ledger: Arc<Ledger>,
    url: String,
}

/// The body of `POST /device_authorization`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceRequest {
    client_id: String,
    client_secret: String,
    start_url: String,
}

impl Oidc {
    pub(crate) fn new(ledger: Arc<Ledger>, url: String) -> Self {
        Self { ledger, url }
    }

    fn register(&self, body: &[u8]) -> Result<Value, Refusal> {
        let (id, client) = self.ledger.register(read::<Registration>(body)?)?;
        Ok(json!({
            "clientId": id,
            "clientSecret": client.secret.expose(),
            "clientIdIssuedAt": seconds(self.ledger.clock.now()),
            "clientSecretExpiresAt": seconds(client.expires_at),
        }))
    }

    fn authorize_device(&self, body: &[u8]) -> Result<Value, Refusal> {
        let asked: DeviceRequest = read(body)?;
        let shown = self.ledger.begin_device(&asked.client_id, &asked.client_secret, &asked.start_url)?;
        let page = format!("{}{DEVICE}", self.url);
        let code = shown.user_code;
        Ok(json!({
            "deviceCode": shown.device_code,
            "userCode": code,
            "verificationUri": page,
            "verificationUriComplete": format!("{page}?user_code={code}"),
            "expiresIn": self.ledger.center.device_code_ttl.as_secs(),
            "interval": self.ledger.center.poll_interval.as_secs(),
        }))
    }

    fn token(&self, body: &[u8]) -> Result<Value, Refusal> {
        let asked: TokenRequest = read(body)?;
        let granted = self.ledger.token(&asked.client_id, &asked.client_secret, &asked.grant()?)?;
        let mut answer = json!({
            "accessToken": granted.access_token,
            "tokenType": "Bearer",
            "expiresIn": granted.lifetime.as_secs(),
        });
        if let Some(token) = granted.refresh_token {
            answer["refreshToken"] = token.into();
        }
        Ok(answer)
    }

    /// Where a browser begins a sign-in. What is wrong with the request is told here, never where it leads.
    fn authorize(&self, query: &[(String, String)], decision: Option<bool>) -> Response<Body> {
        let checked = Authorization::read(query).and_then(|asked| Ok((self.ledger.may_authorize(&asked)?, asked)));
        let (program, asked) = match checked {
            Ok(checked) => checked,
            Err(refusal) => return refusal.answer(),
        };
        let uri = format!("{}?", asked.redirect_uri);
        let start = uri.len();
        let mut back = form_urlencoded::Serializer::for_suffix(uri, start);
        if let Some(state) = &asked.state {
            back.append_pair("state", state);
        }
        match decision {
            None => page::question(&program, None),
            Some(true) => {
                back.append_pair("code", &self.ledger.issue_code(asked));
                page::redirect(&back.finish())
            }
            Some(false) => {
                let refusal = Reason::AccessDenied.because("the person refused");
                back.append_pair("error", refusal.code()).append_pair("error_description", &refusal.1);
                page::redirect(&back.finish())
            }
        }
    }

    /// Where a person enters a device's code.
    fn device(&self, query: &[(String, String)], decision: Option<bool>) -> Response<Body> {
        let Some(code) = value(query, "user_code") else { return page::code_wanted() };
        match (self.ledger.waiting(&code), decision) {
            (None, _) => page::told(StatusCode::NOT_FOUND, "No device waits with this code."),
            (Some(program), None) => page::question(&program, Some(&code)),
            (Some(_), Some(approved)) => match self.ledger.decide(&code, approved) {
                true => page::told(StatusCode::OK, "Done. You can go back to the device."),
                false => page::told(StatusCode::NOT_FOUND, "No device waits with this code any more."),
            },
        }
    }
}

#[async_trait]
impl Answer for Oidc {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (method, path) = (parts.method, parts.uri.path());
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let Some(body) = whole(body).await else {
            return Reason::InvalidRequest.because("the body is too long or broken").answer();
        };
        let answered = match (method, path) {
            (Method::POST, "/client/register") => self.register(&body),
            (Method::POST, "/device_authorization") => self.authorize_device(&body),
            (Method::POST, "/token") => self.token(&body),
            (Method::GET, "/authorize") => return self.authorize(&query, None),
            (Method::GET, DEVICE) => return self.device(&query, None),
            (Method::POST, "/authorize" | DEVICE) => match value(&pairs(&body), "decision").as_deref() {
                Some(decision @ ("approve" | "deny")) if path == DEVICE => {
                    return self.device(&query, Some(decision == "approve"));
                }
                Some(decision @ ("approve" | "deny")) => return self.authorize(&query, Some(decision == "approve")),
                _ => Err(Reason::InvalidRequest.because("decision must be approve or deny")),
            },
            _ => return no_operation(),
        };
        match answered {
            Ok(body) => json_answer(StatusCode::OK, &body),
            Err(refusal) => refusal.answer(),
        }
    }
}

/// What both services say of a path that they do not know.
pub(super) fn no_operation() -> Response<Body> {
    let mut answer = json_answer(StatusCode::NOT_FOUND, &json!({"message": null}));
    answer.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static("UnknownOperationException"));
    answer
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // The parser's own message quotes the text, which holds secrets.
    serde_json::from_slice(body).map_err(|error| {
        let what = if error.is_data() { "lacks a field or has one of the wrong type" } else { "is not JSON" };
        Reason::InvalidRequest.because(format!("the body {what}"))
    })
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// The page where a person enters a device's code.
const DEVICE: &str = "/device";

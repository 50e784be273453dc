//! A network on which every source answers, until it is told otherwise.

use std::future::pending;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{Response as HttpResponse, StatusCode};
use tucuxi_core::{Body, Clock, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request, Response, format_rfc3339};

use crate::fault::{Does, Odd};
use crate::world::Jumping;

/// A clone is the same network.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    clock: Jumping,
    lifetime: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    fault: Option<Does>,
    /// Draws a fault for each request.
    weather: Option<Weather>,
    issued: u64,
    last: Option<Issued>,
}

/// So many of a hundred requests meet one of the faults.
#[derive(Debug)]
pub(crate) struct Weather {
    pub(crate) faults: Vec<Does>,
    pub(crate) per_cent: u64,
    pub(crate) random: u64,
    pub(crate) struck: u64,
}

/// Credentials that were given out.
#[derive(Clone, Debug)]
struct Issued {
    key: String,
    secret: String,
    expires_at: SystemTime,
}

impl Network {
    pub(crate) fn new(clock: &Jumping, lifetime: Duration) -> Self {
        Self { clock: clock.clone(), lifetime, state: Arc::default() }
    }

    /// Credentials of the source that it did not get from here.
    pub(crate) fn know(&self, key: &str, expires_at: SystemTime) {
        self.state().last = Some(Issued { key: key.to_owned(), secret: "secret".to_owned(), expires_at });
    }

    pub(crate) fn fail(&self, fault: Option<Does>) {
        self.state().fault = fault;
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state().weather = Some(weather);
    }

    /// How many requests met a fault of the weather.
    pub(crate) fn struck(&self) -> u64 {
        self.state().weather.as_ref().map_or(0, |weather| weather.struck)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn healthy(&self, request: &Asked, odd: Option<Odd>) -> Response {
        let Asked { url, body } = request;
        let answer = |text: String| HttpResponse::new(Body::from(text));
        if url.ends_with("/latest/api/token") {
            let mut response = answer("session".to_owned());
            response
                .headers_mut()
                .insert("x-aws-ec2-metadata-token-ttl-seconds", http::HeaderValue::from_static("21600"));
            return response;
        }
        if url.ends_with("/security-credentials/") {
            return answer("web".to_owned());
        }
        let Issued { key, secret, expires_at } = self.issue(odd);
        let rest = expires_at.duration_since(self.clock.now()).unwrap_or_default().as_secs();
        let milliseconds = expires_at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let ends = format_rfc3339(expires_at);
        let text = if url.contains("portal.sso") {
            format!(
                r#"{{"roleCredentials":{{"accessKeyId":"{key}","secretAccessKey":"{secret}","sessionToken":"t","expiration":{milliseconds}}}}}"#
            )
        } else if url.contains("signin") {
            format!(
                r#"{{"accessToken":{{"accessKeyId":"{key}","secretAccessKey":"{secret}","sessionToken":"t"}},"tokenType":"aws_sigv4","expiresIn":{rest},"refreshToken":"RT"}}"#
            )
        } else if url.contains("sts") {
            let action = if body.contains("WebIdentity") { "AssumeRoleWithWebIdentity" } else { "AssumeRole" };
            format!(
                "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}\
                 </SecretAccessKey><SessionToken>t</SessionToken><Expiration>{ends}</Expiration></Credentials>\
                 </{action}Result></{action}Response>"
            )
        } else {
            format!(
                r#"{{"Code":"Success","AccessKeyId":"{key}","SecretAccessKey":"{secret}","Token":"t","Expiration":"{ends}"}}"#
            )
        };
        let shown = if odd == Some(Odd::Cut) { text[..text.len() / 2].to_owned() } else { text };
        answer(shown)
    }

    fn issue(&self, odd: Option<Odd>) -> Issued {
        let now = self.clock.now();
        let mut state = self.state();
        if odd == Some(Odd::Same)
            && let Some(last) = &state.last
        {
            return last.clone();
        }
        state.issued += 1;
        let mut issued = Issued {
            key: format!("ASIA{}", state.issued),
            secret: "secret".to_owned(),
            expires_at: now + self.lifetime,
        };
        match odd {
            Some(Odd::Expired) => issued.expires_at = now - Duration::from_secs(60),
            Some(Odd::NoKey) => issued.key.clear(),
            Some(Odd::NoSecret) => issued.secret.clear(),
            Some(Odd::Cut | Odd::Same) | None => {}
        }
        state.last = Some(issued.clone());
        issued
    }

    fn struck_by(&self) -> Option<Does> {
        let mut state = self.state();
        if state.fault.is_some() {
            return state.fault.clone();
        }
        state.weather.as_mut()?.draw()
    }
}

impl Weather {
    fn draw(&mut self) -> Option<Does> {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = self.random >> 33;
        if drawn % 100 >= self.per_cent {
            return None;
        }
        self.struck += 1;
        let at = usize::try_from(drawn / 100).unwrap() % self.faults.len();
        Some(self.faults[at].clone())
    }
}

struct Asked {
    url: String,
    body: String,
}

#[async_trait]
impl HttpClient for Network {
    async fn send(&self, request: Request, _: HttpOptions) -> Result<Response, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect(u64::MAX).await?;
        let asked = Asked { url: parts.uri.to_string(), body: String::from_utf8_lossy(&body).into_owned() };
        match self.struck_by() {
            None => Ok(self.healthy(&asked, None)),
            Some(Does::Credentials(odd)) => Ok(self.healthy(&asked, Some(odd))),
            Some(Does::Fail(kind)) => Err(HttpError::new(kind, "the test wants it")),
            Some(Does::Hang) => pending().await,
            Some(Does::Answer(status, body)) => {
                let mut response = HttpResponse::new(Body::from(body));
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                Ok(response)
            }
        }
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, HttpError> {
        Err(HttpError::new(HttpErrorKind::Connect, format!("{host} does not resolve")))
    }
}

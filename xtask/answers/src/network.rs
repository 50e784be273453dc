//! A network that is played from the case: no socket is opened.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tucuxi_core::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request, Response};

use crate::case::{Answer, Case, Route};
use crate::place::{PORT, Place};

/// Answers on the loopback port of the case, and at the link-local addresses where the case says so; everything
/// else is unreachable.
#[derive(Clone)]
pub(crate) struct Network(Arc<Script>);

struct Script {
    link_local: bool,
    place: Arc<Place>,
    routes: Mutex<Vec<Route>>,
    seen: Mutex<Vec<Value>>,
    wanted: Mutex<Vec<String>>,
}

impl Network {
    pub(crate) fn new(case: &Case, place: &Arc<Place>) -> Self {
        Self(Arc::new(Script {
            link_local: case.link_local && !case.http.is_empty(),
            place: Arc::clone(place),
            routes: Mutex::new(case.http.clone()),
            seen: Mutex::default(),
            wanted: Mutex::default(),
        }))
    }

    /// The requests that reached the scripted server.
    pub(crate) fn seen(&self) -> Vec<Value> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Scheme, authority and path of every request that was tried, answered or not.
    pub(crate) fn wanted(&self) -> Vec<String> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answers(&self, scheme: Option<&str>, host: &str, port: u16) -> bool {
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let listening = !self.0.routes.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        scheme == Some("http")
            && listening
            && (loopback && port == PORT || self.0.link_local && port == 80 && LINK_LOCAL.contains(&host))
    }

    fn pick(&self, asked: &Asked) -> Answer {
        let mut routes = self.0.routes.lock().unwrap_or_else(PoisonError::into_inner);
        for route in routes.iter_mut().filter(|route| asked.fits(route, &self.0.place)) {
            let index = route.asked.min(route.responses.len().saturating_sub(1));
            route.asked += 1;
            if let Some(answer) = route.responses.get(index) {
                return answer.clone();
            }
        }
        Answer { status: Some(404), body: "no route".into(), ..Answer::default() }
    }
}

#[async_trait]
impl HttpClient for Network {
    async fn send(&self, request: Request, options: HttpOptions) -> Result<Response, HttpError> {
        let (parts, body) = request.into_parts();
        let uri = &parts.uri;
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let (host, port) = match options.connect_to {
            Some(address) => (address.ip().to_string(), address.port()),
            None => (host, port),
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let shown = format!("{}://{authority}{}", uri.scheme_str().unwrap_or_default(), uri.path());
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
        if !self.answers(uri.scheme_str(), &host, port) {
            return Err(HttpError::new(HttpErrorKind::Connect, format!("{authority} cannot be reached")));
        }
        let asked = Asked {
            method: parts.method.to_string(),
            target: uri.path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers(&parts.headers),
            body: String::from_utf8_lossy(&body.collect(1 << 20).await?).into_owned(),
        };
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).push(asked.record());
        let answer = self.pick(&asked);
        if answer.close {
            return Err(HttpError::new(HttpErrorKind::Closed, format!("{authority} closed the connection")));
        }
        if Duration::from_secs_f64(answer.delay) > options.first_byte {
            return Err(HttpError::new(HttpErrorKind::Timeout, format!("{authority} did not answer in time")));
        }
        let body = bytes(&answer.body, &self.0.place);
        if body.len() as u64 > options.body_limit {
            return Err(HttpError::new(HttpErrorKind::TooLarge, "the body is too large"));
        }
        let mut response = http::Response::builder().status(answer.status.unwrap_or(200));
        for (name, value) in &answer.headers {
            response = response.header(name, self.0.place.fill(value));
        }
        response
            .body(Body::from(body))
            .map_err(|error| HttpError::new(HttpErrorKind::Protocol, "no HTTP").with_source(error))
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, HttpError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.eq_ignore_ascii_case("localhost") {
            return Ok(vec![IpAddr::from([127, 0, 0, 1])]);
        }
        bare.parse().map(|address| vec![address]).map_err(|error| {
            HttpError::new(HttpErrorKind::Connect, format!("{host} does not resolve")).with_source(error)
        })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

/// A request that reached the scripted server.
struct Asked {
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Asked {
    fn fits(&self, route: &Route, place: &Place) -> bool {
        let form = self.form().unwrap_or_default();
        route.method.as_ref().is_none_or(|method| *method == self.method)
            && route.path.as_ref().is_none_or(|path| *path == self.target)
            && route.prefix.as_ref().is_none_or(|prefix| self.target.starts_with(prefix))
            && route.form.iter().all(|(name, value)| form.get(name) == Some(value))
            && route.headers.iter().all(|(name, value)| {
                self.headers.get(&name.to_ascii_lowercase()).is_some_and(|found| *found == place.fill(value))
            })
    }

    fn form(&self) -> Option<BTreeMap<String, String>> {
        let kind = self.headers.get("content-type")?;
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        kind.contains("x-www-form-urlencoded").then(|| {
            let pairs = self.body.split('&').filter(|pair| !pair.is_empty());
            pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (decode(k), decode(v))).collect()
        })
    }

    fn record(&self) -> Value {
        let mut record = json!({ "method": self.method, "target": self.target });
        if let Some(auth) = self.headers.get("authorization").and_then(|value| signed(value)) {
            record["auth"] = auth;
        }
        let tokens: BTreeMap<&str, &String> = BEARERS
            .iter()
            .filter_map(|name| Some((*name, self.headers.get(*name)?)))
            .filter(|(_, value)| signed(value).is_none())
            .collect();
        record["headers"] = json!(tokens);
        match self.form() {
            Some(form) => record["form"] = json!(form),
            None if !self.body.is_empty() => record["body"] = json!(self.body),
            None => {}
        }
        record
    }
}

/// Headers that prove who asks, where no signature does.
const BEARERS: [&str; 3] = ["authorization", "x-aws-ec2-metadata-token", "x-amz-sso_bearer_token"];

/// Key, region and service of a signature.
fn signed(authorization: &str) -> Option<Value> {
    let scope = authorization.strip_prefix("AWS4-HMAC-SHA256 Credential=")?.split(',').next()?;
    let mut parts = scope.split('/');
    let (key, _date) = (parts.next()?, parts.next()?);
    Some(json!({ "access_key": key, "region": parts.next()?, "service": parts.next()? }))
}

fn headers(map: &http::HeaderMap) -> BTreeMap<String, String> {
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

fn bytes(body: &Value, place: &Place) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => place.fill(text).into_bytes(),
        Value::Object(object) if object.contains_key("b64") => {
            STANDARD.decode(object["b64"].as_str().unwrap_or_default()).unwrap_or_default()
        }
        other => place.fill(&other.to_string()).into_bytes(),
    }
}

const LINK_LOCAL: &[&str] = &["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"];

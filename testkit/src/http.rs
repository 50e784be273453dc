//! HTTP that follows a script.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use tucuxi_core::{Body, HttpClient, HttpError, HttpErrorKind, HttpOptions, Request, Response, parse_timestamp};

use crate::Exchange;

/// HTTP without a network: a list of exchanges that must happen in this order, or a closure.
///
/// A clone is the same one, so that a test can keep one and ask it afterwards.
#[derive(Clone)]
pub struct ScriptedHttp {
    answer: Answerer,
    state: Arc<Mutex<State>>,
}

type Closure = dyn Fn(&Seen) -> Result<Response, HttpError> + Send + Sync;

#[derive(Clone)]
enum Answerer {
    Script,
    Closure(Arc<Closure>),
}

#[derive(Default)]
struct State {
    script: VecDeque<Exchange>,
    addresses: BTreeMap<String, Vec<IpAddr>>,
    seen: Vec<Seen>,
    resolved: Vec<String>,
    problems: Vec<String>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The limits and the address given with it.
    pub options: HttpOptions,
}

impl Seen {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The instant that `x-amz-date` says it was signed at.
    pub fn signed_at(&self) -> Option<SystemTime> {
        let stamp = self.header("x-amz-date")?;
        let part = |range: std::ops::Range<usize>| stamp.get(range);
        let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
        let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
        parse_timestamp(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
    }
}

/// An answer without headers.
///
/// # Panics
/// When there is no such status.
pub fn response(status: u16, body: &str) -> Response {
    let mut response = http::Response::new(Body::from(body.to_owned()));
    let Ok(status) = http::StatusCode::from_u16(status) else { panic!("{status} is no status") };
    *response.status_mut() = status;
    response
}

impl ScriptedHttp {
    /// The exchanges that must happen, in this order.
    pub fn new(script: impl IntoIterator<Item = Exchange>) -> Self {
        let state = State { script: script.into_iter().collect(), ..State::default() };
        Self { answer: Answerer::Script, state: Arc::new(Mutex::new(state)) }
    }

    /// Answers by a closure; any number of requests may come.
    pub fn from_fn(answer: impl Fn(&Seen) -> Result<Response, HttpError> + Send + Sync + 'static) -> Self {
        Self { answer: Answerer::Closure(Arc::new(answer)), state: Arc::default() }
    }

    /// Answers every request with this.
    pub fn always(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::from_fn(move |_| Ok(response(status, &body)))
    }

    /// Nobody listens anywhere: every request is refused.
    pub fn refusing() -> Self {
        Self::from_fn(|_| Err(HttpError::new(HttpErrorKind::Connect, "connection refused")))
    }

    /// Makes a host name resolve.
    #[must_use]
    pub fn with_addresses(self, host: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.state().addresses.insert(host.to_owned(), addresses.into_iter().collect());
        self
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// Every name that was looked up so far.
    pub fn resolved(&self) -> Vec<String> {
        self.state().resolved.clone()
    }

    /// Requests that nobody expected and exchanges that did not happen.
    pub fn problems(&self) -> Vec<String> {
        let state = self.state();
        let unused = state.script.iter().map(|exchange| format!("was not asked: {exchange}"));
        state.problems.iter().cloned().chain(unused).collect()
    }

    /// Checks that the script was followed to its end.
    ///
    /// # Panics
    /// With every problem there is.
    #[track_caller]
    pub fn assert_done(&self) {
        let problems = self.problems();
        assert!(problems.is_empty(), "HTTP:\n  {}", problems.join("\n  "));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, seen: &Seen) -> Result<Exchange, HttpError> {
        let mut state = self.state();
        let problem = match state.script.front() {
            None => format!("nobody expected {} {}", seen.method, seen.url),
            Some(next) => match next.mismatch(seen) {
                Some(problem) => problem,
                None => return state.script.pop_front().ok_or_else(|| unexpected("the script is empty")),
            },
        };
        let error = unexpected(&problem);
        state.problems.push(problem);
        Err(error)
    }
}

fn unexpected(problem: &str) -> HttpError {
    HttpError::new(HttpErrorKind::Request, format!("the test's script: {problem}"))
}

#[async_trait]
impl HttpClient for ScriptedHttp {
    async fn send(&self, request: Request, options: HttpOptions) -> Result<Response, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect(u64::MAX).await?;
        let seen = Seen { method: parts.method, url: parts.uri.to_string(), headers: parts.headers, body, options };
        self.state().seen.push(seen.clone());
        match &self.answer {
            Answerer::Closure(answer) => answer(&seen),
            Answerer::Script => self.next(&seen)?.answer().await,
        }
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, HttpError> {
        let mut state = self.state();
        state.resolved.push(host.to_owned());
        let unknown = || HttpError::new(HttpErrorKind::Connect, format!("{host} does not resolve"));
        state.addresses.get(host).cloned().ok_or_else(unknown)
    }
}

impl fmt::Debug for ScriptedHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScriptedHttp")
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tucuxi_core::Body;

    use super::*;
    use crate::block_on;

    fn ask(http: &ScriptedHttp, url: &str) -> Result<u16, HttpErrorKind> {
        let request = Request::get(url).header("accept", "text/plain").body(Body::empty()).unwrap();
        block_on(http.send(request, HttpOptions::default())).map(|r| r.status().as_u16()).map_err(|e| e.kind())
    }

    #[test]
    fn a_script_followed_to_its_end_has_no_problems() {
        let http = ScriptedHttp::new([
            Exchange::get("http://a/1").with("accept", "text/plain").without("x").answers(404, ""),
            Exchange::get("http://a/2").fails(HttpErrorKind::Connect),
        ]);
        assert_eq!(ask(&http, "http://a/1"), Ok(404));
        assert_eq!(ask(&http, "http://a/2"), Err(HttpErrorKind::Connect));
        http.assert_done();
    }

    #[test]
    fn what_nobody_expected_and_what_did_not_happen_are_problems() {
        let http = ScriptedHttp::new([Exchange::get("http://a/1"), Exchange::get("http://a/2").with("x", "1")]);
        assert_eq!(ask(&http, "http://b/"), Err(HttpErrorKind::Request));
        assert_eq!(ask(&http, "http://a/1"), Ok(200));
        assert_eq!(ask(&http, "http://a/2"), Err(HttpErrorKind::Request));
        assert_eq!(http.problems().len(), 3, "{:?}", http.problems());
    }
}

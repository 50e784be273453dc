//! One expected request and its answer.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use tucuxi_core::{Body, HttpError, HttpErrorKind};

use crate::Seen;

/// A request that must come, and what it gets.
#[derive(Clone, Debug)]
pub struct Exchange {
    method: Method,
    url: String,
    headers: Vec<(String, Option<String>)>,
    pieces: Vec<(String, String)>,
    body: Vec<String>,
    answer: Answer,
}

#[derive(Clone, Debug)]
enum Answer {
    Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Error(HttpErrorKind),
    Silence,
}

impl Exchange {
    /// A request that must come; without an answer it gets status 200 and no body.
    ///
    /// # Panics
    /// When `method` is none.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        let Ok(method) = method.parse() else { panic!("{method:?} is not a method") };
        let answer = Answer::Response { status: 200, headers: Vec::new(), body: Vec::new() };
        Self { method, url: url.into(), headers: Vec::new(), pieces: Vec::new(), body: Vec::new(), answer }
    }

    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A PUT.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new("PUT", url)
    }

    /// A POST.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// The request must have this header with this value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// The request must have this header, and this text in its value.
    #[must_use]
    pub fn with_piece(mut self, name: &str, piece: &str) -> Self {
        self.pieces.push((name.to_owned(), piece.to_owned()));
        self
    }

    /// The request must not have this header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// The request's body must hold this text.
    #[must_use]
    pub fn with_body(mut self, piece: impl Into<String>) -> Self {
        self.body.push(piece.into());
        self
    }

    /// The answer.
    #[must_use]
    pub fn answers(mut self, status: u16, body: impl Into<Vec<u8>>) -> Self {
        let headers = match self.answer {
            Answer::Response { headers, .. } => headers,
            Answer::Error(_) | Answer::Silence => Vec::new(),
        };
        self.answer = Answer::Response { status, headers, body: body.into() };
        self
    }

    /// A header of the answer.
    #[must_use]
    pub fn answer_header(mut self, name: &str, value: &str) -> Self {
        if let Answer::Response { headers, .. } = &mut self.answer {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The exchange fails.
    #[must_use]
    pub fn fails(mut self, kind: HttpErrorKind) -> Self {
        self.answer = Answer::Error(kind);
        self
    }

    /// The exchange never ends.
    #[must_use]
    pub fn hangs(mut self) -> Self {
        self.answer = Answer::Silence;
        self
    }

    /// What is wrong with a request that came in this one's place.
    pub(crate) fn mismatch(&self, seen: &Seen) -> Option<String> {
        if self.method != seen.method || self.url != seen.url {
            return Some(format!("expected {self}, got {} {}", seen.method, seen.url));
        }
        for (name, expected) in &self.headers {
            let value = seen.header(name);
            if value != expected.as_deref() {
                return Some(format!("{self}: header {name} is {value:?}, expected {expected:?}"));
            }
        }
        for (name, piece) in &self.pieces {
            let value = seen.header(name);
            if !value.is_some_and(|value| value.contains(piece.as_str())) {
                return Some(format!("{self}: header {name} does not hold {piece:?}, it is {value:?}"));
            }
        }
        let body = String::from_utf8_lossy(&seen.body);
        let piece = self.body.iter().find(|piece| !body.contains(piece.as_str()))?;
        Some(format!("{self}: the body does not hold {piece:?}, it is {body:?}"))
    }

    pub(crate) async fn answer(&self) -> Result<Response<Body>, HttpError> {
        match &self.answer {
            Answer::Error(kind) => Err(HttpError::new(*kind, format!("{} ({kind:?})", self.host()))),
            Answer::Silence => std::future::pending().await,
            Answer::Response { status, headers, body } => Ok(self.response(*status, headers, body)),
        }
    }

    fn response(&self, status: u16, headers: &[(String, String)], body: &[u8]) -> Response<Body> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) else {
                panic!("{self}: {name}: {value} is not a header")
            };
            map.append(name, value);
        }
        let Ok(status) = StatusCode::from_u16(status) else { panic!("{self}: {status} is not a status") };
        let mut response = Response::new(Body::from(body.to_vec()));
        *response.status_mut() = status;
        *response.headers_mut() = map;
        response
    }

    fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or(rest)
    }
}

impl std::fmt::Display for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

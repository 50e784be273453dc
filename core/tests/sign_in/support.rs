//! A file, a service that renews what it holds, and processes that use it.

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll, Waker};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{Method, StatusCode, Uri};
use tucuxi_core::sign_in::{Answer, EXPIRES_AT, Format, Need, Renewals, SignIn, Token, TokenFile};
use tucuxi_core::{
    Body, BoxFuture, Clock, Context, Error, Fs, HttpClient, HttpError, HttpOptions, Request, Response, Secret,
    format_rfc3339, request,
};

/// What happens in the world while somebody waits.
type Event = Box<dyn FnOnce(&World) + Send>;

/// A file, a service and a clock; sleeping takes no time but its own.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) fs: Fs,
    pub(crate) state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    now: Duration,
    pub(crate) slept: Duration,
    at_first_sleep: Option<Event>,
    pub(crate) answers: VecDeque<(Event, u16, &'static str)>,
    asked: Vec<String>,
}

impl World {
    /// With a sign-in `T1` that ends after so many seconds.
    pub(crate) fn new(ends: u64) -> Self {
        let world = Self { fs: Fs::fake::<&str, &str>([]), state: Arc::default() };
        world.keep("T1", "R1", ends);
        world
    }

    /// Another process, or this test, writes the file.
    pub(crate) fn keep(&self, token: &str, refresh: &str, ends: u64) {
        let ends = format_rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(ends));
        let json = format!(r#"{{"token":"{token}","expiresAt":"{ends}","refresh":"{refresh}"}}"#);
        self.fs.set(FILE, json, SystemTime::UNIX_EPOCH);
    }

    /// The service's next answer, and what happens before it comes.
    pub(crate) fn answers(&self, status: u16, body: &'static str, event: impl FnOnce(&Self) + Send + 'static) {
        self.state.lock().unwrap().answers.push_back((Box::new(event), status, body));
    }

    /// Somebody else has the turn; this happens while we wait for it.
    pub(crate) fn taken_until(&self, event: impl FnOnce(&Self) + Send + 'static) {
        self.fs.set(TURN, "", SystemTime::UNIX_EPOCH);
        self.state.lock().unwrap().at_first_sleep = Some(Box::new(event));
    }

    pub(crate) fn remove(&self, path: &str) {
        // A fixed set keeps nobody waiting.
        let removed = pin!(self.fs.remove(Path::new(path))).poll(&mut task::Context::from_waker(Waker::noop()));
        assert!(matches!(removed, Poll::Ready(Ok(()))));
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.state.lock().unwrap().now += Duration::from_secs(seconds);
    }

    /// With what the service was asked since the last look.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    pub(crate) fn context(&self) -> Context {
        Context::local().with_fs(self.fs.clone()).with_clock(self.clone()).with_http(self.clone())
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.state.lock().unwrap().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let world = self.clone();
        Box::pin(async move {
            let mut state = world.state.lock().unwrap();
            state.slept += duration;
            let event = state.at_first_sleep.take();
            drop(state);
            if let Some(event) = event {
                event(&world);
            }
        })
    }
}

#[async_trait]
impl HttpClient for World {
    async fn send(&self, request: Request, _: HttpOptions) -> Result<Response, HttpError> {
        let refresh = String::from_utf8(request.body().as_bytes().unwrap().to_vec()).unwrap();
        let mut state = self.state.lock().unwrap();
        state.asked.push(refresh);
        let (event, status, body) = state.answers.pop_front().unwrap();
        drop(state);
        event(self);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }

    async fn resolve(&self, _: &str) -> Result<Vec<IpAddr>, HttpError> {
        Ok(Vec::new())
    }
}

/// The service answers with a token, what renews it, and the second at which it ends.
pub(crate) struct Corp(TokenFile);

impl SignIn for Corp {
    fn file(&self) -> &TokenFile {
        &self.0
    }

    fn limits(&self) -> HttpOptions {
        HttpOptions::default()
    }

    fn is_renewable(&self, token: &Token, _: SystemTime) -> bool {
        token.text("refresh").is_some_and(|refresh| !refresh.expose().is_empty())
    }

    fn ask(&self, token: &Token, _: SystemTime) -> Result<Option<Request>, Error> {
        let body = Body::from(token.text("refresh").unwrap().expose().to_owned());
        Ok(Some(request(Method::POST, Uri::from_static("https://corp.test/"), Vec::new(), body)))
    }

    fn renewed(&self, token: &Token, answer: &Answer, _: SystemTime) -> Result<Token, Error> {
        if answer.status != StatusCode::OK {
            return Err(answer.refusal(None));
        }
        let words: Vec<&str> = std::str::from_utf8(&answer.body).unwrap().split(' ').collect();
        let ends = SystemTime::UNIX_EPOCH + Duration::from_secs(words[2].parse().unwrap());
        let text = |text: &str| Some(Secret::from(text));
        Ok(token.with(vec![
            ("token", text(words[0])),
            ("refresh", text(words[1])),
            (EXPIRES_AT, text(&format_rfc3339(ends))),
        ]))
    }

    fn nobody(&self) -> Error {
        self.0.absent("nobody is signed in to", "sign in".to_owned())
    }
}

static FORMAT: Format = Format {
    path: |_, name| Ok(PathBuf::from(format!("/{name}.json"))),
    members: &[("token", Need::Text), (EXPIRES_AT, Need::Text), ("refresh", Need::ElseAbsent)],
    inner: ("", &[]),
    grant: &["refresh"],
    gives: "token",
    cure: "sign in again",
};
pub(crate) const FILE: &str = "/corp.json";
pub(crate) const TURN: &str = "/corp.lock";

/// A process that uses the sign-in.
pub(crate) struct User {
    pub(crate) sign_in: Corp,
    pub(crate) renewals: Renewals,
}

impl User {
    pub(crate) fn new(world: &World) -> Self {
        let context = world.context();
        Self { sign_in: Corp(TokenFile::new(&context, "corp", &FORMAT)), renewals: Renewals::new(&context) }
    }

    /// The token in use, or why there is none.
    pub(crate) async fn current(&self) -> Result<String, String> {
        let token = self.renewals.current(&self.sign_in).await;
        token.map(|token| token.text("token").unwrap().expose().to_owned()).map_err(|error| error.to_string())
    }
}

pub(crate) fn ok(token: &str) -> Result<String, String> {
    Ok(token.to_owned())
}

pub(crate) fn err(message: &str) -> Result<String, String> {
    Err(message.to_owned())
}

pub(crate) const HOUR: u64 = 3600;

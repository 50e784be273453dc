//! Capabilities: what a provider may use of the outside world, real or fake.

mod append;
mod body;
mod clock;
mod command;
mod env;
mod expand;
#[cfg(feature = "lock")]
mod flock;
mod fs;
mod http;
#[cfg(feature = "lock")]
mod lock;
mod question;
mod replace;
mod request;
mod spawn;
mod temporary;
mod whole;

use std::fmt;
use std::sync::Arc;

pub use body::{Body, BoxError, PollBody};
pub use clock::{Clock, SystemClock, on_a_thread};
pub use command::{Command, CommandError, CommandErrorKind, CommandOutput, RunCommand};
pub use env::Env;
pub(crate) use fs::kind;
pub use fs::{FileInfo, Fs};
pub use http::{HttpClient, HttpError, HttpErrorKind, HttpOptions, Offline, Request, Response};
#[cfg(feature = "lock")]
pub use lock::FileLock;
pub use question::ask_at;
#[cfg(all(feature = "document", feature = "lock"))]
pub(crate) use request::{ask_host, question};
pub use request::{header, request, secret_header, set_header};
pub use spawn::Spawn;
pub use whole::{WholeAnswer, ask, ask_and_look, in_time};

/// Capabilities only: environment, files, clock, HTTP, commands and a runtime to lend.
///
/// A provider takes what it needs when it is constructed. Region, endpoints and limits are settings and
/// travel as values, never here.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env};
///
/// let context = Context::local().with_env(Env::fake([("AWS_REGION", "eu-west-1")]));
/// assert_eq!(context.env().var("AWS_REGION")?.as_deref(), Some("eu-west-1"));
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Context(Arc<Capabilities>);

/// Behind one pointer, since many hold a context.
#[derive(Clone, Debug)]
struct Capabilities {
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
    http: Arc<dyn HttpClient>,
    commands: Arc<dyn RunCommand>,
    spawn: Option<Arc<dyn Spawn>>,
}

impl Context {
    /// The real environment, files and clock, without HTTP, commands or a runtime: enough for the sources
    /// that need none. `tucuxi_transport::system()` has all of them.
    pub fn local() -> Self {
        Self(Arc::new(Capabilities {
            env: Env::real(),
            fs: Fs::real(),
            clock: Arc::new(SystemClock),
            http: Arc::new(http::Unwired),
            commands: Arc::new(command::Unwired),
            spawn: None,
        }))
    }

    /// The same capabilities with another environment.
    #[must_use]
    #[inline]
    pub fn with_env(mut self, env: Env) -> Self {
        self.inner().env = env;
        self
    }

    /// The same capabilities with other files.
    #[must_use]
    #[inline]
    pub fn with_fs(mut self, fs: Fs) -> Self {
        self.inner().fs = fs;
        self
    }

    /// The same capabilities with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.inner().clock = Arc::new(clock);
        self
    }

    /// The same capabilities with another HTTP client.
    #[must_use]
    pub fn with_http(mut self, http: impl HttpClient + 'static) -> Self {
        self.inner().http = Arc::new(http);
        self
    }

    /// The same capabilities with another way to run programs.
    #[must_use]
    pub fn with_commands(mut self, commands: impl RunCommand + 'static) -> Self {
        self.inner().commands = Arc::new(commands);
        self
    }

    /// The same capabilities with a runtime to lend.
    #[must_use]
    pub fn with_spawn(mut self, spawn: impl Spawn + 'static) -> Self {
        self.inner().spawn = Some(Arc::new(spawn));
        self
    }

    /// The same capabilities without network and programs: whoever wants either gets an error that
    /// [`Error::is_offline`](crate::Error::is_offline) recognises.
    #[must_use]
    #[inline]
    pub fn offline(mut self) -> Self {
        let inner = self.inner();
        inner.http = Arc::new(Offline);
        inner.commands = Arc::new(Offline);
        self
    }

    /// The variables.
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// The files.
    pub fn fs(&self) -> &Fs {
        &self.0.fs
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The HTTP client.
    pub fn http(&self) -> &Arc<dyn HttpClient> {
        &self.0.http
    }

    /// The way to run programs.
    pub fn commands(&self) -> &Arc<dyn RunCommand> {
        &self.0.commands
    }

    /// The runtime to lend, if there is one.
    pub fn spawn(&self) -> Option<&Arc<dyn Spawn>> {
        self.0.spawn.as_ref()
    }

    fn inner(&mut self) -> &mut Capabilities {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Debug for Context {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

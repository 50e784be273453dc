//! Helper programs.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::{BoxFuture, Error, ErrorKind};

/// Runs a helper program to its end, without a shell.
///
/// Its method is implemented in the two ways of [`ProvideCredentials`](crate::ProvideCredentials).
pub trait RunCommand: Send + Sync {
    /// Runs `command` within its limits. On time-out, on too much output and on cancellation the program
    /// and everything it started are killed.
    ///
    /// # Errors
    /// By [`CommandErrorKind`]; a program that ends with a failure status is not an error.
    fn run<'a, 'f>(&'a self, command: Command) -> BoxFuture<'f, Result<CommandOutput, CommandError>>
    where
        'a: 'f,
        Self: 'f;
}

impl fmt::Debug for dyn RunCommand + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn RunCommand")
    }
}

/// A program, its arguments and its limits.
#[derive(Clone)]
#[non_exhaustive]
pub struct Command {
    /// The program: a path, or a name looked up in `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables added to those of this process.
    pub variables: Vec<(OsString, OsString)>,
    /// Time until it must have ended. Default 60 s.
    pub limit: Duration,
    /// Bytes of standard output it may print. Default 64 KiB.
    pub output_limit: usize,
}

impl Command {
    /// A program with arguments and the default limits.
    pub fn new<A: Into<OsString>>(program: impl Into<OsString>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            variables: Vec::new(),
            limit: Duration::from_secs(60),
            output_limit: 64 * 1024,
        }
    }

    /// The program's file name, for messages: arguments may hold secrets.
    pub fn name(&self) -> Cow<'_, str> {
        std::path::Path::new(&self.program)
            .file_name()
            .map_or_else(|| self.program.to_string_lossy(), |name| name.to_string_lossy())
    }
}

impl fmt::Debug for Command {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("program", &self.name()).field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// What a program left behind.
#[non_exhaustive]
pub struct CommandOutput {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed on standard output; wiped when dropped.
    pub stdout: Zeroizing<Vec<u8>>,
    /// The last bytes it printed on standard error; wiped when dropped.
    pub stderr_tail: Zeroizing<Vec<u8>>,
}

impl CommandOutput {
    /// What a program left behind.
    pub fn new(code: Option<i32>, stdout: Vec<u8>, stderr_tail: Vec<u8>) -> Self {
        Self { code, stdout: Zeroizing::new(stdout), stderr_tail: Zeroizing::new(stderr_tail) }
    }
}

impl fmt::Debug for CommandOutput {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandOutput").field("code", &self.code).finish_non_exhaustive()
    }
}

/// Why a program did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandErrorKind {
    /// It could not be started.
    Start,
    /// It did not end in time and was killed.
    Timeout,
    /// It printed more than allowed and was killed.
    TooMuchOutput,
    /// The context is offline.
    Offline,
    /// The context runs no programs.
    Unwired,
}

/// Why a program did not come to its end. Names the program, never its arguments or output.
#[derive(Debug)]
pub struct CommandError {
    kind: CommandErrorKind,
    message: String,
    source: Option<std::io::Error>,
}

impl CommandError {
    /// A failure of the given kind.
    pub fn new(kind: CommandErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Adds what the system said.
    #[must_use]
    pub fn with_source(mut self, source: std::io::Error) -> Self {
        self.source = Some(source);
        self
    }

    /// Why it did not come to its end.
    pub fn kind(&self) -> CommandErrorKind {
        self.kind
    }
}

impl fmt::Display for CommandError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| -> &(dyn std::error::Error + 'static) { source })
    }
}

impl From<CommandError> for Error {
    /// `InvalidConfig` for a program that cannot be started, else `Unavailable`.
    fn from(error: CommandError) -> Self {
        let kind = match error.kind {
            CommandErrorKind::Start | CommandErrorKind::Unwired => ErrorKind::InvalidConfig,
            CommandErrorKind::Offline | CommandErrorKind::Timeout | CommandErrorKind::TooMuchOutput => {
                ErrorKind::Unavailable
            }
        };
        let is_offline = error.kind == CommandErrorKind::Offline;
        let converted = Self::because(kind, error.message.into(), error.source.map(Into::into));
        if is_offline { converted.offline() } else { converted }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Unwired;

impl RunCommand for Unwired {
    fn run<'a, 'f>(&'a self, _: Command) -> BoxFuture<'f, Result<CommandOutput, CommandError>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            Err(CommandError::new(
                CommandErrorKind::Unwired,
                "this context runs no programs; use tucuxi_transport::system()",
            ))
        })
    }
}

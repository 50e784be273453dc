//! The order of events: depth, command line, run, read.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;
use tucuxi_core::{
    BoxFuture, Command, CommandError, CommandErrorKind, Context, Credentials, Error, ErrorKind, ProvideCredentials,
    Secret, SharedProvider, failure, whole_number,
};

use crate::split::{Fault, Words, split};
use crate::wire;

/// Credentials that a helper program prints: the profile key `credential_process`.
///
/// The command line is split like one of a POSIX shell (on Windows like one of Windows) and run without a
/// shell: `~`, `$`, `*` and `|` mean nothing. It cannot ask at the terminal: it runs in a process group of its own, which
/// the system stops when it reads there. A profile with `role_arn` and `mfa_serial` asks for a code by the session's
/// MFA callback instead.
///
/// - Reads, at each call: `TUCUXI_CREDENTIAL_PROCESS_DEPTH`, which it also sets, one higher, for the helper;
///   helpers that call each other in a circle are stopped at 5
/// - Network: none; the helper runs at each call, for 60 s at most, and may print 64 KiB
/// - Lifetime: given by the helper; nothing is kept here
///
/// # Errors
/// - `InvalidConfig`: the command line is empty or its quotes do not match, the helper cannot be started,
///   or helpers call each other in a circle
/// - `Denied`: the helper ended with a failure status; the end of what it printed on standard error is
///   shown, without anything that looks like a secret
/// - `Unavailable`: the helper did not end in time, was ended by a signal, or did not print a document of
///   version 1
///
/// # Example
/// ```
/// use tucuxi_core::{ErrorKind, ProvideCredentials};
/// use tucuxi_provider_process::ProcessProvider;
///
/// # tucuxi_testkit::block_on(async {
/// # let context = tucuxi_testkit::context();
/// let error = ProcessProvider::new(&context, "'helper").provide_credentials().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// assert_eq!(error.to_string(), "credential_process has a quote that is not closed");
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Clone, Debug)]
pub struct ProcessProvider {
    command_line: Secret,
    account_id: Option<String>,
    limit: Option<Duration>,
    context: Context,
}

impl ProcessProvider {
    /// A provider that runs `command_line`; nothing is run yet.
    #[inline]
    pub fn new(context: &Context, command_line: impl Into<Secret>) -> Self {
        Self { command_line: command_line.into(), account_id: None, limit: None, context: context.clone() }
    }

    /// The account, for a helper that does not say it: the profile key `aws_account_id`.
    #[must_use]
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// Another time after which the helper is killed.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What is run, and the words of the command line.
    fn command(&self) -> Result<(Command, Words), Error> {
        let depth = self.depth()?;
        let words = match split(self.command_line.expose()) {
            Ok(words) => words,
            Err(fault) => return Err(mismatch(fault)),
        };
        let mut line = words.iter().map(|word| OsString::from(word.expose()));
        let program = line.next().unwrap_or_default();
        if program.is_empty() {
            return Err(wrong("credential_process is empty", "name a program there"));
        }
        let mut command = Command::new(program, line);
        command.variables.push((DEPTH.into(), format!("{}", depth + 1).into()));
        command.limit = self.limit.unwrap_or(LIMIT);
        Ok((command, words))
    }

    fn depth(&self) -> Result<u32, Error> {
        let Some(text) = self.context.env().var(DEPTH)? else { return Ok(0) };
        match whole_number(text.trim_ascii()).and_then(|depth| u32::try_from(depth).ok()) {
            Some(depth) if depth < MAX_DEPTH => Ok(depth),
            Some(depth) => Err(failure(
                ErrorKind::InvalidConfig,
                format_args!("{}: {depth} helpers are running already", wire::CIRCLE),
                Some(format_args!("{}", wire::CIRCLE_CURE)),
            )),
            None => Err(failure(
                ErrorKind::InvalidConfig,
                format_args!("{DEPTH} is not a number"),
                Some(format_args!("unset {DEPTH}")),
            )),
        }
    }
}

impl ProvideCredentials for ProcessProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let (command, words) = self.command()?;
            let name = command.name().into_owned();
            log(&name);
            let output = self.context.commands().run(command).await;
            match output {
                Ok(output) => wire::credentials(&name, &words, &output, self.account_id.as_deref()),
                Err(error) => Err(not_run(error, &words)),
            }
        })
    }

    /// Somewhat more than the helper has, whose end then explains itself.
    fn time_limit(&self) -> Duration {
        self.limit.unwrap_or(LIMIT) + GRACE
    }
}

impl From<ProcessProvider> for SharedProvider {
    fn from(provider: ProcessProvider) -> Self {
        Arc::new(provider)
    }
}

#[cold]
fn log(name: &str) {
    debug!(program = name, "running a credential helper");
}

fn mismatch(fault: Fault) -> Error {
    match fault {
        Fault::Quote => wrong(
            "credential_process has a quote that is not closed",
            "close it, or write \\' for a quote that is meant",
        ),
        Fault::Backslash => wrong("credential_process ends in a backslash", "write \\\\ for a backslash that is meant"),
    }
}

#[cold]
fn wrong(what: &'static str, cure: &'static str) -> Error {
    failure(ErrorKind::InvalidConfig, format_args!("{what}"), Some(format_args!("{cure}")))
}

fn not_run(error: CommandError, words: &Words) -> Error {
    let is_shell = |byte: u8| matches!(byte, b'~' | b'$' | b'%');
    let hint = match error.kind() {
        CommandErrorKind::Start if words.first().is_some_and(|program| program.expose().bytes().any(is_shell)) => {
            "write the whole path; without a shell ~ and variables mean nothing"
        }
        CommandErrorKind::Start => "check the path, and that the program may be executed",
        CommandErrorKind::Timeout => {
            "run the helper by hand: here it cannot ask at the terminal; for the code of an MFA device use mfa_serial"
        }
        _ => return error.into(),
    };
    Error::from(error).with_hint(hint)
}

const DEPTH: &str = "TUCUXI_CREDENTIAL_PROCESS_DEPTH";
const MAX_DEPTH: u32 = 5;
const LIMIT: Duration = Duration::from_secs(60);
/// For ending the helper and all that it started.
const GRACE: Duration = Duration::from_secs(2);

//! Helper programs on tokio: no shell, no input, and an end in sight.

use std::future::poll_fn;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tucuxi_core::{BoxFuture, Command, CommandError, CommandErrorKind, CommandOutput, RunCommand};

use crate::waiting::within;

mod printed;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod system;

use printed::Printed;
use system::Child;

/// Runs programs without a shell, with empty standard input and in a process group of their own.
///
/// The program has to end, and everything it started has to let go of standard output, within
/// [`Command::limit`]. Past that, past [`Command::output_limit`], and when the caller stops waiting, the whole
/// group is killed. On Windows the program alone is killed, and on Unix a descendant that left the group lives on.
///
/// On Unix neither a handler of signals nor a thread is put into the process: pipes are read as sockets are, and once
/// standard output is closed the end is looked for every few milliseconds.
///
/// # Errors
/// `Start`, `Timeout` or `TooMuchOutput`; each names the program, never its arguments or output.
///
/// # Example
/// ```
/// use tucuxi_core::{Command, CommandErrorKind, RunCommand};
/// use tucuxi_transport::TokioCommands;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = TokioCommands.run(Command::new("/does/not/exist", ["--help"])).await.unwrap_err();
/// assert_eq!(error.kind(), CommandErrorKind::Start);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "named as a value; it will never hold anything")]
pub struct TokioCommands;

impl RunCommand for TokioCommands {
    fn run<'a, 'f>(&'a self, command: Command) -> BoxFuture<'f, Result<CommandOutput, CommandError>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let mut running = Running::start(&command).map_err(|early| early.of(&command))?;
            let mut end = None;
            within(
                command.limit,
                &mut poll_fn(|cx| running.poll_end(cx, command.output_limit).map(|seen| end = Some(seen))),
            )
            .await;
            let early = match end {
                Some(Ok(status)) => {
                    // What it said last may still be on its way; a descendant may keep the pipe for ever.
                    within(LAST_WORDS, &mut poll_fn(|cx| running.tail.poll_last(cx, TAIL))).await;
                    return Ok(running.output(status));
                }
                Some(Err(early)) => early,
                None => Early::Late,
            };
            running.child.kill();
            // A process that the system itself holds up cannot be waited for.
            within(REAP, &mut poll_fn(|cx| running.child.poll_wait(cx).map(drop))).await;
            Err(early.of(&command))
        })
    }
}

/// A program and what it has printed.
struct Running {
    child: Child,
    output: Printed,
    tail: Printed,
}

impl Running {
    fn start(command: &Command) -> Result<Box<Self>, Early> {
        if Handle::try_current().is_err() {
            return Err(Early::Unwired);
        }
        let mut child = start(command).map_err(Early::Unstarted)?;
        let [stdout, stderr] = child.pipes().map_err(Early::Unheard)?;
        let output = Printed::new(stdout, command.output_limit.min(SIZED_ONCE) + 1);
        Ok(Box::new(Self { child, output, tail: Printed::new(stderr, 2 * TAIL) }))
    }

    /// Reads what the program prints until it has ended.
    fn poll_end(&mut self, cx: &mut Context<'_>, output_limit: usize) -> Poll<Result<ExitStatus, Early>> {
        let _ = self.tail.poll_last(cx, TAIL);
        if !ready!(self.output.poll_all(cx, output_limit)).map_err(Early::Unheard)? {
            return Poll::Ready(Err(Early::Flood));
        }
        self.child.poll_wait(cx).map_err(Early::Unheard)
    }

    fn output(&mut self, status: ExitStatus) -> CommandOutput {
        CommandOutput::new(status.code(), self.output.take(), self.tail.take())
    }
}

/// Why a program is not started or not heard to its end.
enum Early {
    Unwired,
    Unstarted(io::Error),
    Unheard(io::Error),
    Flood,
    Late,
}

impl Early {
    fn of(self, command: &Command) -> CommandError {
        let (kind, what, source) = match self {
            Self::Unwired => {
                (CommandErrorKind::Unwired, "needs a tokio runtime to run; call this inside one".to_owned(), None)
            }
            Self::Unstarted(error) => (CommandErrorKind::Start, "cannot be started".to_owned(), Some(error)),
            Self::Unheard(error) => {
                (CommandErrorKind::Start, "cannot be listened to and was killed".to_owned(), Some(error))
            }
            Self::Flood => {
                let what = format!("printed more than {} bytes and was killed", command.output_limit);
                (CommandErrorKind::TooMuchOutput, what, None)
            }
            Self::Late => {
                (CommandErrorKind::Timeout, format!("did not end within {:?} and was killed", command.limit), None)
            }
        };
        let error = CommandError::new(kind, format!("{} {what}", command.name()));
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the real adapter")]
fn start(command: &Command) -> io::Result<Child> {
    let mut child = std::process::Command::new(&command.program);
    child.args(&command.arguments).envs(command.variables.iter().map(|(name, value)| (name, value)));
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Child::start(&mut child)
}

const TAIL: usize = 2048;
const SIZED_ONCE: usize = 1024 * 1024;
const LAST_WORDS: Duration = Duration::from_millis(100);
const REAP: Duration = Duration::from_secs(2);

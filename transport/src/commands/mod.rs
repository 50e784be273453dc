//! Helper programs on tokio: no shell, no input, and an end in sight.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tucuxi_core::{Command, CommandError, CommandErrorKind, CommandOutput, RunCommand, async_trait};
use zeroize::Zeroizing;

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod system;

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

#[async_trait]
impl RunCommand for TokioCommands {
    async fn run(&self, command: Command) -> Result<CommandOutput, CommandError> {
        let name = command.name();
        let fail = |kind, what: String| CommandError::new(kind, format!("{name} {what}"));
        if Handle::try_current().is_err() {
            return Err(fail(
                CommandErrorKind::Unwired,
                "needs a tokio runtime to run; call this inside one".to_owned(),
            ));
        }
        let mut group = Group::start(&command)
            .map_err(|error| fail(CommandErrorKind::Start, "cannot be started".to_owned()).with_source(error))?;
        let ended = timeout(command.limit, group.finish(command.output_limit)).await;
        let failure = match ended {
            Ok(Ok(output)) => return Ok(output),
            Ok(Err(Early::Flood)) => {
                let what = format!("printed more than {} bytes and was killed", command.output_limit);
                fail(CommandErrorKind::TooMuchOutput, what)
            }
            Ok(Err(Early::Io(error))) => {
                fail(CommandErrorKind::Start, "cannot be listened to and was killed".to_owned()).with_source(error)
            }
            Err(_) => {
                let what = format!("did not end within {:?} and was killed", command.limit);
                fail(CommandErrorKind::Timeout, what)
            }
        };
        group.kill().await;
        Err(failure)
    }
}

/// Why a program is killed.
enum Early {
    Flood,
    Io(io::Error),
}

/// A program with its process group; killed when dropped before its end.
struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    fn start(command: &Command) -> io::Result<Self> {
        let mut child = std::process::Command::new(&command.program);
        child.args(&command.arguments).envs(command.variables.iter().map(|(name, value)| (name, value)));
        child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self { child: Child::start(child)?, ended: false })
    }

    /// Reads what the program prints until it has ended.
    async fn finish(&mut self, output_limit: usize) -> Result<CommandOutput, Early> {
        let (stdout, stderr) = self.child.pipes().map_err(Early::Io)?;
        let mut tail = Zeroizing::new(Vec::with_capacity(2 * TAIL));
        let (output, status) = {
            let mut listening = pin!(keep_tail(stderr, &mut tail));
            let mut heard = false;
            let mut main = pin!(async {
                let output = read_all(stdout, output_limit).await?;
                Ok((output, self.child.wait().await.map_err(Early::Io)?))
            });
            let ended: (_, ExitStatus) = poll_fn(|cx| {
                heard = heard || listening.as_mut().poll(cx).is_ready();
                main.as_mut().poll(cx)
            })
            .await?;
            if !heard {
                // What it said last may still be on its way; a descendant may keep the pipe for ever.
                let _ = timeout(LAST_WORDS, listening).await;
            }
            ended
        };
        self.ended = true;
        let mut output = output;
        Ok(CommandOutput::new(status.code(), std::mem::take(&mut *output), std::mem::take(&mut *tail)))
    }

    /// Kills the program with its process group and takes note of its end.
    async fn kill(&mut self) {
        self.child.kill();
        // A process that the system itself holds up cannot be waited for.
        self.ended = matches!(timeout(REAP, self.child.wait()).await, Ok(Ok(_)));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            self.child.kill();
        }
    }
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>, limit: usize) -> Result<Zeroizing<Vec<u8>>, Early> {
    // Sized once as far as possible, so that growing leaves no secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(SIZED_ONCE) + 1));
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    while pipe.read_buf(&mut *bytes).await.map_err(Early::Io)? > 0 {
        if bytes.len() > limit {
            return Err(Early::Flood);
        }
    }
    Ok(bytes)
}

/// Reads to the end but keeps only the last bytes, never growing `tail`.
async fn keep_tail(pipe: Option<impl AsyncRead + Unpin>, tail: &mut Zeroizing<Vec<u8>>) {
    let Some(mut pipe) = pipe else { return };
    while matches!(pipe.read_buf(&mut **tail).await, Ok(1..)) {
        if tail.len() > TAIL {
            let surplus = tail.len() - TAIL;
            tail.drain(..surplus);
        }
    }
}

const TAIL: usize = 2048;
const SIZED_ONCE: usize = 1024 * 1024;
const LAST_WORDS: Duration = Duration::from_millis(100);
const REAP: Duration = Duration::from_secs(2);

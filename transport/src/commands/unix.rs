//! A program and all that it starts, on Unix.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::net::unix::pipe::Receiver;
use tokio::time::sleep;

use super::printed::Pipe;
use crate::runtime::on_a_thread;

/// A program that leads a process group, killed and waited for however it is dropped. `None` once its end was seen.
#[derive(Debug)]
pub(super) struct Child(Option<std::process::Child>);

impl Child {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(Self(Some(command.spawn()?)))
    }

    /// Standard output and standard error.
    pub(super) fn pipes(&mut self) -> io::Result<[Option<Pipe>; 2]> {
        let Some(child) = &mut self.0 else { return Ok([None, None]) };
        Ok([receiver(child.stdout.take().map(OwnedFd::from))?, receiver(child.stderr.take().map(OwnedFd::from))?])
    }

    /// Waits for the end of the program. Its descendants may live on.
    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        let mut pause = SHORTEST;
        loop {
            let Some(child) = &mut self.0 else { return Err(io::ErrorKind::NotFound.into()) };
            if let Some(status) = child.try_wait()? {
                self.0 = None;
                return Ok(status);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Kills the whole group, unless the program's end was seen: from then on its number may name another one.
    pub(super) fn kill(&mut self) {
        let id = self.0.as_ref().and_then(|child| i32::try_from(child.id()).ok());
        if let Some(id) = id {
            // It may have ended in this very moment.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        let Some(mut child) = self.0.take() else { return };
        if matches!(child.try_wait(), Ok(None)) {
            // Killed, and not yet gone: whoever drops this must not be kept, and nobody else will wait for it.
            on_a_thread("tucuxi-reaper", Box::new(move || drop(child.wait())));
        }
    }
}

fn receiver(pipe: Option<OwnedFd>) -> io::Result<Option<Pipe>> {
    let Some(pipe) = pipe else { return Ok(None) };
    Ok(Some(Box::pin(Receiver::from_owned_fd(pipe)?)))
}

/// A program that has closed its output has mostly ended when it is first looked for.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

//! A program and all that it starts, on Unix.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::net::unix::pipe::Receiver;
use tokio::time::Instant;
use tucuxi_core::{BoxFuture, on_a_thread};

use super::printed::Pipe;
use crate::waiting::alarm;

/// A program that leads a process group, killed and waited for however it is dropped.
pub(super) struct Child {
    /// `None` once its end was seen.
    running: Option<std::process::Child>,
    /// When to look for it again, and the pause before that.
    pause: Option<(BoxFuture<'static, ()>, Duration)>,
}

impl Child {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self { running: Some(command.spawn()?), pause: None })
    }

    /// Standard output and standard error.
    pub(super) fn pipes(&mut self) -> io::Result<[Option<Pipe>; 2]> {
        let Some(child) = &mut self.running else { return Ok([None, None]) };
        Ok([receiver(child.stdout.take().map(OwnedFd::from))?, receiver(child.stderr.take().map(OwnedFd::from))?])
    }

    /// Waits for the end of the program. Its descendants may live on.
    pub(super) fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        loop {
            if let Some((timer, _)) = &mut self.pause {
                ready!(timer.as_mut().poll(cx));
            }
            let Some(child) = &mut self.running else { return Poll::Ready(Err(io::ErrorKind::NotFound.into())) };
            if let Some(status) = child.try_wait()? {
                self.running = None;
                return Poll::Ready(Ok(status));
            }
            let pause = self.pause.as_ref().map_or(SHORTEST, |(_, pause)| (*pause * 2).min(LONGEST));
            self.pause = Some((alarm(Instant::now() + pause), pause));
        }
    }

    /// Kills the whole group, unless the program's end was seen: from then on its number may name another one.
    pub(super) fn kill(&mut self) {
        let id = self.running.as_ref().and_then(|child| i32::try_from(child.id()).ok());
        if let Some(id) = id {
            // It may have ended in this very moment.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        let Some(mut child) = self.running.take() else { return };
        if matches!(child.try_wait(), Ok(None)) {
            // Killed, and not yet gone: whoever drops this must not be kept, and nobody else will wait for it.
            let _ = on_a_thread("tucuxi-reaper", Box::new(move || drop(child.wait())));
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

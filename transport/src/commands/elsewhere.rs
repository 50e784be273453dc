//! A program, where there are no process groups.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::process::{Command, ExitStatus};
use std::task::{Context, Poll};

use super::printed::Pipe;

/// A program, killed when dropped.
#[derive(Debug)]
pub(super) struct Child(tokio::process::Child);

impl Child {
    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let command = std::mem::replace(command, Command::new(""));
        tokio::process::Command::from(command).kill_on_drop(true).spawn().map(Self)
    }

    /// Standard output and standard error.
    pub(super) fn pipes(&mut self) -> io::Result<[Option<Pipe>; 2]> {
        Ok([
            self.0.stdout.take().map(|pipe| Box::pin(pipe) as Pipe),
            self.0.stderr.take().map(|pipe| Box::pin(pipe) as Pipe),
        ])
    }

    /// Waits for the end of the program. Its descendants may live on.
    pub(super) fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        // Such a wait may be begun anew at any time.
        pin!(self.0.wait()).poll(cx)
    }

    /// Kills the program.
    pub(super) fn kill(&mut self) {
        let _ = self.0.start_kill();
    }
}

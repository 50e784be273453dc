//! A program, where there are no process groups.

use std::io;
use std::process::{Command, ExitStatus};

use super::printed::Pipe;

/// A program, killed when dropped.
#[derive(Debug)]
pub(super) struct Child(tokio::process::Child);

impl Child {
    pub(super) fn start(command: Command) -> io::Result<Self> {
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
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Kills the program.
    pub(super) fn kill(&mut self) {
        let _ = self.0.start_kill();
    }
}

//! A helper program that answers lines with lines, for as long as its input is open.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::arguments::Failure;
use crate::command::{show, without_aws_settings};

#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    shown: String,
}

impl Worker {
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let shown = show(command);
        let spawned = without_aws_settings(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| Failure::new(format!("cannot run {shown}: {error}")))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| Failure::new(format!("{shown} has no output")))?;
        Ok(Self { child, input, output: BufReader::new(output), shown })
    }

    /// Hands over one line; the answer is read by [`answer`](Self::answer), so that both sides work at once.
    pub(crate) fn ask(&mut self, line: &str) -> Result<(), Failure> {
        let Some(input) = &mut self.input else { return Err(Failure::new(format!("{} has ended", self.shown))) };
        writeln!(input, "{line}")
            .and_then(|()| input.flush())
            .map_err(|error| Failure::new(format!("{} takes no more: {error}", self.shown)))
    }

    pub(crate) fn answer(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(Failure::new(format!("{} ended early", self.shown))),
            Ok(_) => Ok(line),
            Err(error) => Err(Failure::new(format!("{} cannot be read: {error}", self.shown))),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input is the end of its work.
        drop(self.input.take());
        drop(self.child.wait());
    }
}

//! Helper programs that are not run.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tucuxi_core::{Command, CommandError, CommandErrorKind, CommandOutput, RunCommand};

/// Answers for helper programs by a closure. A clone is the same one.
#[derive(Clone)]
pub struct FakeCommands {
    answer: Arc<Closure>,
    runs: Arc<Mutex<Vec<Command>>>,
}

type Closure = dyn Fn(&Command) -> Result<CommandOutput, CommandError> + Send + Sync;

impl FakeCommands {
    /// Answers by a closure.
    pub fn new(answer: impl Fn(&Command) -> Result<CommandOutput, CommandError> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), runs: Arc::default() }
    }

    /// Every program ends with status 0 and prints this.
    pub fn printing(stdout: impl Into<Vec<u8>>) -> Self {
        let stdout = stdout.into();
        Self::new(move |_| Ok(CommandOutput::new(Some(0), stdout.clone(), Vec::new())))
    }

    /// No program can be started.
    pub fn none() -> Self {
        Self::new(|command| {
            Err(CommandError::new(CommandErrorKind::Start, format!("the test knows no program {}", command.name())))
        })
    }

    /// What was run so far.
    pub fn runs(&self) -> Vec<Command> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl RunCommand for FakeCommands {
    async fn run(&self, command: Command) -> Result<CommandOutput, CommandError> {
        let answer = (self.answer)(&command);
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push(command);
        answer
    }
}

impl fmt::Debug for FakeCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeCommands")
    }
}

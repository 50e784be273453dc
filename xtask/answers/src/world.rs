//! Clock, programs and prompt of a case.

use std::ffi::OsString;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tucuxi::sts::MfaPrompt;
use tucuxi_core::{BoxFuture, Clock, Command, CommandError, CommandOutput, Error, RunCommand, Secret};
use tucuxi_transport::TokioCommands;

/// A clock that stands still until somebody waits; waiting takes no time.
#[derive(Debug)]
pub(crate) struct PatientClock(std::sync::Arc<Mutex<SystemTime>>);

impl PatientClock {
    pub(crate) fn new(start: SystemTime) -> Self {
        Self(std::sync::Arc::new(Mutex::new(start)))
    }
}

impl Clock for PatientClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let now = std::sync::Arc::clone(&self.0);
        Box::pin(async move {
            // A limit that races against real work must not win.
            tokio::task::yield_now().await;
            if duration < Duration::from_secs(30) {
                *now.lock().unwrap_or_else(PoisonError::into_inner) += duration;
            } else {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Real programs that see the variables of the case.
#[derive(Debug)]
pub(crate) struct Programs(pub(crate) Vec<(OsString, OsString)>);

#[async_trait]
impl RunCommand for Programs {
    async fn run(&self, mut command: Command) -> Result<CommandOutput, CommandError> {
        let mut variables = self.0.clone();
        variables.append(&mut command.variables);
        command.variables = variables;
        TokioCommands.run(command).await
    }
}

/// Types the code of the case, or is not there.
#[derive(Debug)]
pub(crate) struct Person(pub(crate) Option<String>);

#[async_trait]
impl MfaPrompt for Person {
    async fn code(&self, serial: &str) -> Result<Secret, Error> {
        match &self.0 {
            Some(code) => Ok(Secret::from(code.clone())),
            None => Err(Error::denied(format!("nobody is there to read the code of {serial}"))),
        }
    }
}

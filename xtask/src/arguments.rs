//! The words after a task's name, and how a task fails.

use std::fmt;
use std::process::ExitCode;

/// Why a task did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    usage: bool,
}

impl Failure {
    /// The task ran and found something wrong: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), usage: false }
    }

    /// The task was asked for in a way that it does not understand: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), usage: true }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.usage { 2 } else { 1 })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "xtask: {}", self.message)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

/// The flags that were given, out of those that the task knows; any other word is refused.
pub(crate) fn flags<'a>(words: &'a [String], known: &[&str]) -> Result<Vec<&'a str>, Failure> {
    words
        .iter()
        .map(|word| match known.contains(&word.as_str()) {
            true => Ok(word.as_str()),
            false if known.is_empty() => Err(Failure::usage(format!("{word}: this task takes no options"))),
            false => Err(Failure::usage(format!("{word} is not an option here; known: {}", known.join(" ")))),
        })
        .collect()
}

//! A list of checks that all run, and one table at the end.

use std::time::{Duration, Instant};

use crate::arguments::Failure;

/// Checks that ran, in order.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    failure: Option<Failure>,
}

impl Steps {
    /// Runs a check; a failure is shown at once and remembered.
    pub(crate) fn run(&mut self, name: &str, check: impl FnOnce() -> Result<(), Failure>) {
        println!("\n== {name}");
        let start = Instant::now();
        let failure = check().err();
        if let Some(failure) = &failure {
            println!("{failure}");
        }
        self.done.push(Step { name: name.to_owned(), took: start.elapsed(), failure });
    }

    /// The table, and the closing line.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        println!("\n== summary");
        for step in &self.done {
            let word = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{word:>6}  {:>6.1} s  {}", step.took.as_secs_f64(), step.name);
        }
        let failed = self.done.iter().filter(|step| step.failure.is_some()).count();
        println!("\n{} of {} checks hold", self.done.len() - failed, self.done.len());
        if failed == 0 {
            return Ok(());
        }
        let names: Vec<&str> =
            self.done.iter().filter(|step| step.failure.is_some()).map(|step| step.name.as_str()).collect();
        Err(Failure::new(format!("failed: {}", names.join(", "))))
    }
}

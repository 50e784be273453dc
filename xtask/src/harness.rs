//! Running `cargo test`, showing what matters of its output, and counting.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::arguments::Failure;
use crate::command::show;

/// How many tests ended how.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// What was skipped, in the tests' own words.
    pub(crate) skips: Vec<String>,
}

impl Tally {
    /// Counts what was left out: the number that `skip` begins with.
    pub(crate) fn skip(&mut self, skip: &str) {
        self.skipped += leading_number(skip).unwrap_or(1);
        self.skips.push(skip.to_owned());
    }
}

/// Runs a `cargo test` command: one line for each test program that passed, everything for one that did not.
pub(crate) fn run(command: &mut Command, tally: &mut Tally) -> Result<(), Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let fail = |error: std::io::Error| Failure::new(format!("{shown}: {error}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(fail)?;
    let mut block = Block::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line.map_err(fail)?).into_owned();
            for shown in block.take(line, tally) {
                println!("{shown}");
            }
        }
    }
    let status = child.wait().map_err(fail)?;
    for line in &block.lines {
        println!("{line}");
    }
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("{shown}: {status}"))),
    }
}

/// The lines of one test program so far.
#[derive(Default)]
struct Block {
    lines: Vec<String>,
}

impl Block {
    /// Takes a line and gives those that are to be shown now.
    fn take(&mut self, line: String, tally: &mut Tally) -> Vec<String> {
        if let Some(skip) = line.strip_prefix(NOT_RUN) {
            tally.skip(skip);
        }
        let Some(result) = line.strip_prefix("test result: ") else {
            self.lines.push(line);
            return Vec::new();
        };
        tally.passed += count(result, "passed");
        tally.failed += count(result, "failed");
        tally.skipped += count(result, "ignored") + count(result, "filtered out");
        let mut lines = std::mem::take(&mut self.lines);
        if result.starts_with("ok") {
            lines.retain(|line| line.starts_with(NOT_RUN) || line.starts_with(NOTE));
        }
        lines.push(line);
        lines
    }
}

/// The number before a word: `ok. 3 passed; 1 failed; ...`.
fn count(result: &str, word: &str) -> u64 {
    result.split([';', '.']).find_map(|part| leading_number(part.trim().strip_suffix(word)?)).unwrap_or(0)
}

fn leading_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// What a test prints before the number of cases that it leaves out.
const NOT_RUN: &str = "NOT RUN: ";
/// What a test prints before something worth knowing.
const NOTE: &str = "NOTE: ";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], shown: &[&str], expected: Tally) {
        let (mut block, mut tally) = (Block::default(), Tally::default());
        let printed: Vec<String> = lines.iter().flat_map(|line| block.take((*line).to_owned(), &mut tally)).collect();
        assert_eq!(printed, shown);
        assert_eq!(tally, expected);
    }

    #[test]
    fn a_program_that_passed_is_one_line_and_its_skips() {
        let result = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s";
        check(
            &["", "running 6 tests", "test a ... ok", "NOT RUN: 65 cases of x.json", "successes:", result],
            &["NOT RUN: 65 cases of x.json", result],
            Tally { passed: 3, failed: 0, skipped: 68, skips: vec!["65 cases of x.json".to_owned()] },
        );
    }

    #[test]
    fn a_program_that_failed_is_shown_whole() {
        let result =
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        check(
            &["running 3 tests", "test a ... FAILED", "assertion failed", result],
            &["running 3 tests", "test a ... FAILED", "assertion failed", result],
            Tally { passed: 1, failed: 2, ..Tally::default() },
        );
    }
}

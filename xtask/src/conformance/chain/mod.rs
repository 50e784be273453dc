//! Credential chains against botocore's: the same environment, files and network to both, answers compared.

mod answers;
mod case;
mod compare;
mod divergence;
mod grammar;
mod kinds;
mod options;
mod questions;
mod report;

use std::process::Command;

use serde_json::Value;

use crate::arguments::Failure;
use crate::command::{cargo, run as run_command, target};
use crate::harness::Tally;
use crate::venv::{BOTOCORE, Venv};
use answers::Answers;
use case::Case;
use divergence::Divergence;
use options::Options;
use report::{Counts, Report, Verdict};

use super::worker::Worker;

/// Cases that both sides have been asked but not answered; more would fill the pipes.
const IN_FLIGHT: usize = 4;

pub(super) fn run(words: &[String]) -> Result<(), Failure> {
    let options = Options::read(words)?;
    // Before the build, which takes longer.
    questions::oracle()?;
    build()?;
    let counts = compare_all(&options)?;
    println!("{} passed, {} failed", counts.passed, counts.failed);
    match counts.failed {
        0 => Ok(()),
        failed => {
            let total = counts.passed + failed;
            Err(Failure::new(format!("{failed} of {total} answers differ from botocore's without a reason")))
        }
    }
}

/// Builds the program that answers for us.
pub(super) fn build() -> Result<(), Failure> {
    run_command(cargo().args(["build", "--quiet", "--package", "tucuxi-answers"]))
}

/// Few random cases, and all of those that are written down. The program that answers for us must have been built.
pub(super) fn short(tally: &mut Tally) -> Result<(), Failure> {
    if questions::oracle().is_err() {
        let skip = format!("{} cases of the chain against botocore, ../shared/oracle is not there", short_count());
        println!("NOT RUN: {skip}");
        tally.skip(&skip);
        return Ok(());
    }
    for (words, count) in SHORT {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let counts = compare_all(&Options::read(&words)?)?;
        if counts.passed + counts.failed != *count {
            return Err(Failure::new(format!("{} cases instead of {count}", counts.passed + counts.failed)));
        }
        tally.passed += counts.passed;
        tally.failed += counts.failed;
    }
    Ok(())
}

/// How many cases the short runs have.
pub(super) fn short_count() -> u64 {
    SHORT.iter().map(|(_, count)| count).sum()
}

/// The runs, and how many cases each has.
const SHORT: &[(&[&str], u64)] =
    &[(&["--hand"], 281), (&["--suites"], 47), (&["--count", "300"], 300), (&["--count", "100", "--net"], 100)];

fn compare_all(options: &Options) -> Result<Counts, Failure> {
    let venv = Venv::install(BOTOCORE)?;
    let questions = questions::questions(options, &venv)?;
    let mut ours = Worker::start(Command::new(target().join("debug/tucuxi-answers")).env_clear())?;
    let mut theirs = Answers::open(options, &venv)?;
    let mut report = Report::new(options);
    for asked in questions.chunks(IN_FLIGHT) {
        for question in asked {
            ours.ask(question)?;
            theirs.ask(question)?;
        }
        let mut answered = Vec::new();
        for question in asked {
            answered.push((question, theirs.answer(question)?, parse("tucuxi", &ours.answer()?)?));
        }
        for (question, their, our) in answered {
            let case = Case::new(parse("the generator", question)?);
            let verdict = verdict(&case, &their, &our, &mut theirs)?;
            report.sample(&case, &verdict, &their, &our);
            report.take(&case, verdict);
        }
    }
    Ok(report.finish())
}

/// Compares with what botocore says to the case as the divergences change it, so that a divergence that got lost is
/// noticed too. Where the answers to the case itself differ, the fewest divergences that explain it are counted.
fn verdict(case: &Case, theirs: &Value, ours: &Value, botocore: &mut Answers) -> Result<Verdict, Failure> {
    if let Err(error) = compare::answered(theirs, ours) {
        return Ok(Verdict::Unexplained { changed: case.clone(), text: error });
    }
    let changes = divergence::changes(case);
    let equal = compare::differences(theirs, ours).is_empty();
    if equal && changes.is_empty() {
        return Ok(Verdict::Equal);
    }
    let mut judge = |changes: &[&'static Divergence]| -> Result<Verdict, Failure> {
        let changed = divergence::as_if(case, changes);
        let asked = if changes.is_empty() { theirs.clone() } else { botocore.ask_now(&changed.json().to_string())? };
        if let Err(error) = compare::answered(&asked, ours) {
            return Ok(Verdict::Unexplained { changed, text: error });
        }
        let differences = compare::differences(&asked, ours);
        Ok(match divergence::excuses(&changed, &asked, ours, &differences) {
            Some(excuses) => Verdict::Explained([changes, &excuses].concat()),
            None => Verdict::Unexplained { changed, text: report::describe(&differences, &asked, ours) },
        })
    };
    let whole = judge(&changes)?;
    if let Verdict::Explained(_) = whole {
        if equal {
            return Ok(Verdict::Equal);
        }
        for fewer in std::iter::once(&[][..]).chain(changes.chunks(1)) {
            if let explained @ Verdict::Explained(_) = judge(fewer)? {
                return Ok(explained);
            }
        }
    }
    Ok(whole)
}

fn parse(who: &str, line: &str) -> Result<Value, Failure> {
    serde_json::from_str(line).map_err(|error| Failure::new(format!("{who} wrote no JSON: {error}: {line}")))
}

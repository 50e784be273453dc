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
use crate::venv::{BOTOCORE, Venv};
use answers::Answers;
use case::Case;
use divergence::Divergence;
use options::Options;
use report::{Report, Verdict};

use super::worker::Worker;

/// Cases that both sides have been asked but not answered; more would fill the pipes.
const IN_FLIGHT: usize = 4;

pub(super) fn run(words: &[String]) -> Result<(), Failure> {
    let options = Options::read(words)?;
    let venv = Venv::install(BOTOCORE)?;
    let questions = questions::questions(&options, &venv)?;
    run_command(cargo().args(["build", "--quiet", "--package", "tucuxi-answers"]))?;
    let mut ours = Worker::start(Command::new(target().join("debug/tucuxi-answers")).env_clear())?;
    let mut theirs = Answers::open(&options, &venv)?;
    let mut report = Report::new(&options);
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
            report.take(&case, verdict(&case, &their, &our, &mut theirs)?);
        }
    }
    report.finish()
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
        Ok(match divergence::excuses(&changed, &asked, &differences) {
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

//! botocore's answers: asked of a worker, or remembered from an earlier run.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::grammar::STAND_IN;
use super::options::Options;
use super::parse;
use super::questions::oracle;
use crate::arguments::Failure;
use crate::command::target;
use crate::conformance::worker::Worker;
use crate::venv::Venv;

/// botocore's side. The version is fixed and so are its answers: each case is asked once and remembered under
/// `target/conformance`.
pub(super) struct Answers {
    known: HashMap<String, String>,
    book: File,
    worker: Option<Worker>,
    command: (PathBuf, PathBuf),
}

impl Answers {
    pub(super) fn open(options: &Options, venv: &Venv) -> Result<Self, Failure> {
        let folder = target().join("conformance");
        let path = folder.join(format!("{}.jsonl", options.name()));
        let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
        std::fs::create_dir_all(&folder).map_err(fail)?;
        if options.fresh {
            std::fs::write(&path, "").map_err(fail)?;
        }
        let mut known = HashMap::new();
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let mut lines = written.lines();
        while let (Some(question), Some(answer)) = (lines.next(), lines.next()) {
            known.insert(question.to_owned(), answer.to_owned());
        }
        // Whole pairs only: a run that was stopped may have left half of one.
        let whole: String = known.iter().map(|(question, answer)| format!("{question}\n{answer}\n")).collect();
        std::fs::write(&path, whole).map_err(fail)?;
        let book = File::options().append(true).open(&path).map_err(fail)?;
        Ok(Self { known, book, worker: None, command: (venv.program("python"), oracle()?.join("botocore_oracle.py")) })
    }

    /// Hands a case over, unless the answer is known.
    pub(super) fn ask(&mut self, question: &str) -> Result<(), Failure> {
        if self.known.contains_key(question) {
            return Ok(());
        }
        let (python, script) = &self.command;
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(Command::new(python).arg("-B").arg(script))?,
        };
        self.worker.insert(worker).ask(question)
    }

    /// Hands a case over and waits, when no other one is on its way.
    pub(super) fn ask_now(&mut self, question: &str) -> Result<Value, Failure> {
        self.ask(question)?;
        let answer = self.answer(question)?.to_string();
        self.known.insert(question.to_owned(), answer.clone());
        parse("botocore", &answer.replace(STAND_IN, "DEFAULT"))
    }

    pub(super) fn answer(&mut self, question: &str) -> Result<Value, Failure> {
        if let Some(answer) = self.known.get(question) {
            return parse("botocore", answer);
        }
        let Some(worker) = &mut self.worker else { return Err(Failure::new("botocore was not asked")) };
        let answer = worker.answer()?.trim_end().to_owned();
        writeln!(self.book, "{question}\n{answer}").map_err(|error| Failure::new(error.to_string()))?;
        parse("botocore", &answer)
    }
}

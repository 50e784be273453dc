//! The cases of a run, one JSON line each.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::options::{Options, Which};
use super::parse;
use crate::arguments::Failure;
use crate::command::{output, root};
use crate::venv::Venv;

/// The folder of the generator and of the botocore side.
pub(super) fn oracle() -> Result<PathBuf, Failure> {
    let folder = root().join("../shared/oracle");
    match folder.join("botocore_oracle.py").is_file() {
        true => Ok(folder),
        false => Err(Failure::new("NOT RUN: ../shared/oracle beside the work tree holds the cases and is not there")),
    }
}

/// The cases of a run. A source that would be asked only later is asked at once, since a session of ours knows
/// no such state.
pub(super) fn questions(options: &Options, venv: &Venv) -> Result<Vec<String>, Failure> {
    let lines = match options.which {
        Which::Hand => recorded("runs/hand_cases.jsonl")?,
        Which::Suites => recorded("runs/suites_47_cases.jsonl")?,
        Which::Generated => generated(options, venv)?,
    };
    lines.lines().filter(|line| !line.trim().is_empty()).map(at_once).collect()
}

fn recorded(name: &str) -> Result<String, Failure> {
    let path = oracle()?.join(name);
    std::fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn generated(options: &Options, venv: &Venv) -> Result<String, Failure> {
    let mut generator = Command::new(venv.program("python"));
    generator.arg("-B").arg(oracle()?.join("gen_cases.py"));
    generator.args(["--seed", &options.seed.to_string(), "--count", &options.count.to_string()]);
    if options.net {
        generator.arg("--net");
    }
    if !options.families.is_empty() {
        generator.args(["--family", &options.families]);
    }
    output(&mut generator)
}

fn at_once(line: &str) -> Result<String, Failure> {
    let mut case = parse("the generator", line)?;
    if let Value::Object(case) = &mut case {
        case.remove("freeze");
    }
    Ok(case.to_string())
}

//! Everything that must hold before a change lands.

use std::process::Command;

use crate::arguments::{Failure, flags};
use crate::command::{cargo, root, run};
use crate::steps::Steps;
use crate::venv::{TYPOS, Venv};
use crate::{features, supply, test, tidy};

pub(crate) const HELP: &str = "\
usage: cargo xtask ci [--no-tests]

Runs every check and shows a table at the end; a failed check does not stop the others.

  --no-tests  leave out the tests, for whoever has just run `cargo xtask test`";

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let given = flags(words, &["--no-tests"])?;
    let mut steps = Steps::default();
    steps.run("format", || run(&mut in_root(&["fmt", "--all", "--check"])));
    steps.run("tidy", || tidy::task(&[]));
    steps.run("licences, sources and duplicate versions", supply::check);
    steps.run("minimum Rust version of every dependency", supply::check_rust_versions);
    steps.run("spelling", spelling);
    steps.run("clippy", || {
        let words = ["clippy", "--workspace", "--all-targets", "--all-features", "--quiet", "--", "-D", "warnings"];
        run(&mut in_root(&words))
    });
    steps.run("features alone", features::check);
    steps.run("documents build without a warning", || {
        let words = ["doc", "--workspace", "--all-features", "--no-deps", "--quiet"];
        run(in_root(&words).env("RUSTDOCFLAGS", "-D warnings"))
    });
    if !given.contains(&"--no-tests") {
        steps.run("tests", || test::task(&[]));
    }
    steps.finish()
}

fn in_root(words: &[&str]) -> Command {
    let mut command = cargo();
    command.current_dir(root()).args(words);
    command
}

fn spelling() -> Result<(), Failure> {
    let typos = Venv::install(TYPOS)?;
    run(Command::new(typos.program("typos")).current_dir(root()))
}

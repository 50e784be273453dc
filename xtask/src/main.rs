//! Development tasks: `cargo xtask --help`.
//!
//! Plain programs around cargo, pip and the servers that the tests talk to. A task is a line of [`TASKS`] and a
//! function that takes the words after its name.
#![expect(
    clippy::disallowed_methods,
    reason = "tasks run programs, read the work tree and measure time; nothing here ships"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a task is for")]

mod arguments;
mod aws_cli;
mod ci;
mod command;
mod conformance;
mod features;
mod harness;
mod npm;
mod server;
mod size;
mod steps;
mod supply;
mod test;
mod tidy;
mod venv;
mod workspace;

use std::process::ExitCode;

use arguments::Failure;

/// One task.
struct Task {
    name: &'static str,
    about: &'static str,
    /// What `cargo xtask NAME --help` prints.
    help: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        about: "every test, the documentation's examples and real servers included",
        help: test::HELP,
        run: test::task,
    },
    Task { name: "ci", about: "every check that must hold before a change lands", help: ci::HELP, run: ci::task },
    Task {
        name: "size",
        about: "crates, CPU time, bytes and instructions, against budgets",
        help: size::HELP,
        run: size::task,
    },
    Task {
        name: "servers",
        about: "runs a command beside the servers that the tests use",
        help: server::HELP,
        run: server::task,
    },
    Task { name: "tidy", about: "the invariants that a program can check", help: tidy::HELP, run: tidy::task },
    Task {
        name: "conformance",
        about: "random questions to tucuxi and to the tool that everybody trusts, answers compared",
        help: conformance::HELP,
        run: conformance::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", overview());
        return Err(Failure::usage("name a task"));
    };
    if matches!(name.as_str(), "-h" | "--help" | "help") {
        print!("{}", overview());
        return Ok(());
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        return Err(Failure::usage(format!("no task is called {name}; `cargo xtask --help` lists them")));
    };
    if rest.iter().any(|word| matches!(word.as_str(), "-h" | "--help")) {
        println!("{}\n\n{}", task.about, task.help);
        return Ok(());
    }
    (task.run)(rest)
}

fn overview() -> String {
    let mut text = String::from("usage: cargo xtask TASK [OPTIONS]\n\ntasks:\n");
    for task in TASKS {
        text.push_str(&format!("  {:<12} {}\n", task.name, task.about));
    }
    text.push_str("\n`cargo xtask TASK --help` says more.\n");
    text
}

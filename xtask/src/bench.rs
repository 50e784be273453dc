//! How long the hot paths take.

use crate::arguments::Failure;
use crate::command::{cargo, root, run};

pub(crate) const HELP: &str = "\
usage: cargo xtask bench [NAME...]

Builds the benches in release mode, runs those named, or all, and holds what they measure against their budgets. Times
are of this machine at this moment: run it where nothing else does. Each bench also measures other ways to do the same
in the same run, for the ratios.

  cached-read  credentials out of the cache: alone, by eight threads, and while a refresh of 5 s runs";

struct Bench {
    name: &'static str,
    package: &'static str,
    target: &'static str,
}

const BENCHES: &[Bench] = &[Bench { name: "cached-read", package: "tucuxi-testkit", target: "cached_read" }];

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    if let Some(unknown) = words.iter().find(|word| !BENCHES.iter().any(|bench| bench.name == **word)) {
        return Err(Failure::usage(format!("{unknown} is no bench; `cargo xtask bench --help` lists them")));
    }
    let wanted = |bench: &&Bench| words.is_empty() || words.iter().any(|word| *word == bench.name);
    let broken: Vec<_> = BENCHES.iter().filter(wanted).filter(|bench| !holds(bench)).map(|bench| bench.name).collect();
    match broken.as_slice() {
        [] => Ok(()),
        names => Err(Failure::new(format!("not within budget: {}", names.join(", ")))),
    }
}

fn holds(bench: &Bench) -> bool {
    let mut command = cargo();
    command.current_dir(root()).args(["bench", "--quiet", "--package", bench.package, "--bench", bench.target]);
    match run(&mut command) {
        Ok(()) => true,
        Err(failure) => {
            println!("{failure}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bench_is_in_the_help_and_no_other_is_run() {
        assert!(BENCHES.iter().all(|bench| HELP.contains(bench.name)));
        let failure = task(&["cached-write".to_owned()]).unwrap_err();
        assert_eq!(failure.to_string(), "xtask: cached-write is no bench; `cargo xtask bench --help` lists them");
    }
}

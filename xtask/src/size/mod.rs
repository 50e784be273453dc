//! What each way of using the crates costs: crates to build, CPU time to build them, bytes, and instructions.

mod budget;
mod marginal;
mod measure;
mod probe;

use crate::arguments::{Failure, flags};
use budget::Budget;
use measure::{Measured, Profile};
use probe::{OTHERS, OURS, Probe};

pub(crate) const HELP: &str = "\
usage: cargo xtask size [--aws] [--small]

Builds tiny programs that depend on one part each, from nothing and as `cargo build --release` does, strips them, and
prints what they cost; then says which budgets hold. Each program resolves credentials the way a real one would;
tucuxi has the features default-chain and ring (and s3), without the API that its other default features add. What is
measured:

  crates        packages linked or run as macros, of normal dependencies, the program itself not counted
  CPU s         processor time of a clean build, user and system, of cargo and everything it starts; with --aws the
                default chain and aws-config are built three times in turn, and the least counts: what else the
                machine does can only add to it
  kB            the stripped program, in thousands of bytes
  instructions  from the start of the process to its end with keys in the environment, in millions (valgrind)

Then what each source adds, in crates and in bytes, to a program that has a session and keys from the environment.

  --aws         also aws-config (as it comes, and with the console sign-in) and aws-sdk-s3, built in the same run with
                the same profile, for the ratios; slow
  --small       with the profile `small` of Cargo.toml instead, that of a program that counts bytes";

/// One line of the table.
struct Row {
    probe: &'static Probe<'static>,
    measured: Measured,
}

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let given = flags(words, &["--aws", "--small"])?;
    let profile = if given.contains(&"--small") { Profile::Small } else { Profile::Release };
    let valgrind = measure::has_valgrind();
    let others: &[Probe<'_>] = if given.contains(&"--aws") { OTHERS } else { &[] };
    let mut rows = Vec::new();
    for probe in OURS.iter().chain(others) {
        println!("building {}", probe.name);
        rows.push(Row { probe, measured: measure::measure(probe, profile, valgrind)? });
    }
    if !others.is_empty() {
        build_again(&mut rows, profile)?;
    }

    println!("\n{:<24} {:>7} {:>8} {:>8} {:>14}", "", "crates", "CPU s", "kB", "instructions");
    for Row { probe, measured } in &rows {
        let instructions = measured.instructions.map_or_else(|| "-".to_owned(), |n| format!("{:.2} M", n as f64 / 1e6));
        let kilobytes = measured.bytes.div_ceil(1000);
        println!(
            "{:<24} {:>7} {:>8.1} {:>8} {:>14}",
            probe.name, measured.crates, measured.cpu_seconds, kilobytes, instructions
        );
    }
    let intruders = marginal::table(profile)?;
    println!();
    for intruder in &intruders {
        println!("FAIL a program that names one source carries another, {intruder}");
    }
    let broken = intruders.len() + Budget::all(&rows).into_iter().filter(|budget| !budget.print()).count();
    for remark in Budget::remarks(&rows) {
        println!("{remark}");
    }
    match broken {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{broken} budgets are exceeded"))),
    }
}

/// Single builds differ by more than what is left of the limit.
fn build_again(rows: &mut [Row], profile: Profile) -> Result<(), Failure> {
    for round in 2..=ROUNDS {
        for Row { probe, measured } in rows.iter_mut().filter(|row| COMPARED.contains(&row.probe.name)) {
            println!("building {}, {round} of {ROUNDS}", probe.name);
            let again = measure::measure(probe, profile, false)?;
            measured.cpu_seconds = measured.cpu_seconds.min(again.cpu_seconds);
        }
    }
    Ok(())
}

const ROUNDS: usize = 3;
/// The programs whose processor time has a limit that is near.
const COMPARED: [&str; 2] = ["default chain", "aws-config"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_again_is_there() {
        for name in COMPARED {
            assert!(OURS.iter().chain(OTHERS).any(|probe| probe.name == name), "{name}");
        }
    }
}

//! `cargo xtask conformance`: the same question to tucuxi and to the tool that everybody trusts.

mod chain;
mod random;
mod sigv4;
mod sigv4_case;
mod worker;

use crate::arguments::Failure;
use crate::harness::Tally;

pub(crate) const HELP: &str = "usage: cargo xtask conformance sigv4 [--seed N] [--count M]
       cargo xtask conformance chain [--seed N] [--count M] [--net] [--family a,b] [--fresh] [--show K]
                                      [--samples ID]
       cargo xtask conformance chain --hand | --suites
       cargo xtask conformance short

sigv4   signs M random requests (default 100000) with tucuxi-sigv4 and with botocore, and compares what
        would be sent; N (default 1) chooses the requests. Installs botocore under target/venv.

chain   asks a session of tucuxi and one of boto3 for their credentials in M (default 2000) random environments
        chosen by N (default 1), also with a scripted network (--net), or in those written by hand (--hand) or taken
        from botocore's own suites (--suites). Every difference is one of a named list or a failure; K (default 10)
        failures are shown in full, and as many cases that differ by the divergence ID. botocore's answers are remembered
        under target/conformance; --fresh asks again.

short   as much of both as `cargo xtask test` asks: 10,000 signatures, and 400 random chains besides those that are
        written down.";

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    match words.split_first() {
        Some((name, rest)) if name == "sigv4" => sigv4::run(rest),
        Some((name, rest)) if name == "chain" => chain::run(rest),
        Some((name, [])) if name == "short" => {
            chain::build()?;
            let mut tally = Tally::default();
            short(&mut tally)?;
            println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
            match tally.failed {
                0 => Ok(()),
                failed => Err(Failure::new(format!("{failed} answers differ from botocore's without a reason"))),
            }
        }
        Some((name, _)) => Err(Failure::usage(format!("there is no conformance check {name}\n{HELP}"))),
        None => Err(Failure::usage(format!("name a conformance check\n{HELP}"))),
    }
}

/// As much of each check as every change can wait for. `tucuxi-answers` must have been built.
pub(crate) fn short(tally: &mut Tally) -> Result<(), Failure> {
    let different = sigv4::differences(1, SIGNATURES)?;
    tally.passed += (SIGNATURES - different) as u64;
    tally.failed += different as u64;
    chain::short(tally)
}

/// How many questions [`short`] asks.
pub(crate) fn questions() -> u64 {
    SIGNATURES as u64 + chain::short_count()
}

const SIGNATURES: usize = 10_000;

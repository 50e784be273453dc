//! The `tucuxi` command: explains, exports and uses AWS credentials.

mod args;
mod explain;
mod export;
mod failure;
mod log;
mod mfa;
mod output;
mod quote;
mod s3;
mod signals;
mod whoami;
mod work;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use tucuxi::Session;

use crate::args::{Cli, SessionArgs, Verb};
use crate::failure::{Failure, USAGE};
use crate::output::{Output, note};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
                _ => USAGE,
            };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    log::show(cli.session.debug);
    match work::run(move || async move { run(&cli).await }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

async fn run(cli: &Cli) -> Result<(), Failure> {
    if let Verb::S3(verb) = &cli.verb {
        s3::check(verb)?;
    }
    let session = session(&cli.session).await?;
    let mut output = Output::new(cli.session.color, session.context().env());
    let done = work(cli, &session, &mut output).await;
    let is_told = match cli.verb {
        // Its answer has the warnings.
        Verb::Explain(_) => false,
        Verb::Whoami(_) => true,
        // Other tools write what does not count on purpose: while all goes well, nobody asked.
        Verb::Export(_) | Verb::S3(_) => done.is_err(),
    };
    if is_told {
        let failure = done.as_ref().err().map(ToString::to_string).unwrap_or_default();
        for warning in session.warnings().iter().filter(|warning| !failure.contains(*warning)) {
            note(&format!("warning: {warning}"));
        }
    }
    done
}

async fn work(cli: &Cli, session: &Session, output: &mut Output) -> Result<(), Failure> {
    match &cli.verb {
        Verb::Explain(args) => explain::run(session, args, output).await,
        Verb::Export(args) => export::run(session, args.format, output).await,
        Verb::Whoami(args) => {
            whoami::run(session, args, output).await.map_err(|failure| failure.naming_endpoint(session, "sts"))
        }
        Verb::S3(verb) => {
            s3::run(session, verb, output).await.map_err(|failure| failure.naming_endpoint(session, "s3"))
        }
    }
}

async fn session(args: &SessionArgs) -> Result<Session, Failure> {
    let mut builder = mfa::asked_at_the_terminal(Session::builder());
    if let Some(profile) = &args.profile {
        builder = builder.profile_name(profile);
    }
    if let Some(region) = &args.region {
        builder = builder.region(region);
    }
    if let Some(url) = &args.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    if let Some(path) = &args.ca_bundle {
        builder = builder.ca_bundle(path);
    }
    if let Some(seconds) = args.connect_timeout {
        builder = builder.connect_timeout(Duration::from_secs(seconds));
    }
    if let Some(seconds) = args.read_timeout {
        builder = builder.read_timeout(Duration::from_secs(seconds));
    }
    builder.load().await.map_err(|error| Failure::from(error).naming_flags())
}

fn report(failure: &Failure) -> ExitCode {
    note(&format!("tucuxi: {failure}"));
    failure.exit_code()
}

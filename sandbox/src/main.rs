//! `tucuxi-sandbox tour` walks through a sandbox; `tucuxi-sandbox serve` keeps one running.

mod serve;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tucuxi_core::{Env, Error};
use tucuxi_sandbox::{Sandbox, Tour};

/// A strict loopback AWS: instance metadata, STS, IAM Identity Center, console sign-in and S3, without an account.
#[derive(Debug, Parser)]
#[command(name = "tucuxi-sandbox", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start a sandbox, find credentials in every way, use S3 and another service with them, and end.
    Tour {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a sandbox running until Ctrl-C; prints the variables that point any AWS SDK at it.
    Serve(serve::Options),
    /// Print the sandbox's long-term keys as a credential process does; the tour calls it.
    #[command(hide = true)]
    Credentials,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to standard output and is no failure.
            let failed = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if failed { USAGE } else { 0 });
        }
    };
    let done = match arguments.verb {
        Verb::Tour { json } => tour(json).await,
        Verb::Serve(options) => serve::serve(options).await,
        Verb::Credentials => print(&Tour::helper_document(&Sandbox::static_credentials())).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "tucuxi-sandbox: {}", error.report());
        ExitCode::from(FAILURE)
    })
}

async fn tour(json: bool) -> Result<ExitCode, Error> {
    let sandbox = Sandbox::start().await?;
    let this = std::env::current_exe()
        .map_err(|error| Error::unavailable("cannot find out where this program is").with_source(error))?;
    let tour = Tour::take(&sandbox, Some(&this)).await;
    sandbox.shutdown().await;
    let text = match json {
        true => format!("{:#}\n", tour.to_json()),
        false => tour.text(colours()?),
    };
    print(&text)?;
    Ok(ExitCode::from(if tour.is_success() { 0 } else { FAILURE }))
}

fn colours() -> Result<bool, Error> {
    let env = Env::real();
    let dumb = env.var("TERM")?.is_some_and(|term| term == "dumb");
    Ok(env.var("NO_COLOR")?.is_none() && !dumb && io::stdout().is_terminal())
}

/// Writes to standard output; nobody there to read is no failure.
fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::unavailable("cannot write to standard output").with_source(error))
        }
        _ => Ok(()),
    }
}

const USAGE: u8 = 252;
const FAILURE: u8 = 255;

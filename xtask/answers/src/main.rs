//! Reads cases of the credential chain, one a line, and prints for each what a [`tucuxi::Session`] makes of it.
//!
//! The cases and the answers have the form of the botocore side of `cargo xtask conformance chain`.
#![expect(clippy::disallowed_methods, reason = "makes files and folders for each case; nothing here ships")]
#![expect(clippy::print_stdout, reason = "the answers go there")]

mod answer;
mod case;
mod network;
mod place;
mod world;

use std::io::{BufRead, Write};

use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str(&line) {
            Ok(case) => runtime.block_on(answer::answer(&case)),
            Err(error) => json!({ "broken": error.to_string() }),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

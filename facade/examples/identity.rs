//! Which identity this machine has, and why: `cargo run -p tucuxi --example identity`.
//!
//! With `--probe` instance metadata, STS and helper programs are asked too.

use tucuxi::{Error, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let probe = std::env::args().any(|argument| argument == "--probe");
    run(&Session::load().await?, probe).await
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it finds")]
pub(crate) async fn run(session: &Session, probe: bool) -> Result<(), Error> {
    for warning in session.warnings() {
        eprintln!("warning: {warning}");
    }
    let profile = session.settings().profile_name();
    println!("profile {} ({})", profile.value(), profile.origin());
    match session.settings().region()? {
        Some(region) => println!("region {} ({})", region.value(), region.origin()),
        None => println!("no region"),
    }
    let trace = if probe { session.trace().await } else { session.trace_offline().await };
    print!("{trace}");
    Ok(())
}

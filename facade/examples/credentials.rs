//! The least that a program does: `cargo run -p tucuxi --example credentials`.

use tucuxi::{Error, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(&Session::load().await?).await
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(session: &Session) -> Result<(), Error> {
    let credentials = session.credentials().provide_credentials().await?;
    println!("{} ({})", credentials.access_key_id(), credentials.provenance());
    Ok(())
}

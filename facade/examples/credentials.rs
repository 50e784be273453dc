//! The least that a program does: `cargo run -p tucuxi --example credentials`.

use tucuxi::{Error, Session};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn main() -> Result<(), Error> {
    let session = Session::load().await?;
    let credentials = session.credentials().provide_credentials().await?;
    println!("{} ({})", credentials.access_key_id(), credentials.provenance());
    Ok(())
}

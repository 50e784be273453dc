//! Lists buckets: `cargo run -p tucuxi --example list_buckets`.

use tucuxi::Session;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    run(&Session::load().await?).await
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(session: &Session) -> Result<(), Box<dyn std::error::Error>> {
    let mut buckets = session.s3().buckets();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{}", bucket.name());
    }
    Ok(())
}

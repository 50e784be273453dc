//! One source, no session and no chain: `cargo run -p tucuxi --no-default-features --features env --example
//! single_provider`.

use tucuxi::env::EnvProvider;
use tucuxi::{Cache, Context, system};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn main() {
    match cache(&system()).provide_credentials().await {
        Ok(credentials) => println!("{} ({})", credentials.access_key_id(), credentials.provenance()),
        Err(error) => println!("{}", error.report()),
    }
}

pub(crate) fn cache(context: &Context) -> Cache {
    Cache::new(context, EnvProvider::new(context))
}

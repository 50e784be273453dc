//! An S3 client with its own keys, no session and no chain:
//! `KEY_ID=AKID SECRET=secret cargo run -p tucuxi --example own_keys -- ENDPOINT`.

use tucuxi::{Context, Credentials, s3, system};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = system();
    let (Some(id), Some(secret)) = (context.env().var("KEY_ID")?, context.env().var("SECRET")?) else {
        return Err("set KEY_ID and SECRET".into());
    };
    let endpoint = std::env::args().nth(1).ok_or("name an endpoint")?;
    run(&context, Credentials::new(id, secret), &endpoint).await
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(
    context: &Context,
    credentials: Credentials,
    endpoint: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let s3 = s3::Client::builder(context).credentials(credentials).region("us-east-1").endpoint(endpoint).build()?;
    let mut buckets = s3.buckets();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{}", bucket.name());
    }
    Ok(())
}

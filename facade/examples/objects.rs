//! A bucket and what is in it: `cargo run -p tucuxi --example objects -- BUCKET`. The bucket is made and removed.

use std::time::Duration;

use tucuxi::Session;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bucket = std::env::args().nth(1).ok_or("name a bucket that does not exist yet")?;
    run(&Session::load().await?, &bucket).await
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(session: &Session, bucket: &str) -> Result<(), Box<dyn std::error::Error>> {
    let s3 = session.s3();
    s3.create_bucket(bucket).await?;
    s3.put_object(bucket, "logs/today").body("hello, world").await?;
    let text = s3.get_object(bucket, "logs/today").range(0..5).await?.text().await?;
    assert_eq!(text, "hello");

    let mut logs = s3.list_objects(bucket).prefix("logs/").objects();
    while let Some(object) = logs.try_next().await? {
        println!("{} ({} bytes)", object.key(), object.size());
    }
    let link = s3.get_object(bucket, "logs/today").presign(Duration::from_secs(900)).await?;
    println!("for whoever has this link, for a quarter of an hour: {}", link.url());

    // boto3's resource style, a thin handle.
    s3.bucket(bucket).object("logs/today").delete().await?;
    match s3.head_object(bucket, "logs/today").await {
        Err(error) if error.is_not_found() => println!("gone"),
        Err(error) if error.code() == Some("InvalidAccessKeyId") => println!("{}", error.report()),
        other => println!("still there: {:?} bytes", other?.size()),
    }
    s3.delete_bucket(bucket).await?;
    Ok(())
}

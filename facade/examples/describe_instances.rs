//! The EC2 instances of a region, by a signed request to a service that has no client here:
//! `cargo run -p tucuxi --example describe_instances`.

use tucuxi::{Session, http};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = Session::load().await?;
    let request = http::Request::post("/").body("Action=DescribeInstances&Version=2016-11-15")?;
    let response = session.send("ec2", request).await?;
    let status = response.status();
    let document = response.into_body().collect(10 * 1024 * 1024).await?;
    let document = std::str::from_utf8(&document)?;
    if !status.is_success() {
        return Err(format!("EC2 answered {status}: {document}").into());
    }
    for instance in document.split("<instanceId>").skip(1) {
        println!("{}", instance.split('<').next().unwrap_or_default());
    }
    Ok(())
}

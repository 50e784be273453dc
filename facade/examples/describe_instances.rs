//! The EC2 instances of a region, by a signed request to a service that has no client here:
//! `cargo run -p tucuxi --example describe_instances`.

use tucuxi::{Session, http};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for instance in run(&Session::load().await?).await? {
        println!("{instance}");
    }
    Ok(())
}

pub(crate) async fn run(session: &Session) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let request = http::Request::post("/").body("Action=DescribeInstances&Version=2016-11-15")?;
    let response = session.send("ec2", request).await?;
    let status = response.status();
    let document = response.into_body().collect(10 * 1024 * 1024).await?;
    let document = std::str::from_utf8(&document)?;
    if !status.is_success() {
        return Err(format!("EC2 answered {status}: {document}").into());
    }
    let ids = document.split("<instanceId>").skip(1);
    Ok(ids.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect())
}

//! boto3's sessions, and a role that renews itself: `cargo run -p tucuxi --example sessions -- PROFILE ROLE_ARN`.

use tucuxi::{Error, Session, SessionBuilder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(profile), Some(role)) = (arguments.next(), arguments.next()) else {
        return Err("name a profile and the ARN of a role".into());
    };
    Ok(run(Session::builder, &profile, &role).await?)
}

/// Two sessions never share state.
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(builder: impl Fn() -> SessionBuilder, profile: &str, role: &str) -> Result<(), Error> {
    let keys = builder().access_key("AKIDEXAMPLE", "secret").session_token("token").load().await?;
    let prod = builder().profile_name(profile).region("eu-west-1").load().await?;
    let reader = prod.assume_role(role).session_name("reading").session();
    for session in [&keys, &prod, &reader] {
        let credentials = session.credentials().provide_credentials().await?;
        println!("{} ({})", credentials.access_key_id(), credentials.provenance());
    }
    println!("{}", reader.caller_identity().await?.arn());
    Ok(())
}

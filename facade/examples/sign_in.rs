//! A sign-in to IAM Identity Center on any device, and what it opens. Profiles with that start URL, and the AWS CLI, use
//! it from then on: `cargo run -p tucuxi --example sign_in -- SESSION START_URL REGION`.

use tucuxi::sso::{DeviceSignIn, Portal, SignInSettings};
use tucuxi::{Context, Error, Region};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a person reads it")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [session, start_url, region] = &arguments[..] else {
        return Err("name an sso-session of the config file, its start URL and its region".into());
    };
    let settings = SignInSettings::new(start_url, Region::new(region)?).with_session(session);
    let show = |sign_in: &DeviceSignIn| {
        eprintln!("open {} and check that it shows {}", sign_in.verification_uri_complete(), sign_in.user_code());
    };
    Ok(run(&tucuxi::system(), settings, show).await?)
}

/// Signs in, and lists the roles of every account.
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
pub(crate) async fn run(
    context: &Context,
    settings: SignInSettings,
    show: impl FnOnce(&DeviceSignIn),
) -> Result<(), Error> {
    let sign_in = DeviceSignIn::start(context, settings.clone()).await?;
    show(&sign_in);
    sign_in.wait().await?;
    let portal = Portal::new(context, settings);
    let mut accounts = portal.accounts();
    while let Some(account) = accounts.try_next().await? {
        let mut roles = portal.roles(&account.id);
        while let Some(role) = roles.try_next().await? {
            println!("{} {} {}", account.id, account.name.as_deref().unwrap_or_default(), role.name);
        }
    }
    Ok(())
}

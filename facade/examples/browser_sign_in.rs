//! A sign-in to IAM Identity Center in the browser of this machine, the accounts that it opens, and out again:
//! `cargo run -p tucuxi --example browser_sign_in -- SESSION START_URL REGION`.

use std::time::Duration;

use tucuxi::sso::{BrowserSignIn, Portal, SignInSettings, sign_out};
use tucuxi::{Callback, Context, Error, Region};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a person reads it")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [session, start_url, region] = &arguments[..] else {
        return Err("name an sso-session of the config file, its start URL and its region".into());
    };
    let settings = SignInSettings::new(start_url, Region::new(region)?).with_session(session);
    Ok(run(&tucuxi::system(), settings, |sign_in| eprintln!("open {}", sign_in.authorize_url())).await?)
}

/// Signs in, lists the accounts, and signs out whatever comes of that.
pub(crate) async fn run(
    context: &Context,
    settings: SignInSettings,
    show: impl FnOnce(&BrowserSignIn),
) -> Result<(), Error> {
    // The URL names the port, so somebody listens there before it is shown.
    let callback = Callback::listen().await?;
    let sign_in = BrowserSignIn::start(context, settings.clone(), callback.port()).await?;
    show(&sign_in);
    let query = callback.query(sign_in.state(), PATIENCE).await?;
    sign_in.redeem(&sign_in.code_from_callback(query.expose())?).await?;
    let listed = list(&Portal::new(context, settings.clone())).await;
    sign_out(context, &settings).await?;
    listed
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn list(portal: &Portal) -> Result<(), Error> {
    let mut accounts = portal.accounts();
    while let Some(account) = accounts.try_next().await? {
        println!("{} {}", account.id, account.name.as_deref().unwrap_or_default());
    }
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(600);

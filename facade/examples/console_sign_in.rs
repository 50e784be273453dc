//! A console sign-in in a browser on any device, the keys that it gives, and out again:
//! `cargo run -p tucuxi --example console_sign_in -- REGION`.

use tucuxi::login::{EndpointOptions, LoginProvider, LoginSettings, SignIn, sign_out};
use tucuxi::{Context, Error, ProvideCredentials, Region};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a person reads it")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [region] = &arguments[..] else { return Err("name the region of the console".into()) };
    let paste = async |sign_in: &SignIn| {
        eprintln!("open {}\nand paste the text that the page shows at the end:", sign_in.authorize_url());
        let mut text = String::new();
        let read = std::io::stdin().read_line(&mut text);
        read.map(|_| text).map_err(|error| Error::unavailable("nothing was pasted").with_source(error))
    };
    Ok(run(&tucuxi::system(), &Region::new(region)?, &EndpointOptions::default(), paste).await?)
}

/// Signs in, shows whose keys that gives, and signs out whatever comes of that.
pub(crate) async fn run(
    context: &Context,
    region: &Region,
    endpoints: &EndpointOptions,
    paste: impl AsyncFnOnce(&SignIn) -> Result<String, Error>,
) -> Result<(), Error> {
    let sign_in = SignIn::cross_device(region, endpoints)?;
    let code = sign_in.code_from_paste(&paste(&sign_in).await?)?;
    let signed_in = sign_in.redeem(context, &code).await?;
    signed_in.keep(context).await?;
    // Every profile with this `login_session` uses it from here on.
    let settings = LoginSettings::new(&signed_in.session).with_region(region.clone()).with_endpoints(endpoints.clone());
    let shown = show(&LoginProvider::new(context, settings)).await;
    sign_out(context, &signed_in.session).await?;
    shown
}

#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn show(provider: &LoginProvider) -> Result<(), Error> {
    let credentials = provider.provide_credentials().await?;
    println!("{} ({})", credentials.access_key_id(), credentials.provenance());
    Ok(())
}

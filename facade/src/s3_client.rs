//! The session's settings as the S3 client takes them.

use tucuxi_core::{Error, Region};
use tucuxi_s3_lite::{Addressing, Client};

use crate::settings::{AddressingStyle, Origin, Setting, exclude};
use crate::{S3Settings, Session, Settings};

impl Session {
    /// An S3 client with the session's credentials, region, endpoint and limits.
    ///
    /// All clients of a session share what they learn about buckets, and the budget for sending again. A
    /// setting that cannot be used is the error of the first call.
    ///
    /// - Reads, when first called: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`
    /// - Network: none
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
    /// # let context = tucuxi::Context::local().with_env(tucuxi::Env::fake([("HOME", "/nowhere")]));
    /// let session = tucuxi::Session::builder().access_key("AKID", "secret").context(context).load().await?;
    /// let listing = session.s3().list_objects("my-bucket").prefix("logs/");
    /// # Ok(()) }
    /// ```
    pub fn s3(&self) -> Client {
        self.s3_cell().get_or_init(|| client(self)).clone()
    }
}

fn client(session: &Session) -> Client {
    let settings = session.settings();
    let mut builder =
        Client::builder(session.context()).credentials_cache(session.credentials()).limits(settings.http_options());
    match choices(settings) {
        Ok(Choices { region, endpoint, s3 }) => {
            if let Some(region) = region {
                builder = builder.region(region);
            }
            if let Some(endpoint) = endpoint {
                builder = builder.endpoint(endpoint.into_value());
            }
            builder = builder
                .addressing(match s3.addressing_style().map(Setting::value) {
                    Some(AddressingStyle::Path) => Addressing::Path,
                    Some(AddressingStyle::Virtual) => Addressing::Virtual,
                    Some(AddressingStyle::Auto) | None => Addressing::Auto,
                })
                .dual_stack(on(dual_stack(settings, &s3)))
                .accelerate(on(s3.use_accelerate_endpoint()));
        }
        Err(error) => builder = builder.invalid(error),
    }
    let retry = settings.retry_policy();
    builder = builder.max_attempts(retry.max_attempts).retry_mode(retry.mode);
    if session.is_anonymous() {
        builder = builder.anonymous();
    }
    builder.fips(on(settings.use_fips_endpoint())).deferred()
}

fn on(setting: Option<&Setting<bool>>) -> bool {
    setting.is_some_and(|setting| *setting.value())
}

struct Choices<'a> {
    region: Option<&'a Region>,
    endpoint: Option<Setting<String>>,
    s3: S3Settings,
}

fn choices(settings: &Settings) -> Result<Choices<'_>, Error> {
    let region = settings.region()?.map(Setting::value);
    let endpoint = settings.endpoint_url_for("s3")?;
    let s3 = settings.s3()?;
    if let Some(endpoint) = &endpoint {
        let kinds = [
            ("FIPS endpoints", settings.use_fips_endpoint()),
            ("dual-stack endpoints", dual_stack(settings, &s3)),
            ("S3 Accelerate", s3.use_accelerate_endpoint()),
        ];
        exclude(endpoint, &kinds)?;
    }
    Ok(Choices { region, endpoint, s3 })
}

/// Code, then the `s3` section, then what holds for every service.
fn dual_stack<'a>(settings: &'a Settings, s3: &'a S3Settings) -> Option<&'a Setting<bool>> {
    let general = settings.use_dualstack_endpoint();
    match (general, s3.use_dualstack_endpoint()) {
        (Some(general), Some(_)) if *general.origin() == Origin::Code => Some(general),
        (general, special) => special.or(general),
    }
}

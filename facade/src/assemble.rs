//! From settings to providers: the only file that knows which providers a build has.

#[cfg(feature = "profile")]
use std::sync::Arc;

#[cfg(feature = "profile")]
use tucuxi_core::SharedProvider;
use tucuxi_core::{BoxFuture, Context, Error, Region};
#[cfg(feature = "profile")]
use tucuxi_core::{ErrorKind, failure};
#[cfg(feature = "profile")]
use tucuxi_provider_profile::{Assemble, Base, Role};

use crate::Settings;
#[cfg(all(feature = "profile", feature = "sts"))]
use crate::assume::{assume_in_profile, web_identity};
#[cfg(feature = "imds")]
use crate::settings::Origin;
#[cfg(feature = "default-chain")]
use crate::source::refusal;

/// What makes the sources that a profile names.
#[cfg(feature = "profile")]
pub(crate) fn assembly(context: &Context, settings: &Settings) -> Arc<dyn Assemble> {
    Arc::new(Assembly { context: context.clone(), settings: settings.clone() })
}

#[cfg(feature = "profile")]
#[derive(Debug)]
struct Assembly {
    context: Context,
    settings: Settings,
}

#[cfg(feature = "profile")]
impl Assemble for Assembly {
    fn base(&self, base: &Base<'_>) -> Result<SharedProvider, Error> {
        let Self { context, settings } = self;
        // Keys of a file need neither.
        let _ = (context, settings);
        match base {
            Base::StaticKeys(credentials) => Ok(credentials.clone().into()),
            #[cfg(feature = "env")]
            Base::Environment => Ok(tucuxi_provider_env::EnvProvider::new(context).into()),
            #[cfg(feature = "container")]
            Base::Container => Ok(container(context)),
            #[cfg(feature = "imds")]
            Base::Imds => Ok(imds(context, settings)),
            #[cfg(feature = "process")]
            Base::Process(process) => Ok(helper(context, process)),
            #[cfg(feature = "sts")]
            Base::WebIdentity(web) => web_identity(context, settings, web),
            #[cfg(feature = "sso")]
            Base::Sso(sso) => identity_center(context, settings, sso),
            #[cfg(feature = "login")]
            Base::Login(login) => console(context, settings, login),
            absent => Err(off(feature_of(absent))),
        }
    }

    #[cfg(feature = "sts")]
    fn assume(&self, role: &Role<'_>, source: SharedProvider) -> Result<SharedProvider, Error> {
        Ok(assume_in_profile(&self.context, &self.settings, role, source))
    }

    #[cfg(not(feature = "sts"))]
    fn assume(&self, _: &Role<'_>, _: SharedProvider) -> Result<SharedProvider, Error> {
        Err(off("sts"))
    }
}

#[cfg(feature = "profile")]
fn feature_of(base: &Base<'_>) -> &'static str {
    match base {
        Base::Environment => "env",
        Base::Container => "container",
        Base::Imds => "imds",
        Base::WebIdentity(_) => "sts",
        Base::Sso(_) => "sso",
        Base::Login(_) => "login",
        Base::Process(_) => "process",
        _ => "default-chain",
    }
}

/// A step that this build cannot do; the plan adds who asked for it and makes it `InvalidConfig`.
#[cfg(feature = "profile")]
#[cold]
fn off(feature: &'static str) -> Error {
    failure(
        ErrorKind::NotConfigured,
        format_args!("this build of tucuxi lacks the feature `{feature}`"),
        Some(format_args!("turn on the feature `{feature}` of the crate tucuxi")),
    )
}

/// IAM Identity Center.
#[cfg(all(feature = "profile", feature = "sso"))]
#[inline(never)]
fn identity_center(
    context: &Context,
    settings: &Settings,
    sso: &tucuxi_provider_profile::Sso<'_>,
) -> Result<SharedProvider, Error> {
    let endpoints = identity_center_endpoints(settings)?;
    let (retry, limits) = (settings.retry_policy(), settings.http_options());
    let mut role =
        tucuxi_provider_sso::SsoSettings::new(sso.start_url, sso.region.clone(), sso.account_id, sso.role_name);
    role.session = sso.session.map(str::to_owned);
    let provider = tucuxi_provider_sso::SsoProvider::new(context, role);
    Ok(provider.with_endpoints(endpoints).with_retry(retry).with_limits(limits).into())
}

#[cfg(all(feature = "profile", feature = "sso"))]
#[inline(never)]
fn identity_center_endpoints(settings: &Settings) -> Result<tucuxi_provider_sso::EndpointOptions, Error> {
    let mut endpoints = tucuxi_provider_sso::EndpointOptions::default();
    endpoints.fips = settings.is_fips();
    endpoints.dual_stack = settings.is_dual_stack();
    (endpoints.portal_url, endpoints.portal_origins) = settings.endpoint("sso")?;
    (endpoints.oidc_url, endpoints.oidc_origins) = settings.endpoint("sso-oidc")?;
    Ok(endpoints)
}

/// Console sign-in.
#[cfg(all(feature = "profile", feature = "login"))]
#[inline(never)]
fn console(
    context: &Context,
    settings: &Settings,
    login: &tucuxi_provider_profile::Login<'_>,
) -> Result<SharedProvider, Error> {
    let (region, (url, origins)) = (settings.region_value()?, settings.endpoint("signin")?);
    let mut endpoints = tucuxi_provider_login::EndpointOptions::default();
    endpoints.url = url;
    endpoints.origins = origins;
    endpoints.fips = settings.is_fips();
    endpoints.dual_stack = settings.is_dual_stack();
    let mut login = tucuxi_provider_login::LoginSettings::new(login.session);
    login.region = region;
    login.endpoints = endpoints;
    login.limits = settings.http_options();
    Ok(tucuxi_provider_login::LoginProvider::new(context, login).into())
}

/// A helper program.
#[cfg(all(feature = "profile", feature = "process"))]
#[inline(never)]
fn helper(context: &Context, process: &tucuxi_provider_profile::Process<'_>) -> SharedProvider {
    let provider = tucuxi_provider_process::ProcessProvider::new(context, process.command);
    match process.account_id {
        Some(account_id) => provider.with_account_id(account_id).into(),
        None => provider.into(),
    }
}

/// The container endpoint.
#[cfg(all(feature = "profile", feature = "container"))]
pub(crate) fn container(context: &Context) -> SharedProvider {
    tucuxi_provider_container::ContainerProvider::new(context).into()
}

/// Instance metadata.
#[cfg(all(feature = "profile", feature = "imds"))]
#[inline(never)]
pub(crate) fn imds(context: &Context, settings: &Settings) -> SharedProvider {
    tucuxi_provider_imds::ImdsProvider::from(imds_client(context, settings)).into()
}

#[cfg(feature = "imds")]
#[inline]
fn imds_client(context: &Context, settings: &Settings) -> tucuxi_provider_imds::ImdsClient {
    let files = settings.files();
    tucuxi_provider_imds::ImdsClient::new(context).with_profile(|key| {
        let found = files.value(key)?;
        match found.origin() {
            Origin::File(location) => Some((found.value().clone(), location.clone())),
            _ => None,
        }
    })
}

/// The region that instance metadata tells.
#[cfg(feature = "imds")]
#[inline]
pub(crate) fn region_from_imds(context: &Context, settings: &Settings) -> BoxFuture<'static, Result<Region, Error>> {
    let client = imds_client(context, settings);
    Box::pin(async move { client.region().await })
}

#[cfg(not(feature = "imds"))]
#[inline]
pub(crate) fn region_from_imds(_: &Context, _: &Settings) -> BoxFuture<'static, Result<Region, Error>> {
    Box::pin(std::future::ready(Err(Error::invalid_config(
        "the region cannot be asked of instance metadata: this build of tucuxi lacks the feature `imds`",
    )
    .with_hint("turn on the feature `imds` of the crate tucuxi"))))
}

/// Environment keys; a profile given in code switches them off.
#[cfg(feature = "default-chain")]
#[inline]
pub(crate) fn env(context: &Context, settings: &Settings) -> SharedProvider {
    let profile = settings.profile_name();
    if *profile.origin() == Origin::Code {
        let reason = format!("variables are not asked, since profile {:?} was given in code", profile.value());
        return refusal(Error::not_configured(reason));
    }
    tucuxi_provider_env::EnvProvider::new(context).into()
}

#[cfg(all(feature = "default-chain", feature = "ring"))]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tucuxi_core::{Env, Fs, HttpOptions};
    use tucuxi_testkit::{FakeClock, ScriptedHttp, block_on};

    use crate::Session;

    const CONFIG: &str = "[profile corp]\nsso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = r\n\
        [sso-session my-sso]\nsso_start_url = https://e.awsapps.com/start\nsso_region = us-east-1\n\
        [profile console]\nregion = eu-west-1\nlogin_session = arn:aws:sts::123456789012:assumed-role/Admin/me\n";
    const SSO: &str = r#"{"accessToken":"t","expiresAt":"2026-01-01T00:04:00Z","clientId":"C","clientSecret":"CS",
        "registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT"}"#;
    const LOGIN: &str = include_str!(
        "../tests/scenarios/login_refreshed/home/.aws/login/cache/c03a7323bda916bba892295dd46ea73c98866a0ad0a2606cb839909f35fbc865.json"
    );

    /// Every service that is asked for a sign-in about to end refuses, and so is asked once.
    #[track_caller]
    fn check(profile: &str, hosts: &[&str]) {
        let files = [
            ("/h/.aws/config", CONFIG),
            ("/h/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json", SSO),
            ("/h/.aws/login/cache/c03a7323bda916bba892295dd46ea73c98866a0ad0a2606cb839909f35fbc865.json", LOGIN),
        ];
        let http = ScriptedHttp::from_fn(|_| Ok(http::Response::builder().status(403).body("".into()).unwrap()));
        let context = tucuxi_testkit::context()
            .with_env(Env::fake([("HOME", "/h")]))
            .with_fs(Fs::fake(files))
            .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
            .with_http(http.clone());
        let (connect, read) = (Duration::from_millis(1700), Duration::from_secs(7));
        let builder = Session::builder().context(context).profile_name(profile);
        let session = block_on(builder.connect_timeout(connect).read_timeout(read).load()).unwrap();
        drop(block_on(session.credentials().provide_credentials()));
        let seen = http.seen();
        let asked: Vec<_> = seen.iter().filter_map(|seen| seen.url.split('/').nth(2)).collect();
        assert_eq!(asked, hosts, "{profile}");
        for seen in &seen {
            let HttpOptions { connect: to_connect, first_byte, idle, .. } = seen.options;
            assert_eq!((to_connect, first_byte, idle), (connect, read, read), "{}", seen.url);
        }
    }

    #[test]
    fn time_limits_of_a_session_reach_the_services_of_sign_ins() {
        check("corp", &["oidc.us-east-1.amazonaws.com", "portal.sso.us-east-1.amazonaws.com"]);
        check("console", &["eu-west-1.signin.aws.amazon.com"]);
    }
}

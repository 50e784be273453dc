//! Where a request goes, by the session's settings. Pure.

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use tucuxi_core::{Error, Region};

use super::service::{Kind, Place, Service};
use crate::Settings;
use crate::settings::exclude;

/// Where a request goes and what signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) uri: Uri,
    pub(crate) region: String,
    pub(crate) signing_name: String,
}

/// The endpoint of the service with the path and query of `uri`; a `uri` with a host is taken as it is.
pub(crate) fn target(settings: &Settings, name: &str, region: Option<&Region>, uri: &Uri) -> Result<Target, Error> {
    let service = Service::named(name)?;
    let region = match region {
        Some(region) => Some(region),
        None => settings.region()?.map(|region| region.value()),
    };
    let on = |setting: Option<&crate::Setting<bool>>| setting.is_some_and(|setting| *setting.value());
    let kind = Kind { fips: on(settings.use_fips_endpoint()), dual_stack: on(settings.use_dualstack_endpoint()) };
    let place = service.place(region, kind);
    let signed = |uri| {
        let region = place.as_ref().map_or(UNTOLD, |place| place.region.as_str()).to_owned();
        Target { uri, region, signing_name: service.signing_name().to_owned() }
    };
    if uri.authority().is_some() {
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(Error::invalid_config(
                "the request's URL is neither a path nor starts with http:// or https://",
            )
            .with_hint("begin a path with a slash"));
        }
        return Ok(signed(uri.clone()));
    }
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    if let Some(endpoint) = settings.endpoint_url_for(service.id())? {
        exclude(
            &endpoint,
            &[
                ("FIPS endpoints", settings.use_fips_endpoint()),
                ("dual-stack endpoints", settings.use_dualstack_endpoint()),
            ],
        )?;
        let base: Uri = endpoint.value().parse().map_err(unusable)?;
        let prefix = base.path().trim_end_matches('/');
        let scheme = base.scheme().cloned().unwrap_or(Scheme::HTTPS);
        let authority = base.authority().cloned().ok_or_else(|| unusable("no host"))?;
        return Ok(signed(joined(scheme, authority, &format!("{prefix}{path}"))?));
    }
    let Some(Place { host, .. }) = &place else {
        return Err(Error::invalid_config(format!("no region is set, and {name} has an endpoint in each region"))
            .with_hint("set AWS_REGION, or give the session a region"));
    };
    let authority = Authority::try_from(host.as_str()).map_err(unusable)?;
    Ok(signed(joined(Scheme::HTTPS, authority, path)?))
}

fn joined(scheme: Scheme, authority: Authority, path: &str) -> Result<Uri, Error> {
    Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().map_err(unusable)
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid_config("the endpoint and the request's path make no URL").with_source(error)
}

/// What signs requests to an endpoint of the program's own when nobody names a region.
const UNTOLD: &str = "us-east-1";

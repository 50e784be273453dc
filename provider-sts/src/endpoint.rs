//! Where the service is.

use std::fmt;

use http::Uri;
use tucuxi_core::{Error, ErrorKind, Partition, failure};

use crate::StsSettings;

/// Where requests go and what signs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) uri: Uri,
    pub(crate) signing_region: String,
}

impl Endpoint {
    pub(crate) fn of(settings: &StsSettings) -> Result<Self, Error> {
        match &settings.region {
            Some(region) => Self::resolve(settings, Some(region.as_str())),
            None if settings.endpoint_url.is_some() => Self::resolve(settings, None),
            None if settings.use_fips || settings.use_dual_stack => Err(no_region(format_args!(
                "FIPS and dual-stack endpoints of STS exist only in regions, and none is set"
            ))),
            None => Self::resolve(settings, Some(GLOBAL)),
        }
    }

    /// AWS's endpoint rules for this service.
    fn resolve(settings: &StsSettings, region: Option<&str>) -> Result<Self, Error> {
        if let Some(url) = &settings.endpoint_url {
            return Self::custom(settings, url, region);
        }
        let region = region.ok_or_else(|| no_region(format_args!("no region is set")))?;
        let partition = Partition::of_region(region);
        let (service, suffix) = match (settings.use_fips, settings.use_dual_stack) {
            (false, false) if region == GLOBAL || settings.use_global_endpoint && is_legacy(region) => {
                return Self::new("https://sts.amazonaws.com", partition.global_region());
            }
            (false, false) => ("sts", partition.dns_suffix()),
            (false, true) => ("sts", partition.dual_stack_suffix()),
            (true, true) => ("sts-fips", partition.dual_stack_suffix()),
            // There every endpoint is a FIPS endpoint.
            (true, false) if partition.id() == "aws-us-gov" => ("sts", partition.dns_suffix()),
            (true, false) => ("sts-fips", partition.dns_suffix()),
        };
        Self::new(&format!("https://{service}.{region}.{suffix}"), region)
    }

    fn custom(settings: &StsSettings, url: &str, region: Option<&str>) -> Result<Self, Error> {
        if settings.use_fips || settings.use_dual_stack {
            let what = if settings.use_fips { "FIPS" } else { "dual-stack" };
            let origins = settings.endpoint_origins.as_deref();
            let (open, origins, close) = origins.map_or(("", "", ""), |origins| (" (", origins, ")"));
            return Err(failure(
                ErrorKind::InvalidConfig,
                format_args!(
                    "{what} is asked for, but the endpoint of STS is given, so nothing can choose a {what} \
                     one{open}{origins}{close}"
                ),
                Some(format_args!("drop one of the two settings")),
            ));
        }
        Self::new(url, region.filter(|region| *region != GLOBAL).unwrap_or("us-east-1"))
    }

    fn new(url: &str, signing_region: &str) -> Result<Self, Error> {
        let uri: Uri = url.parse().map_err(|error| wrong("is not a URL").with_source(error))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
            return Err(wrong("is not an http or https URL with a host"));
        }
        if uri.query().is_some() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("has a query or a user, which requests would lose"));
        }
        Ok(Self { uri, signing_region: signing_region.to_owned() })
    }

    /// Whether it is the one endpoint without a region.
    #[cfg(feature = "operations")]
    pub(crate) fn is_global(&self) -> bool {
        self.host() == "sts.amazonaws.com"
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> &str {
        self.uri.authority().map_or("STS", |authority| authority.as_str())
    }
}

#[cold]
fn wrong(why: &str) -> Error {
    let cure = Some(format_args!("write it like https://sts.eu-west-1.amazonaws.com"));
    failure(ErrorKind::InvalidConfig, format_args!("the endpoint URL of STS {why}"), cure)
}

#[cold]
fn no_region(what: fmt::Arguments<'_>) -> Error {
    failure(ErrorKind::InvalidConfig, what, Some(format_args!("set AWS_REGION")))
}

#[inline(never)]
fn is_legacy(region: &str) -> bool {
    LEGACY.contains(&region)
}

const GLOBAL: &str = "aws-global";

/// The regions that had no endpoint of their own when the service began.
const LEGACY: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "aws-global",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tucuxi_testkit::shared_vectors;

    use super::*;

    fn settings(region: &str, flags: &str, endpoint: Option<&str>) -> StsSettings {
        StsSettings {
            region: (!region.is_empty()).then(|| region.parse().unwrap()),
            endpoint_url: endpoint.map(str::to_owned),
            use_fips: flags.contains('f'),
            use_dual_stack: flags.contains('d'),
            use_global_endpoint: flags.contains('g'),
            ..StsSettings::default()
        }
    }

    #[track_caller]
    fn check(region: &str, flags: &str, endpoint: Option<&str>, expected: Result<(&str, &str), &str>) {
        let found = Endpoint::of(&settings(region, flags, endpoint));
        match (found, expected) {
            (Ok(found), Ok((uri, region))) => {
                assert_eq!((found.uri, found.signing_region.as_str()), (uri.parse().unwrap(), region));
            }
            (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn regional_global_fips_and_dual_stack() {
        check("eu-west-1", "", None, Ok(("https://sts.eu-west-1.amazonaws.com", "eu-west-1")));
        check("", "", None, Ok(("https://sts.amazonaws.com", "us-east-1")));
        check("aws-global", "", None, Ok(("https://sts.amazonaws.com", "us-east-1")));
        check("eu-west-1", "g", None, Ok(("https://sts.amazonaws.com", "us-east-1")));
        check("af-south-1", "g", None, Ok(("https://sts.af-south-1.amazonaws.com", "af-south-1")));
        check("us-east-1", "f", None, Ok(("https://sts-fips.us-east-1.amazonaws.com", "us-east-1")));
        check("us-east-1", "d", None, Ok(("https://sts.us-east-1.api.aws", "us-east-1")));
        check("us-east-1", "fd", None, Ok(("https://sts-fips.us-east-1.api.aws", "us-east-1")));
        check("us-gov-west-1", "f", None, Ok(("https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1")));
        check("cn-north-1", "", None, Ok(("https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1")));
        check("", "f", None, Err("FIPS"));
    }

    #[test]
    fn a_given_endpoint_is_taken_as_it_is() {
        let local = Some("http://127.0.0.1:8333/sts");
        check("", "", local, Ok(("http://127.0.0.1:8333/sts", "us-east-1")));
        check("eu-west-1", "g", local, Ok(("http://127.0.0.1:8333/sts", "eu-west-1")));
        check("eu-west-1", "f", local, Err("FIPS"));
        check("eu-west-1", "d", local, Err("dual-stack"));
        for bad in ["", "localhost", "ftp://x", "https://", "/path", "https://a@b", "https://a?b", "https://a b"] {
            check("eu-west-1", "", Some(bad), Err("endpoint URL of STS"));
        }
    }

    #[test]
    fn the_published_cases() {
        let Some(text) = shared_vectors(env!("CARGO_MANIFEST_DIR"), "endpoints/sts.json", 69) else { return };
        let vectors: Value = serde_json::from_str(&text).unwrap();
        let cases = vectors["testCases"].as_array().unwrap();
        assert_eq!(cases.len(), 69);
        for case in cases {
            let (params, expect) = (&case["params"], &case["expect"]);
            let flag = |name: &str, letter: &'static str| if params[name] == true { letter } else { "" };
            let flags = [flag("UseFIPS", "f"), flag("UseDualStack", "d"), flag("UseGlobalEndpoint", "g")].concat();
            let region = params["Region"].as_str();
            let settings = settings(region.unwrap_or_default(), &flags, params["Endpoint"].as_str());
            // The rules themselves: without a region they fail, where `of` asks the global endpoint.
            let found = Endpoint::resolve(&settings, region);
            let Some(url) = expect["endpoint"]["url"].as_str() else {
                assert!(found.is_err(), "{case}");
                continue;
            };
            let found = found.unwrap();
            assert_eq!(found.uri, url.parse::<Uri>().unwrap(), "{case}");
            let scheme = &expect["endpoint"]["properties"]["authSchemes"][0];
            let signing = scheme["signingRegion"].as_str().or(region).unwrap_or("us-east-1");
            assert_eq!(found.signing_region, signing, "{case}");
        }
    }
}

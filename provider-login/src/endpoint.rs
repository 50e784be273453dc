//! Where the sign-in service lives. Pure.

use tucuxi_core::sign_in::own_url;
use tucuxi_core::{Error, ErrorKind, Region, failure};

/// A part of the sign-in service, each with hosts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Where people sign in and sign-ins are refreshed: what this crate talks to.
    SignIn,
    /// Where an account's sign-in is administered, with signed requests.
    ControlPlane,
    /// Where sign-ins are granted to whoever signs requests already.
    OAuth,
}

/// How to reach the sign-in service.
///
/// Specification: <https://docs.aws.amazon.com/general/latest/gr/signin-service.html>, checked 2026-11-24.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointOptions {
    /// A URL instead of the region's (`AWS_ENDPOINT_URL_SIGNIN`).
    pub url: Option<String>,
    /// Where the URL and FIPS or dual-stack were asked for, for the error that names both.
    pub origins: Option<String>,
    /// Endpoints validated for FIPS 140.
    pub fips: bool,
    /// Endpoints that also answer over IPv6.
    pub dual_stack: bool,
}

impl EndpointOptions {
    /// The base URL of a part of the service, without a slash at its end. The region may be missing only
    /// where a URL of one's own stands in its place.
    ///
    /// # Errors
    /// `InvalidConfig` without a region, for a URL of one's own together with FIPS or dual-stack, and for FIPS
    /// where the service has none.
    pub fn base_url(&self, service: Service, region: Option<&Region>) -> Result<String, Error> {
        if service == Service::OAuth && self.fips {
            let what = format_args!("use_fips_endpoint has no endpoint for OAuth operations");
            return Err(failure(
                ErrorKind::InvalidConfig,
                what,
                Some(format_args!("turn use_fips_endpoint off for them")),
            ));
        }
        if let (Service::ControlPlane, Some(region)) = (service, region) {
            return Ok(format!("https://signin.{region}.{}", region.partition().dual_stack_suffix()));
        }
        if let Some(url) = &self.url {
            return own_url(url, self.fips, self.dual_stack, self.origins.as_deref());
        }
        let Some(region) = region else {
            let what = format_args!("no region says where the console sign-in took place");
            let cure = Some(format_args!("set region in the profile, or AWS_REGION"));
            return Err(failure(ErrorKind::InvalidConfig, what, cure));
        };
        let partition = region.partition();
        let (before, after) = match (self.fips, self.dual_stack) {
            (false, false) if service == Service::OAuth && partition.id() == "aws" => ("", "oauth.signin.aws"),
            (false, false) => ("", console_suffix(partition.id())),
            (true, false) if partition.id() == "aws-us-gov" => {
                if region.as_str() == "us-gov-west-1" {
                    return Ok(format!("https://{GOV_FIPS}"));
                }
                ("", GOV_FIPS)
            }
            (true, false) => ("signin-fips.", partition.dns_suffix()),
            (true, true) => ("signin-fips.", partition.dual_stack_suffix()),
            (false, true) => ("signin.", partition.dual_stack_suffix()),
        };
        Ok(format!("https://{before}{region}.{after}"))
    }
}

const GOV_FIPS: &str = "signin-fips.amazonaws-us-gov.com";

/// The console has domains of its own, which are not those of the partitions' services.
fn console_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "signin.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        "aws-eusc" => "signin.amazonaws-eusc.eu",
        "aws-iso" => "signin.c2shome.ic.gov",
        "aws-iso-b" => "signin.sc2shome.sgov.gov",
        "aws-iso-e" => "signin.csphome.adc-e.uk",
        "aws-iso-f" => "signin.csphome.hci.ic.gov",
        _ => "signin.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: Service, region: &str, fips: bool, dual_stack: bool, expected: &str) {
        let options = EndpointOptions { fips, dual_stack, ..EndpointOptions::default() };
        let url = options.base_url(service, Some(&Region::new(region).unwrap())).unwrap();
        assert_eq!(url, format!("https://{expected}"), "{service:?} {region} {options:?}");
    }

    #[test]
    fn hosts_by_region_and_options() {
        use Service::{ControlPlane, OAuth, SignIn};
        check(SignIn, "us-east-1", false, false, "us-east-1.signin.aws.amazon.com");
        check(SignIn, "cn-north-1", false, false, "cn-north-1.signin.amazonaws.cn");
        check(SignIn, "us-gov-west-1", false, false, "us-gov-west-1.signin.amazonaws-us-gov.com");
        check(SignIn, "eusc-de-east-1", false, false, "eusc-de-east-1.signin.amazonaws-eusc.eu");
        check(SignIn, "us-iso-east-1", false, false, "us-iso-east-1.signin.c2shome.ic.gov");
        check(SignIn, "us-isob-east-1", false, false, "us-isob-east-1.signin.sc2shome.sgov.gov");
        check(SignIn, "eu-isoe-west-1", false, false, "eu-isoe-west-1.signin.csphome.adc-e.uk");
        check(SignIn, "us-isof-south-1", false, false, "us-isof-south-1.signin.csphome.hci.ic.gov");
        check(SignIn, "us-east-1", true, false, "signin-fips.us-east-1.amazonaws.com");
        check(SignIn, "us-gov-west-1", true, false, "signin-fips.amazonaws-us-gov.com");
        check(SignIn, "us-gov-east-1", true, false, "us-gov-east-1.signin-fips.amazonaws-us-gov.com");
        check(SignIn, "us-east-1", true, true, "signin-fips.us-east-1.api.aws");
        check(SignIn, "us-east-1", false, true, "signin.us-east-1.api.aws");
        check(SignIn, "cn-north-1", false, true, "signin.cn-north-1.api.amazonwebservices.com.cn");
        check(ControlPlane, "us-east-1", false, false, "signin.us-east-1.api.aws");
        check(OAuth, "us-west-2", false, false, "us-west-2.oauth.signin.aws");
    }

    #[test]
    fn an_own_url_stands_alone_and_needs_no_region() {
        let mut options = EndpointOptions { url: Some("http://127.0.0.1:9/".into()), ..Default::default() };
        assert_eq!(options.base_url(Service::SignIn, None).unwrap(), "http://127.0.0.1:9");
        options.fips = true;
        let error = options.base_url(Service::SignIn, None).unwrap_err();
        assert!(error.to_string().contains("use_fips_endpoint"), "{error}");
    }

    #[test]
    fn without_a_region_the_cure_is_named() {
        let error = EndpointOptions::default().base_url(Service::SignIn, None).unwrap_err();
        assert!(error.report().contains("AWS_REGION"), "{}", error.report());
    }
}

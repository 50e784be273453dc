//! Where the two services of IAM Identity Center live. Pure.

use tucuxi_core::sign_in::own_url;
use tucuxi_core::{Error, Region};

/// How to reach IAM Identity Center.
///
/// Specification: <https://docs.aws.amazon.com/general/latest/gr/sso.html>, checked 2026-11-23.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointOptions {
    /// URL of the portal (service `sso`) instead of the region's.
    pub portal_url: Option<String>,
    /// URL of the token service (service `sso-oidc`) instead of the region's.
    pub oidc_url: Option<String>,
    /// Where the URL of the portal and FIPS or dual-stack were asked for, for the error that names both.
    pub portal_origins: Option<String>,
    /// Where the URL of the token service and FIPS or dual-stack were asked for, for the error that names both.
    pub oidc_origins: Option<String>,
    /// Endpoints validated for FIPS 140.
    pub fips: bool,
    /// Endpoints that also answer over IPv6.
    pub dual_stack: bool,
}

impl EndpointOptions {
    /// The base URL of the portal, without a slash at its end.
    ///
    /// # Errors
    /// `InvalidConfig` for a URL of one's own together with FIPS or dual-stack.
    #[inline]
    pub fn portal(&self, region: &Region) -> Result<String, Error> {
        self.url("portal.sso", self.portal_url.as_deref(), self.portal_origins.as_deref(), region)
    }

    /// The base URL of the token service, without a slash at its end.
    ///
    /// # Errors
    /// `InvalidConfig` for a URL of one's own together with FIPS or dual-stack.
    #[inline]
    pub fn oidc(&self, region: &Region) -> Result<String, Error> {
        self.url("oidc", self.oidc_url.as_deref(), self.oidc_origins.as_deref(), region)
    }

    fn url(&self, service: &str, own: Option<&str>, origins: Option<&str>, region: &Region) -> Result<String, Error> {
        if let Some(url) = own {
            return own_url(url, self.fips, self.dual_stack, origins);
        }
        let partition = region.partition();
        let suffix = if self.dual_stack { partition.dual_stack_suffix() } else { partition.dns_suffix() };
        // In GovCloud the ordinary host is the validated one.
        let fips = self.fips && (partition.id() != "aws-us-gov" || self.dual_stack);
        Ok(format!("https://{service}{}.{region}.{suffix}", if fips { "-fips" } else { "" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(region: &str, fips: bool, dual_stack: bool, portal: &str, oidc: &str) {
        let options = EndpointOptions { fips, dual_stack, ..EndpointOptions::default() };
        let region = Region::new(region).unwrap();
        assert_eq!(options.portal(&region).unwrap(), format!("https://{portal}"), "{region} {options:?}");
        assert_eq!(options.oidc(&region).unwrap(), format!("https://{oidc}"), "{region} {options:?}");
    }

    #[test]
    fn hosts_by_region_and_options() {
        check("us-east-1", false, false, "portal.sso.us-east-1.amazonaws.com", "oidc.us-east-1.amazonaws.com");
        check("us-east-1", true, false, "portal.sso-fips.us-east-1.amazonaws.com", "oidc-fips.us-east-1.amazonaws.com");
        check("us-east-1", true, true, "portal.sso-fips.us-east-1.api.aws", "oidc-fips.us-east-1.api.aws");
        check("cn-north-1", false, false, "portal.sso.cn-north-1.amazonaws.com.cn", "oidc.cn-north-1.amazonaws.com.cn");
        check(
            "us-gov-west-1",
            true,
            false,
            "portal.sso.us-gov-west-1.amazonaws.com",
            "oidc.us-gov-west-1.amazonaws.com",
        );
        check("us-gov-west-1", true, true, "portal.sso-fips.us-gov-west-1.api.aws", "oidc-fips.us-gov-west-1.api.aws");
    }

    #[test]
    fn an_own_url_stands_alone() {
        let region = Region::new("us-east-1").unwrap();
        let mut options = EndpointOptions { portal_url: Some("http://127.0.0.1:9/".into()), ..Default::default() };
        assert_eq!(options.portal(&region).unwrap(), "http://127.0.0.1:9");
        options.fips = true;
        assert!(options.portal(&region).unwrap_err().to_string().contains("use_fips_endpoint"));
    }
}

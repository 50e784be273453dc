//! What may be chosen about the service.

use tucuxi_core::retry::RetryPolicy;
use tucuxi_core::{HttpOptions, Region};

/// Where the service is and how often it is asked.
///
/// # Example
/// ```
/// use tucuxi_provider_sts::StsSettings;
///
/// let settings = StsSettings::in_region("eu-west-1".parse()?).with_fips(true);
/// assert!(settings.use_fips);
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StsSettings {
    /// The region; without one the global endpoint is asked.
    pub region: Option<Region>,
    /// The endpoint, instead of the one that follows from the region.
    pub endpoint_url: Option<String>,
    /// Where the endpoint and FIPS or dual-stack were asked for, for the error that names both.
    pub endpoint_origins: Option<String>,
    /// Whether to use an endpoint with FIPS 140 cryptography.
    pub use_fips: bool,
    /// Whether to use an endpoint that also answers over IPv6.
    pub use_dual_stack: bool,
    /// Whether the regions that are older than regional endpoints use the global one
    /// (`sts_regional_endpoints = legacy`).
    pub use_global_endpoint: bool,
    /// How often a request is sent at most.
    pub retry: RetryPolicy,
    /// How long one request may take; an answer is never larger than 64 KiB. Where `whole` is not set it is the time to
    /// connect and the [`answer_limit`](HttpOptions::answer_limit) together: 63.1 s by default.
    pub limits: HttpOptions,
}

impl StsSettings {
    /// The service in a region.
    #[inline]
    pub fn in_region(region: Region) -> Self {
        Self { region: Some(region), ..Self::default() }
    }

    /// The same with another region, or none.
    #[must_use]
    #[inline]
    pub fn with_region(mut self, region: Option<Region>) -> Self {
        self.region = region;
        self
    }

    /// The same at another endpoint, for example `http://127.0.0.1:8333`.
    #[must_use]
    pub fn with_endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// The same with or without FIPS 140 cryptography.
    #[must_use]
    pub fn with_fips(mut self, yes: bool) -> Self {
        self.use_fips = yes;
        self
    }

    /// The same with or without IPv6.
    #[must_use]
    pub fn with_dual_stack(mut self, yes: bool) -> Self {
        self.use_dual_stack = yes;
        self
    }

    /// The same with or without the global endpoint for old regions.
    #[must_use]
    pub fn with_global_endpoint(mut self, yes: bool) -> Self {
        self.use_global_endpoint = yes;
        self
    }

    /// How long one request may take.
    #[must_use]
    pub fn with_limits(mut self, limits: HttpOptions) -> Self {
        self.limits = limits;
        self
    }

    /// The same with other retries.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }
}

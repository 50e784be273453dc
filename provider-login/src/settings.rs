//! Which sign-in is meant. Pure.

use tucuxi_core::{HttpOptions, Region};

use crate::EndpointOptions;

/// Which sign-in, and where it took place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginSettings {
    /// The ARN of the identity that signed in: `login_session` of a profile.
    pub session: String,
    /// The region of the sign-in, where it is refreshed. Without one keys are used until they end.
    pub region: Option<Region>,
    /// How to reach the sign-in service.
    pub endpoints: EndpointOptions,
    /// How long one request may take; an answer is never larger than 64 KiB.
    pub limits: HttpOptions,
}

impl LoginSettings {
    /// The sign-in of `session`, an ARN; white space around it does not count.
    #[inline]
    pub fn new(session: impl AsRef<str>) -> Self {
        Self {
            session: session.as_ref().trim_ascii().to_owned(),
            region: None,
            endpoints: EndpointOptions::default(),
            limits: HttpOptions::default(),
        }
    }

    /// The same sign-in, made in this region.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<Option<Region>>) -> Self {
        self.region = region.into();
        self
    }

    /// The same sign-in, refreshed elsewhere.
    #[must_use]
    #[inline]
    pub fn with_endpoints(mut self, endpoints: EndpointOptions) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// The same sign-in, refreshed within these limits.
    #[must_use]
    pub fn with_limits(mut self, limits: HttpOptions) -> Self {
        self.limits = limits;
        self
    }
}

//! Which sign-in is meant.

use tucuxi_core::retry::RetryPolicy;
use tucuxi_core::{HttpOptions, Region};

use crate::EndpointOptions;

/// A sign-in to IAM Identity Center: which one, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInSettings {
    /// The name of the `[sso-session]`; `None` for profiles that name their start URL themselves.
    pub session: Option<String>,
    /// Where people sign in.
    pub start_url: String,
    /// The region of the identity center.
    pub region: Region,
    /// What a new sign-in asks to be allowed: `sso_registration_scopes`. Empty asks for the service's default.
    pub scopes: Vec<String>,
    /// How to reach IAM Identity Center.
    pub endpoints: EndpointOptions,
    /// How often the portal is asked at most, and by which rules.
    pub retry: RetryPolicy,
    /// How long one request may take; an answer is never larger than 64 KiB.
    pub limits: HttpOptions,
}

// Inline, so that a program compiles those that it uses only, and where it uses them.
impl SignInSettings {
    /// The sign-in at `start_url`.
    #[inline]
    pub fn new(start_url: impl Into<String>, region: Region) -> Self {
        Self {
            session: None,
            start_url: start_url.into(),
            region,
            scopes: Vec::new(),
            endpoints: EndpointOptions::default(),
            retry: RetryPolicy::default(),
            limits: HttpOptions::default(),
        }
    }

    /// The same sign-in as a named session, which can be refreshed.
    #[must_use]
    pub fn with_session(mut self, name: impl Into<String>) -> Self {
        self.session = Some(name.into());
        self
    }

    /// Asks to be allowed this, in a new sign-in.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Reaches IAM Identity Center elsewhere.
    #[inline]
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: EndpointOptions) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// Asks the portal again by these rules.
    #[inline]
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Limits how long one request may take.
    #[inline]
    #[must_use]
    pub fn with_limits(mut self, limits: HttpOptions) -> Self {
        self.limits = limits;
        self
    }

    /// What the sign-in is kept under.
    pub(crate) fn key(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.start_url)
    }

    /// The cure for a sign-in that is missing or has ended.
    #[inline(never)]
    pub(crate) fn cure(&self) -> String {
        match &self.session {
            Some(name) => format!("sign in: aws sso login --sso-session {name}"),
            None => "sign in: aws sso login".to_owned(),
        }
    }
}

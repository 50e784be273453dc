//! What a builder was told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::audit::Audit;

use super::RetryMode;

/// What a builder was told; each beats every other origin.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) profile_name: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) ignore_configured_endpoint_urls: Option<bool>,
    pub(crate) use_fips_endpoint: Option<bool>,
    pub(crate) use_dualstack_endpoint: Option<bool>,
    pub(crate) retry_mode: Option<RetryMode>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) ca_bundle: Option<PathBuf>,
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) credentials_file: Option<PathBuf>,
    pub(crate) audit: Option<Arc<dyn Audit>>,
    #[cfg(feature = "role-cache")]
    pub(crate) role_cache: Option<bool>,
    #[cfg(feature = "sts")]
    pub(crate) mfa: Option<Arc<dyn tucuxi_provider_sts::MfaPrompt>>,
}

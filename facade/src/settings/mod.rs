//! Everything a session can be told, with where it was found.

mod endpoint;
mod lookup;
mod origin;
mod retry;
mod s3;
mod sts;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::audit::{Audit, AuditFile};
use tucuxi_core::{BoxFuture, Context, Env, Error, HttpOptions, Region};

#[cfg(any(feature = "s3", feature = "send"))]
pub(crate) use endpoint::exclude;
pub(crate) use lookup::{Lookup, count, flag, one_of};
pub use origin::{Origin, Setting};
pub use retry::RetryMode;
pub use s3::{AddressingStyle, S3Settings};
pub use sts::StsEndpoints;

use crate::files::Files;

/// Region, endpoints, retries and the rest: found in code, variables and the shared files, each with its
/// origin.
///
/// A clone is a reference count.
///
/// - Reads: the shared files and the variables of each setting, when loaded; `AWS_ENDPOINT_URL_<SERVICE>`
///   when that service is asked for.
/// - Network: none.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
#[derive(Clone, Debug)]
pub struct Settings {
    found: Arc<Inner>,
    /// What the machine said, where nothing is configured.
    asked_region: Option<Arc<Setting<Region>>>,
}

#[derive(Debug)]
struct Inner {
    code: Code,
    env: Env,
    files: Files,
    region: Result<Option<Setting<Region>>, Error>,
    use_fips_endpoint: Option<Setting<bool>>,
    use_dualstack_endpoint: Option<Setting<bool>>,
    retry_mode: Option<Setting<RetryMode>>,
    max_attempts: Option<Setting<u32>>,
    ca_bundle: Option<Setting<PathBuf>>,
    sts_regional_endpoints: Option<Setting<StsEndpoints>>,
    #[cfg(feature = "role-cache")]
    role_cache: Option<Setting<bool>>,
    s3: S3Settings,
}

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

impl Settings {
    /// Reads the settings of the profile that the environment selects.
    ///
    /// A broken file or an unknown profile is not an error here: [`profile_error`](Self::profile_error)
    /// tells, and the chain raises it when it gets that far.
    ///
    /// # Errors
    /// `InvalidConfig` for a setting whose text cannot be used; the message names the variable or the line.
    pub async fn load(context: &Context) -> Result<Self, Error> {
        Self::resolve(context, Code::default()).await
    }

    /// Reads the settings of the profile `name`, as if given in code: environment keys are off.
    ///
    /// # Errors
    /// As [`load`](Self::load), and `InvalidConfig` when there is no such profile or a file is broken.
    pub async fn load_profile(context: &Context, name: impl Into<String>) -> Result<Self, Error> {
        let settings = Self::resolve(context, Code { profile_name: Some(name.into()), ..Code::default() }).await?;
        match settings.profile_error() {
            Some(error) => Err(error.clone()),
            None => Ok(settings),
        }
    }

    // Boxed, so that its code is not repeated for everything that loads settings.
    pub(crate) fn resolve(context: &Context, code: Code) -> BoxFuture<'_, Result<Self, Error>> {
        Box::pin(async move {
            let files = Files::load(context, &code).await;
            let lookup = Lookup { env: context.env(), files: &files };
            let region = region(lookup, code.region.as_deref())?;
            let use_fips_endpoint =
                lookup.read(code.use_fips_endpoint, &["AWS_USE_FIPS_ENDPOINT"], "use_fips_endpoint", flag)?;
            let use_dualstack_endpoint = lookup.read(
                code.use_dualstack_endpoint,
                &["AWS_USE_DUALSTACK_ENDPOINT"],
                "use_dualstack_endpoint",
                flag,
            )?;
            let retry_mode = lookup.read(code.retry_mode, &["AWS_RETRY_MODE"], "retry_mode", RetryMode::read)?;
            let max_attempts = lookup.read(code.max_attempts, &["AWS_MAX_ATTEMPTS"], "max_attempts", count)?;
            let ca_bundle =
                lookup.read(code.ca_bundle.clone(), &["AWS_CA_BUNDLE"], "ca_bundle", |text| Ok(PathBuf::from(text)))?;
            let sts_regional_endpoints =
                lookup.read(None, &["AWS_STS_REGIONAL_ENDPOINTS"], "sts_regional_endpoints", StsEndpoints::read)?;
            #[cfg(feature = "role-cache")]
            let role_cache = lookup.switch(code.role_cache, "TUCUXI_ROLE_CACHE")?;
            let s3 = S3Settings::read(lookup)?;
            if let Some(url) = &code.endpoint_url {
                endpoint::from_code(url)?;
            }
            let found = Arc::new(Inner {
                code,
                env: context.env().clone(),
                region: match (region, files.error()) {
                    // Whether a region is configured is unknown: whoever needs one must hear of the file.
                    (None, Some(error)) => Err(error.clone()),
                    (region, _) => Ok(region),
                },
                files,
                use_fips_endpoint,
                use_dualstack_endpoint,
                retry_mode,
                max_attempts,
                ca_bundle,
                sts_regional_endpoints,
                #[cfg(feature = "role-cache")]
                role_cache,
                s3,
            });
            Ok(Self { found, asked_region: None })
        })
    }

    /// The region: code, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile.
    ///
    /// # Errors
    /// When only the profile could name it: that a file is broken or the profile does not exist.
    pub fn region(&self) -> Result<Option<&Setting<Region>>, Error> {
        match &self.asked_region {
            Some(region) => Ok(Some(region)),
            None => self.found.region.as_ref().map(Option::as_ref).map_err(Clone::clone),
        }
    }

    /// A region that was found later.
    pub(crate) fn set_region(&mut self, region: Setting<Region>) {
        self.asked_region = Some(Arc::new(region));
    }

    /// The endpoint configured for a service, by its id (`s3`, `sts`, `sso-oidc`); `None` is AWS's own.
    ///
    /// Code, then `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the services section of the profile, its
    /// `endpoint_url`; all but code are left out when `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or
    /// `ignore_configured_endpoint_urls` says so.
    ///
    /// # Errors
    /// `InvalidConfig` when the text found is no base URL, the services section does not exist, or the flag
    /// is neither true nor false.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    pub fn endpoint_url_for(&self, service: &str) -> Result<Option<Setting<String>>, Error> {
        if let Some(url) = &self.found.code.endpoint_url {
            return endpoint::from_code(url).map(Some);
        }
        let ignore = self.lookup().read(
            self.found.code.ignore_configured_endpoint_urls,
            &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
            "ignore_configured_endpoint_urls",
            flag,
        )?;
        if ignore.is_some_and(Setting::into_value) {
            return Ok(None);
        }
        endpoint::configured(self.lookup(), service)
    }

    /// The selected profile, `default` when nobody chose one.
    pub fn profile_name(&self) -> &Setting<String> {
        self.found.files.profile_name()
    }

    /// Every profile of both files, sorted; empty when a file is broken.
    pub fn available_profiles(&self) -> Vec<String> {
        self.found.files.profile_names()
    }

    /// Why the selected profile cannot be read: a broken file, or a profile that does not exist.
    pub fn profile_error(&self) -> Option<&Error> {
        self.found.files.error()
    }

    /// Endpoints validated for FIPS 140: code, `AWS_USE_FIPS_ENDPOINT`, `use_fips_endpoint`.
    pub fn use_fips_endpoint(&self) -> Option<&Setting<bool>> {
        self.found.use_fips_endpoint.as_ref()
    }

    /// Endpoints that also answer over IPv6: code, `AWS_USE_DUALSTACK_ENDPOINT`, `use_dualstack_endpoint`.
    pub fn use_dualstack_endpoint(&self) -> Option<&Setting<bool>> {
        self.found.use_dualstack_endpoint.as_ref()
    }

    /// How requests are sent again: code, `AWS_RETRY_MODE`, `retry_mode`.
    pub fn retry_mode(&self) -> Option<&Setting<RetryMode>> {
        self.found.retry_mode.as_ref()
    }

    /// Times a request is sent at most, the first one included: code, `AWS_MAX_ATTEMPTS`, `max_attempts`.
    pub fn max_attempts(&self) -> Option<&Setting<u32>> {
        self.found.max_attempts.as_ref()
    }

    /// A file of certificate authorities to trust: code, `AWS_CA_BUNDLE`, `ca_bundle`.
    pub fn ca_bundle(&self) -> Option<&Setting<PathBuf>> {
        self.found.ca_bundle.as_ref()
    }

    /// Which endpoints of the Security Token Service are asked: `AWS_STS_REGIONAL_ENDPOINTS`,
    /// `sts_regional_endpoints`; the region's, when nobody says anything.
    pub fn sts_regional_endpoints(&self) -> Option<&Setting<StsEndpoints>> {
        self.found.sts_regional_endpoints.as_ref()
    }

    /// Whether sessions of roles are shared with other processes and the AWS CLI: code, `TUCUXI_ROLE_CACHE`; no,
    /// when nobody says anything.
    #[cfg(feature = "role-cache")]
    pub fn role_cache(&self) -> Option<&Setting<bool>> {
        self.found.role_cache.as_ref()
    }

    /// Who hears of all credentials that are obtained: code, else the file that `TUCUXI_AUDIT_LOG` names.
    pub(crate) fn audit(&self) -> Option<Arc<dyn Audit>> {
        let file = || self.found.env.path("TUCUXI_AUDIT_LOG").filter(|path| !path.to_string_lossy().trim().is_empty());
        self.found.code.audit.clone().or_else(|| Some(Arc::new(AuditFile::new(file()?))))
    }

    /// How long one request to a service may take: the defaults of [`HttpOptions`] with what code gave.
    pub fn http_options(&self) -> HttpOptions {
        let mut options = HttpOptions::default();
        if let Some(limit) = self.found.code.connect_timeout {
            options.connect = limit;
        }
        if let Some(limit) = self.found.code.read_timeout {
            options.first_byte = limit;
            options.idle = limit;
        }
        options
    }

    /// What is special to S3.
    pub fn s3(&self) -> &S3Settings {
        &self.found.s3
    }

    /// What is odd but no error, one line each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.found.files.warnings();
        warnings.extend(self.found.files.error().map(ToString::to_string));
        warnings.extend(self.found.retry_mode.as_ref().and_then(RetryMode::note));
        warnings
    }

    #[cfg(feature = "sts")]
    pub(crate) fn mfa(&self) -> Option<&Arc<dyn tucuxi_provider_sts::MfaPrompt>> {
        self.found.code.mfa.as_ref()
    }

    pub(crate) fn lookup(&self) -> Lookup<'_> {
        Lookup { env: &self.found.env, files: &self.found.files }
    }

    pub(crate) fn files(&self) -> &Files {
        &self.found.files
    }
}

fn region(lookup: Lookup<'_>, code: Option<&str>) -> Result<Option<Setting<Region>>, Error> {
    let found = match code {
        Some(name) => Some(Setting::new(name.trim().to_owned(), Origin::Code)),
        None => lookup.text(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region")?,
    };
    found.map(|found| found.read("region", Region::new)).transpose()
}

//! Everything a session can be told, with where it was found.

mod code;
mod endpoint;
mod found;
mod lookup;
mod origin;
mod retry;
mod rivals;
#[cfg(feature = "s3")]
mod s3;
mod sts;

use std::path::PathBuf;
use std::sync::Arc;

use tucuxi_core::audit::{Audit, AuditFile};
use tucuxi_core::{BoxFuture, Context, Error, HttpOptions, Region, trimmed};

pub(crate) use code::Code;
#[cfg(any(feature = "s3", feature = "send"))]
pub(crate) use endpoint::exclude;
use found::Found;
use lookup::Lookup;
pub use origin::{Origin, Setting};
pub use retry::RetryMode;
#[cfg(feature = "s3")]
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
pub struct Settings(Arc<Found>);

impl Settings {
    /// Reads the settings of the profile that the environment selects.
    ///
    /// A broken file or an unknown profile is not an error here: [`profile_error`](Self::profile_error)
    /// tells, and the chain raises it when it gets that far.
    ///
    /// # Errors
    /// `InvalidConfig` for a setting whose text cannot be used; the message names the variable or the line.
    pub async fn load(context: &Context) -> Result<Self, Error> {
        Self::resolve(context, Box::default()).await
    }

    /// Reads the settings of the profile `name`, as if given in code: environment keys are off.
    ///
    /// # Errors
    /// As [`load`](Self::load), and `InvalidConfig` when there is no such profile or a file is broken.
    pub async fn load_profile(context: &Context, name: impl Into<String>) -> Result<Self, Error> {
        let mut code = Box::<Code>::default();
        code.profile_name = Some(name.into());
        let settings = Self::resolve(context, code).await?;
        match settings.profile_error() {
            Some(error) => Err(error.clone()),
            None => Ok(settings),
        }
    }

    // Boxed, so that its code is not repeated for everything that loads settings.
    #[inline]
    pub(crate) fn resolve(context: &Context, code: Box<Code>) -> BoxFuture<'_, Result<Self, Error>> {
        Box::pin(async move {
            let files = Files::load(context, &code).await;
            Found::read(code, context.env(), files).map(Self)
        })
    }

    /// The region: code, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile.
    ///
    /// # Errors
    /// When only the profile could name it: that a file is broken or the profile does not exist.
    #[inline(never)]
    pub fn region(&self) -> Result<Option<&Setting<Region>>, Error> {
        match self.0.asked_region.get() {
            Some(region) => Ok(Some(region)),
            None => self.0.region.as_ref().map(Option::as_ref).map_err(Clone::clone),
        }
    }

    /// A region that was found later; the first one stays.
    #[inline]
    pub(crate) fn set_region(&self, region: Setting<Region>) {
        self.0.asked_region.get_or_init(|| region);
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
        if let Some(url) = &self.0.code.endpoint_url {
            return endpoint::from_code(url).map(Some);
        }
        let key = "ignore_configured_endpoint_urls";
        let ignored = match self.0.code.ignore_configured_endpoint_urls {
            Some(ignore) => ignore,
            None => match self.lookup().text(&["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], key)? {
                Some(found) => found.read(key, lookup::flag)?.into_value(),
                None => false,
            },
        };
        if ignored {
            return Ok(None);
        }
        endpoint::configured(self.lookup(), service)
    }

    /// The selected profile, `default` when nobody chose one.
    pub fn profile_name(&self) -> &Setting<String> {
        self.0.files.profile_name()
    }

    /// Every profile of both files, sorted; empty when a file is broken.
    #[inline]
    pub fn available_profiles(&self) -> Vec<String> {
        self.0.files.profile_names()
    }

    /// Why the selected profile cannot be read: a broken file, or a profile that does not exist.
    pub fn profile_error(&self) -> Option<&Error> {
        self.0.files.error()
    }

    /// Endpoints validated for FIPS 140: code, `AWS_USE_FIPS_ENDPOINT`, `use_fips_endpoint`.
    pub fn use_fips_endpoint(&self) -> Option<&Setting<bool>> {
        self.0.use_fips_endpoint.as_ref()
    }

    /// Endpoints that also answer over IPv6: code, `AWS_USE_DUALSTACK_ENDPOINT`, `use_dualstack_endpoint`.
    pub fn use_dualstack_endpoint(&self) -> Option<&Setting<bool>> {
        self.0.use_dualstack_endpoint.as_ref()
    }

    /// How requests are sent again: code, `AWS_RETRY_MODE`, `retry_mode`.
    pub fn retry_mode(&self) -> Option<&Setting<RetryMode>> {
        self.0.retry_mode.as_ref()
    }

    /// Times a request is sent at most, the first one included: code, `AWS_MAX_ATTEMPTS`, `max_attempts`.
    pub fn max_attempts(&self) -> Option<&Setting<u32>> {
        self.0.max_attempts.as_ref()
    }

    /// A file of certificate authorities to trust: code, `AWS_CA_BUNDLE`, `ca_bundle`.
    pub fn ca_bundle(&self) -> Option<&Setting<PathBuf>> {
        self.0.ca_bundle.as_ref()
    }

    /// Which endpoints of the Security Token Service are asked: `AWS_STS_REGIONAL_ENDPOINTS`,
    /// `sts_regional_endpoints`; the region's, when nobody says anything.
    pub fn sts_regional_endpoints(&self) -> Option<&Setting<StsEndpoints>> {
        self.0.sts_regional_endpoints.as_ref()
    }

    /// Whether sessions of roles are shared with other processes and the AWS CLI: code, `TUCUXI_ROLE_CACHE`; no,
    /// when nobody says anything. Needs the feature `role-cache`.
    #[cfg(feature = "role-cache")]
    pub fn role_cache(&self) -> Option<&Setting<bool>> {
        self.0.role_cache.as_ref()
    }

    /// Who hears of all credentials that are obtained: code, else the file that `TUCUXI_AUDIT_LOG` names.
    pub(crate) fn audit(&self) -> Option<Arc<dyn Audit>> {
        let file = || {
            self.0
                .env
                .path("TUCUXI_AUDIT_LOG")
                .filter(|path| path.to_str().is_none_or(|text| !trimmed(text).is_empty()))
        };
        self.0.code.audit.clone().or_else(|| Some(AuditFile::new(file()?).into()))
    }

    /// How long one request to a service may take: the defaults of [`HttpOptions`] with what code gave.
    pub fn http_options(&self) -> HttpOptions {
        let mut options = HttpOptions::default();
        if let Some(limit) = self.0.code.connect_timeout {
            options.connect = limit;
        }
        if let Some(limit) = self.0.code.read_timeout {
            options.first_byte = limit;
            options.idle = limit;
        }
        options
    }

    /// What is special to S3. Read now, so that a program without S3 does not fail for it. Needs the feature `s3`.
    ///
    /// # Errors
    /// `InvalidConfig` for text that cannot be used; the message names the line.
    #[cfg(feature = "s3")]
    pub fn s3(&self) -> Result<S3Settings, Error> {
        S3Settings::read(self.lookup())
    }

    /// What is odd but no error, one line each.
    #[inline]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.0.files.warnings();
        if let Some(error) = self.0.files.error() {
            warnings.push(format!("{error}"));
        }
        self.warn_of_rivals(&mut warnings);
        #[cfg(all(feature = "sts", not(feature = "role-cache")))]
        let unset = |set: Option<String>| set.is_none_or(|text| trimmed(&text).eq_ignore_ascii_case("false"));
        #[cfg(all(feature = "sts", not(feature = "role-cache")))]
        if !self.0.env.var("TUCUXI_ROLE_CACHE").is_ok_and(unset) {
            warnings
                .push("TUCUXI_ROLE_CACHE is set, but this program is built without the feature role-cache".to_owned());
        }
        if let Some(note) = self.0.retry_mode.as_ref().and_then(RetryMode::note) {
            warnings.push(note);
        }
        warnings
    }

    #[cfg(feature = "sts")]
    pub(crate) fn mfa(&self) -> Option<&Arc<dyn tucuxi_provider_sts::MfaPrompt>> {
        self.0.code.mfa.as_ref()
    }

    pub(crate) fn lookup(&self) -> Lookup<'_> {
        Lookup { env: &self.0.env, files: &self.0.files }
    }

    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }
}

/// What services of sign-ins and roles take.
#[cfg(any(feature = "sts", all(feature = "profile", any(feature = "sso", feature = "login"))))]
impl Settings {
    /// The endpoint; and where it and FIPS or dual-stack were asked for, if both were. Whether that is an error decides
    /// who needs the endpoint, since not every source gets that far.
    #[inline(never)]
    pub(crate) fn endpoint(&self, service: &str) -> Result<(Option<String>, Option<String>), Error> {
        let Some(url) = self.endpoint_url_for(service)? else { return Ok((None, None)) };
        let (key, asked) = match self.use_fips_endpoint() {
            Some(fips) if *fips.value() => ("use_fips_endpoint", Some(fips)),
            _ => ("use_dualstack_endpoint", self.use_dualstack_endpoint()),
        };
        let asked = asked.filter(|asked| *asked.value());
        let origins = asked.map(|asked| origin::both((key, asked.origin()), ("endpoint_url", url.origin())));
        Ok((Some(url.into_value()), origins))
    }

    #[cfg(any(feature = "sts", feature = "login"))]
    #[inline(never)]
    pub(crate) fn region_value(&self) -> Result<Option<Region>, Error> {
        Ok(self.region()?.map(|region| region.value().clone()))
    }

    pub(crate) fn is_fips(&self) -> bool {
        self.use_fips_endpoint().is_some_and(|fips| *fips.value())
    }

    pub(crate) fn is_dual_stack(&self) -> bool {
        self.use_dualstack_endpoint().is_some_and(|dual_stack| *dual_stack.value())
    }
}

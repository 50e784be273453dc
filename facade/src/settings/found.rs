//! What was found when the settings were loaded.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use tucuxi_core::{Env, Error, Region};

use super::lookup::{Lookup, count, flag};
use super::{Code, Origin, RetryMode, Setting, StsEndpoints, endpoint};
use crate::files::Files;

#[derive(Debug)]
pub(super) struct Found {
    pub(super) code: Code,
    pub(super) env: Env,
    pub(super) files: Files,
    pub(super) region: Result<Option<Setting<Region>>, Error>,
    pub(super) use_fips_endpoint: Option<Setting<bool>>,
    pub(super) use_dualstack_endpoint: Option<Setting<bool>>,
    pub(super) retry_mode: Option<Setting<RetryMode>>,
    pub(super) max_attempts: Option<Setting<u32>>,
    pub(super) ca_bundle: Option<Setting<PathBuf>>,
    pub(super) sts_regional_endpoints: Option<Setting<StsEndpoints>>,
    #[cfg(feature = "role-cache")]
    pub(super) role_cache: Option<Setting<bool>>,
    /// What the machine said, where nothing is configured.
    pub(super) asked_region: OnceLock<Setting<Region>>,
}

impl Found {
    pub(super) fn read(code: Code, env: &Env, files: Files) -> Result<Arc<Self>, Error> {
        let mut wrong = None;
        let mut reader = Reader { lookup: Lookup { env, files: &files }, wrong: &mut wrong };
        let found = Arc::new(Self {
            region: reader.region(code.region.as_deref()),
            use_fips_endpoint: reader.read(code.use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", flag),
            use_dualstack_endpoint: reader.read(
                code.use_dualstack_endpoint,
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
                flag,
            ),
            retry_mode: reader.read(code.retry_mode, "AWS_RETRY_MODE", "retry_mode", RetryMode::read),
            max_attempts: reader.read(code.max_attempts, "AWS_MAX_ATTEMPTS", "max_attempts", count),
            ca_bundle: reader.read(code.ca_bundle.clone(), "AWS_CA_BUNDLE", "ca_bundle", |text| Ok(text.into())),
            sts_regional_endpoints: reader.read(
                None,
                "AWS_STS_REGIONAL_ENDPOINTS",
                "sts_regional_endpoints",
                StsEndpoints::read,
            ),
            #[cfg(feature = "role-cache")]
            role_cache: reader.read(code.role_cache, "TUCUXI_ROLE_CACHE", NO_KEY, flag),
            code,
            env: env.clone(),
            files,
            asked_region: OnceLock::new(),
        });
        if let Some(url) = &found.code.endpoint_url
            && let Err(error) = endpoint::from_code(url)
        {
            wrong.get_or_insert(error);
        }
        match wrong {
            None => Ok(found),
            Some(error) => Err(error),
        }
    }
}

/// Reads all settings, and tells then which was the first that cannot be used.
struct Reader<'a> {
    lookup: Lookup<'a>,
    wrong: &'a mut Option<Error>,
}

impl Reader<'_> {
    /// What `read` makes of the text found under these names; `code` comes before both.
    fn read<T>(
        &mut self,
        code: Option<T>,
        variable: &'static str,
        key: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Option<Setting<T>> {
        if let Some(value) = code {
            return Some(Setting::new(value, Origin::Code));
        }
        let found = self.text(&[variable], key)?;
        self.right(found.read(key, read))
    }

    fn region(&mut self, code: Option<&str>) -> Result<Option<Setting<Region>>, Error> {
        let found = match code {
            Some(name) => Some(Setting::new(name.trim().to_owned(), Origin::Code)),
            None => self.text(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region"),
        };
        match (found, self.lookup.files.error()) {
            (Some(found), _) => Ok(self.right(found.read("region", Region::from_str))),
            // Whether a region is configured is unknown: whoever needs one must hear of the file.
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Ok(None),
        }
    }

    fn text(&mut self, variables: &[&'static str], key: &str) -> Option<Setting<String>> {
        self.right(self.lookup.text(variables, key))?
    }

    fn right<T>(&mut self, read: Result<T, Error>) -> Option<T> {
        match read {
            Ok(right) => Some(right),
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    fn refuse(&mut self, error: Error) {
        self.wrong.get_or_insert(error);
    }
}

#[cfg(feature = "role-cache")]
const NO_KEY: &str = "";

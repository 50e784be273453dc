//! What was found when the settings were loaded.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use tucuxi_core::{Env, Error, Region, trimmed};

use super::lookup::{Lookup, count, flag};
use super::{Code, Origin, RetryMode, Setting, StsEndpoints, endpoint};
use crate::files::Files;

#[derive(Debug)]
pub(super) struct Found {
    pub(super) code: Box<Code>,
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
    pub(super) fn read(code: Box<Code>, env: &Env, files: Files) -> Result<Arc<Self>, Error> {
        let mut wrong = None;
        let mut reader = Reader { lookup: Lookup { env, files: &files }, wrong: &mut wrong };
        let retry_mode = code.retry_mode.map(|mode| mode as u32);
        let found = Arc::new(Self {
            region: reader.region(code.region.as_deref()),
            use_fips_endpoint: reader.flag(code.use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            use_dualstack_endpoint: reader.flag(
                code.use_dualstack_endpoint,
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
            ),
            retry_mode: reader
                .number(retry_mode, "AWS_RETRY_MODE", "retry_mode", RetryMode::read)
                .map(|found| found.map(RetryMode::numbered)),
            max_attempts: reader.number(code.max_attempts, "AWS_MAX_ATTEMPTS", "max_attempts", count),
            ca_bundle: match &code.ca_bundle {
                Some(path) => Some(Setting::new(path.clone(), Origin::Code)),
                None => reader.text(&["AWS_CA_BUNDLE"], "ca_bundle").map(|found| found.map(PathBuf::from)),
            },
            sts_regional_endpoints: reader
                .number(None, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", StsEndpoints::read)
                .map(|found| found.map(StsEndpoints::numbered)),
            #[cfg(feature = "role-cache")]
            role_cache: reader.flag(code.role_cache, "TUCUXI_ROLE_CACHE", NO_KEY),
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
    /// What `read` makes of the text found under these names; `code` comes before both. Choices are read as numbers, so
    /// that a program has this once.
    #[inline(never)]
    fn number(
        &mut self,
        code: Option<u32>,
        variable: &'static str,
        key: &str,
        read: fn(&str) -> Result<u32, Error>,
    ) -> Option<Setting<u32>> {
        if let Some(value) = code {
            return Some(Setting::new(value, Origin::Code));
        }
        let found = self.text(&[variable], key)?.read(key, read);
        self.right(found)
    }

    #[inline(never)]
    fn flag(&mut self, code: Option<bool>, variable: &'static str, key: &str) -> Option<Setting<bool>> {
        let read = |text: &str| flag(text).map(u32::from);
        Some(self.number(code.map(u32::from), variable, key, read)?.map(|value| value != 0))
    }

    fn region(&mut self, code: Option<&str>) -> Result<Option<Setting<Region>>, Error> {
        let found = match code {
            Some(name) => Some(Setting::new(trimmed(name).to_owned(), Origin::Code)),
            None => self.text(&["AWS_REGION", "AWS_DEFAULT_REGION"], "region"),
        };
        match (found, self.lookup.files.error()) {
            (Some(found), _) => Ok(self.right(found.read("region", Region::from_str))),
            // Whether a region is configured is unknown: whoever needs one must hear of the file.
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Ok(None),
        }
    }

    #[inline(never)]
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

    #[cold]
    fn refuse(&mut self, error: Error) {
        self.wrong.get_or_insert(error);
    }
}

#[cfg(feature = "role-cache")]
const NO_KEY: &str = "";

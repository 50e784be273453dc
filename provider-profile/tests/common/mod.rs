//! Contexts for tests.

use tucuxi_core::{Context, Env, Fs};

pub(crate) const CONFIG: &str = "/h/.aws/config";
pub(crate) const CREDENTIALS: &str = "/h/.aws/credentials";

/// Both files in the home directory `/h`.
pub(crate) fn context(config: &str, credentials: &str, variables: &[(&str, &str)]) -> Context {
    tucuxi_testkit::context().with_env(env(variables)).with_fs(Fs::fake([(CONFIG, config), (CREDENTIALS, credentials)]))
}

/// The variables and a home directory.
pub(crate) fn env(variables: &[(&str, &str)]) -> Env {
    Env::fake(variables.iter().copied().chain([("HOME", "/h")]))
}

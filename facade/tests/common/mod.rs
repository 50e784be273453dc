//! A context of variables and the two files, for the tests here.

use tucuxi::{Context, Env, Fs};

pub(crate) const CONFIG: &str = "/h/.aws/config";
pub(crate) const CREDENTIALS: &str = "/h/.aws/credentials";

/// Variables (`HOME` is `/h`) and files that are not empty.
pub(crate) fn context(variables: &[(&str, &str)], config: &str, credentials: &str) -> Context {
    let env = [("HOME", "/h")].into_iter().chain(variables.iter().copied());
    let files = [(CONFIG, config), (CREDENTIALS, credentials)].into_iter().filter(|(_, text)| !text.is_empty());
    tucuxi_testkit::context().with_env(Env::fake(env)).with_fs(Fs::fake(files))
}

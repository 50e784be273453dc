//! Where a sign-in is kept: the AWS CLI's own files.

use std::path::{Path, PathBuf};

use tucuxi_core::encode::hex;
use tucuxi_core::sign_in::TokenFile;
use tucuxi_core::{Context, Env, Error, ErrorKind, failure};

use crate::backend;
use crate::token::FORMAT;

/// The file of the sign-in `session`, an ARN: `SHA256.json`, where SHA256 is that of the ARN without white space
/// around it, in the directory `AWS_LOGIN_CACHE_DIRECTORY`, else `~/.aws/login/cache`. Reads nothing yet.
pub fn token_file(context: &Context, session: &str) -> TokenFile {
    TokenFile::new(context, session, &FORMAT)
}

pub(crate) fn path(env: &Env, session: &str) -> Result<PathBuf, Error> {
    let mut path = directory(env)?;
    path.push(hex(backend::sha256(session.trim_ascii().as_bytes()).as_ref()) + ".json");
    Ok(path)
}

fn directory(env: &Env) -> Result<PathBuf, Error> {
    let chosen = env.path(DIRECTORY).filter(|path| !is_blank(path));
    let directory = match chosen {
        Some(chosen) => env.expand(&chosen),
        None => env.home().map(|mut home| {
            [".aws", "login", "cache"].into_iter().for_each(|folder| home.push(folder));
            home
        }),
    };
    directory.ok_or_else(|| {
        let what = format_args!("there is no home directory (HOME), so no sign-in can be kept");
        failure(ErrorKind::InvalidConfig, what, Some(format_args!("set HOME or AWS_LOGIN_CACHE_DIRECTORY")))
    })
}

fn is_blank(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.chars().all(char::is_whitespace))
}

const DIRECTORY: &str = "AWS_LOGIN_CACHE_DIRECTORY";

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
    const NAME: &str = "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";

    #[track_caller]
    fn check(variables: &[(&str, &str)], session: &str, expected: Option<&str>) {
        let context = Context::local().with_env(Env::fake(variables.iter().copied()));
        let path = token_file(&context, session).path();
        let expected = expected.map(|directory| Path::new(directory).join(NAME));
        assert_eq!(path.as_ref().ok(), expected.as_ref(), "{variables:?}: {path:?}");
    }

    #[test]
    fn the_file_is_the_one_that_the_aws_cli_chooses() {
        let home = ("HOME", "/home/u");
        check(&[home], SESSION, Some("/home/u/.aws/login/cache"));
        check(&[home], &format!(" {SESSION}\n"), Some("/home/u/.aws/login/cache"));
        check(&[home, (DIRECTORY, "/var/cache")], SESSION, Some("/var/cache"));
        check(&[(DIRECTORY, "/var/cache")], SESSION, Some("/var/cache"));
        check(&[home, (DIRECTORY, "~/cache")], SESSION, Some("/home/u/cache"));
        check(&[home, (DIRECTORY, "$HOME/cache")], SESSION, Some("/home/u/cache"));
        check(&[home, (DIRECTORY, " ")], SESSION, Some("/home/u/.aws/login/cache"));
        check(&[], SESSION, None);
        check(&[(DIRECTORY, "~/cache")], SESSION, None);
    }
}

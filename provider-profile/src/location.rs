//! Where the two files are.

use std::fmt;
use std::path::{Path, PathBuf};

use tucuxi_core::{Env, Error, trimmed};

use crate::wrong::wrong;

/// The two files, where they are given in code; one that is not given is looked for as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    config: Option<PathBuf>,
    credentials: Option<PathBuf>,
}

impl Files {
    /// Both files where they usually are.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this config file; the path is taken as it is.
    #[must_use]
    pub fn with_config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Reads this credentials file; the path is taken as it is.
    #[must_use]
    pub fn with_credentials(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Some(path.into());
        self
    }
}

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// `~/.aws/config`: profiles, SSO sessions, services.
    Config,
    /// `~/.aws/credentials`: keys.
    Credentials,
}

impl FileKind {
    pub(crate) const BOTH: [Self; 2] = [Self::Config, Self::Credentials];

    /// The variable that names another path.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Config => "AWS_CONFIG_FILE",
            Self::Credentials => "AWS_SHARED_CREDENTIALS_FILE",
        }
    }

    /// `config file` or `credentials file`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Config => "config file",
            Self::Credentials => "credentials file",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Credentials => "credentials",
        }
    }
}

/// One of the two files: where it is looked for, and whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    kind: FileKind,
    path: PathBuf,
    pub(crate) said_by: SaidBy,
    pub(crate) exists: bool,
}

impl FileState {
    /// Which of the two it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Where it was looked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is there.
    pub fn exists(&self) -> bool {
        self.exists
    }
}

impl fmt::Display for FileState {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path.display(), if self.exists { "" } else { " (absent)" })
    }
}

/// Who named the path of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaidBy {
    Code,
    Variable,
    Default,
    /// There is no home directory, so there is no path to look at either.
    Nobody,
}

/// The two files, by the rules of Windows or of every other system; not looked at yet.
#[inline]
pub(crate) fn places(env: &Env, given: &Files, windows: bool) -> [FileState; 2] {
    let place = |kind, given| place(env, kind, given, windows);
    [place(FileKind::Config, given.config.as_ref()), place(FileKind::Credentials, given.credentials.as_ref())]
}

fn place(env: &Env, kind: FileKind, given: Option<&PathBuf>, windows: bool) -> FileState {
    let (path, said_by) = match (given, filled(env, kind.variable())) {
        (Some(path), _) => (path.clone(), SaidBy::Code),
        (None, Some(path)) => match env.expand_by_rules_of(&path, windows) {
            Some(path) => (path, SaidBy::Variable),
            None => (path, SaidBy::Nobody),
        },
        (None, None) => match env.home_by_rules_of(windows) {
            Some(home) => (home.join(".aws").join(kind.file_name()), SaidBy::Default),
            None => (Path::new("~/.aws").join(kind.file_name()), SaidBy::Nobody),
        },
    };
    FileState { kind, path, said_by, exists: false }
}

/// The path in a variable, with what stands for something else replaced.
///
/// `InvalidConfig` when `~` means nothing because there is no home directory.
pub(crate) fn named(env: &Env, variable: &str) -> Result<Option<PathBuf>, Error> {
    let Some(path) = filled(env, variable) else { return Ok(None) };
    let expanded = env.expand(&path).ok_or_else(|| {
        wrong(
            format_args!("{variable} names {}, but there is no home directory", path.display()),
            format_args!("set HOME, or write the whole path into {variable}"),
        )
    })?;
    Ok(Some(expanded))
}

fn filled(env: &Env, variable: &str) -> Option<PathBuf> {
    env.path(variable).filter(|path| path.to_str().is_none_or(|text| !trimmed(text).is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], windows: bool, expected: [(&str, SaidBy); 2]) {
        let env = Env::fake(variables.iter().copied());
        let found = places(&env, &Files::new(), windows).map(|place| (place.path, place.said_by));
        assert_eq!(found, expected.map(|(path, said_by)| (PathBuf::from(path), said_by)), "{variables:?}");
    }

    #[test]
    fn the_variable_comes_before_the_home_directory() {
        use SaidBy::{Default, Nobody, Variable};
        let usual = [("/h/.aws/config", Default), ("/h/.aws/credentials", Default)];
        check(&[("HOME", "/h")], false, usual);
        check(&[("HOME", "/h"), ("AWS_CONFIG_FILE", ""), ("AWS_SHARED_CREDENTIALS_FILE", " ")], false, usual);
        check(&[("HOME", "/h"), ("USERPROFILE", "/u")], true, usual);
        check(&[("USERPROFILE", "/h")], true, usual);
        check(&[("HOMEDRIVE", "/"), ("HOMEPATH", "h")], true, usual);
        for windows_only in [("USERPROFILE", "/h"), ("HOMEDRIVE", "C:")] {
            check(&[windows_only], false, [("~/.aws/config", Nobody), ("~/.aws/credentials", Nobody)]);
        }
        check(&[("HOME", "/h"), ("AWS_CONFIG_FILE", "c")], false, [("c", Variable), usual[1]]);
        check(&[("AWS_SHARED_CREDENTIALS_FILE", "/c")], false, [("~/.aws/config", Nobody), ("/c", Variable)]);
    }

    #[test]
    fn shared_vectors() {
        let vectors = "files/file-location-tests.json";
        let Some(text) = tucuxi_testkit::shared_vectors(env!("CARGO_MANIFEST_DIR"), vectors, 9) else { return };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = json["tests"].as_array().unwrap();
        for case in cases {
            let name = case["name"].as_str().unwrap();
            let variables = case["environment"].as_object().unwrap().iter();
            let env = Env::fake(variables.map(|(name, value)| (name, value.as_str().unwrap())));
            let windows = case["platform"] == "windows";
            let found = places(&env, &Files::new(), windows).map(|place| {
                // Joined by this platform's sign.
                let path = place.path.to_str().unwrap().to_owned();
                if windows { path.replace('/', "\\") } else { path }
            });
            assert_eq!(
                [&case["configLocation"], &case["credentialsLocation"]].map(|path| path.as_str().unwrap()),
                found,
                "{name}"
            );
            if let Some(profile) = case["profile"].as_str() {
                assert_eq!(crate::Selected::by_variables(&env).unwrap().name(), profile, "{name}");
            }
        }
        println!("file-location-tests.json: {} cases run", cases.len());
        assert_eq!(cases.len(), 9);
    }
}

//! Environment variables, real or given.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::{Error, ErrorKind, failure};

/// Environment variables: those of the process, or a fixed set.
#[derive(Clone)]
pub struct Env(Option<Arc<[(String, OsString)]>>);

impl Env {
    /// The variables of the process, read at each call.
    pub fn real() -> Self {
        Self(None)
    }

    /// A fixed set of variables; of those with the same name the last counts.
    pub fn fake<K: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }

    /// The value of a variable; one that is empty or blank counts as unset. The value is not trimmed.
    ///
    /// # Errors
    /// `InvalidConfig` when the value is not UTF-8.
    pub fn var(&self, name: &str) -> Result<Option<String>, Error> {
        match self.raw(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) if value.trim().is_empty() => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => Err(failure(
                ErrorKind::InvalidConfig,
                format_args!("{name} is not UTF-8"),
                Some(format_args!("set {name} again as UTF-8")),
            )),
        }
    }

    /// Whether the variable is set and counts as unset, since it is empty or blank.
    pub fn is_blank(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|value| value.to_str().is_some_and(|value| value.trim().is_empty()))
    }

    /// Why [`var`](Self::var) gave nothing, as the end of a sentence that begins with the name.
    pub fn absence(&self, name: &str) -> &'static str {
        if self.is_blank(name) { "is blank, which counts as not set" } else { "is not set" }
    }

    /// Whether the variable is `true` in any case.
    ///
    /// # Errors
    /// `InvalidConfig` when the value is not UTF-8.
    pub fn is_true(&self, name: &str) -> Result<bool, Error> {
        Ok(self.var(name)?.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")))
    }

    /// The value of a variable that holds a path; empty counts as unset, any bytes are allowed.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// The home directory: `HOME`, and on Windows `USERPROFILE` or `HOMEDRIVE` with `HOMEPATH`.
    pub fn home(&self) -> Option<PathBuf> {
        self.home_by_rules_of(cfg!(windows))
    }

    /// The home directory by the rules of Windows, or of every other system, whichever this is.
    pub fn home_by_rules_of(&self, windows: bool) -> Option<PathBuf> {
        if let Some(home) = self.path("HOME") {
            return Some(home);
        }
        if !windows {
            return None;
        }
        self.path("USERPROFILE").or_else(|| {
            let mut home = self.raw("HOMEDRIVE")?;
            home.push(self.raw("HOMEPATH")?);
            Some(PathBuf::from(home))
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    fn raw(&self, name: &str) -> Option<OsString> {
        match &self.0 {
            None => std::env::var_os(name),
            Some(variables) => variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
        }
    }
}

impl fmt::Debug for Env {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("Env(real)"),
            Some(variables) => {
                let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
                f.debug_tuple("Env").field(&names).finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_unset_and_values_are_kept_as_they_are() {
        let env = Env::fake([("EMPTY", ""), ("BLANK", " \t"), ("PADDED", " x "), ("FLAG", " TRUE ")]);
        assert_eq!(env.var("EMPTY").unwrap(), None);
        assert_eq!(env.var("BLANK").unwrap(), None);
        assert_eq!(env.var("ABSENT").unwrap(), None);
        assert_eq!(env.var("PADDED").unwrap().as_deref(), Some(" x "));
        assert_eq!(env.absence("EMPTY"), "is blank, which counts as not set");
        assert!(env.is_blank("BLANK") && !env.is_blank("PADDED") && !env.is_blank("ABSENT"));
        assert_eq!(env.absence("ABSENT"), "is not set");
        assert!(env.is_true("FLAG").unwrap() && !env.is_true("PADDED").unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_utf8_are_an_error_that_names_the_variable() {
        use std::os::unix::ffi::OsStringExt;
        let env = Env::fake([("BAD", OsString::from_vec(vec![0xff]))]);
        assert_eq!(env.var("BAD").unwrap_err().to_string(), "BAD is not UTF-8");
    }

    #[test]
    fn debug_shows_names_only() {
        let shown = format!("{:?}", Env::fake([("AWS_SECRET_ACCESS_KEY", "SEKRIT")]));
        assert!(shown.contains("AWS_SECRET_ACCESS_KEY") && !shown.contains("SEKRIT"), "{shown}");
    }
}

//! Which profile, and who chose it.

use std::fmt;

use tucuxi_core::{Env, Error};

use crate::{Warning, WarningKind};

/// The profile in use and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    name: String,
    origin: Origin,
}

/// Who chose the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The program, or a person by a flag of it.
    Code,
    /// The variable of this name.
    Variable(&'static str),
    /// Nobody: it is `default`.
    Default,
}

impl Selected {
    #[inline]
    pub(crate) fn in_code(name: &str) -> Self {
        Self { name: name.to_owned(), origin: Origin::Code }
    }

    /// `AWS_PROFILE`, then `AWS_DEFAULT_PROFILE`, then `default`.
    pub(crate) fn by_variables(env: &Env) -> Result<Self, Error> {
        for variable in VARIABLES {
            if let Some(name) = env.var(variable)? {
                return Ok(Self { name, origin: Origin::Variable(variable) });
            }
        }
        Ok(Self::by_nobody())
    }

    /// When nobody said anything.
    #[inline]
    pub(crate) fn by_nobody() -> Self {
        Self { name: "default".to_owned(), origin: Origin::Default }
    }

    /// The profile's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who chose it.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether somebody chose it, so that it must exist.
    pub fn is_chosen(&self) -> bool {
        self.origin != Origin::Default
    }
}

impl fmt::Display for Selected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Code => write!(f, "profile {:?} (given in code or by a flag)", self.name),
            Origin::Variable(variable) => write!(f, "profile {:?} (from {variable})", self.name),
            Origin::Default => write!(f, "profile {:?}", self.name),
        }
    }
}

/// Warns when the two variables say different things, since other tools disagree which one counts.
pub(crate) fn contradiction(env: &Env, warnings: &mut Vec<Warning>) {
    let (Ok(Some(ours)), Ok(Some(theirs))) = (env.var(VARIABLES[0]), env.var(VARIABLES[1])) else { return };
    if ours != theirs {
        Warning::add(
            warnings,
            WarningKind::Variables,
            None,
            format_args!(
                "AWS_PROFILE is {ours:?}, AWS_DEFAULT_PROFILE is {theirs:?}: AWS_PROFILE counts here, but botocore and boto3 take the other"
            ),
            None,
        );
    }
}

const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: (&str, Origin), contradictory: bool) {
        let env = Env::fake(variables.iter().copied());
        let selected = Selected::by_variables(&env).unwrap();
        assert_eq!((selected.name(), selected.origin()), expected, "{variables:?}");
        let mut warnings = Vec::new();
        contradiction(&env, &mut warnings);
        assert_eq!(!warnings.is_empty(), contradictory, "{variables:?}");
    }

    #[test]
    fn aws_profile_comes_first() {
        let (ours, theirs) = (Origin::Variable("AWS_PROFILE"), Origin::Variable("AWS_DEFAULT_PROFILE"));
        check(&[], ("default", Origin::Default), false);
        check(&[("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "b")], ("a", ours), true);
        check(&[("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "a")], ("a", ours), false);
        check(&[("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "b")], ("b", theirs), false);
        check(&[("AWS_PROFILE", " \t")], ("default", Origin::Default), false);
        check(&[("AWS_PROFILE", "default")], ("default", ours), false);
    }
}

//! Who asked for a step.

use std::fmt;

use tucuxi_core::Location;

use crate::{Profile, Value};

/// The profile and line, or the variable, that asked for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    profile: &'a str,
    by: By<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By<'a> {
    Key(&'a Value),
    Variable(&'static str),
}

impl<'a> Asked<'a> {
    pub(super) fn by(profile: Profile<'a>, value: &'a Value) -> Self {
        Self { profile: profile.name(), by: By::Key(value) }
    }

    pub(super) fn by_variable(profile: &'a str, variable: &'static str) -> Self {
        Self { profile, by: By::Variable(variable) }
    }

    /// The profile.
    pub fn profile(&self) -> &'a str {
        self.profile
    }

    /// The key or variable.
    pub fn key(&self) -> &'a str {
        match self.by {
            By::Key(value) => value.key(),
            By::Variable(name) => name,
        }
    }

    /// The line of the key; `None` for a variable.
    pub fn location(&self) -> Option<&'a Location> {
        self.value().map(Value::location)
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        match self.by {
            By::Key(value) => Some(value),
            By::Variable(_) => None,
        }
    }
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Key(value) => write!(f, "profile {:?} has {value}", self.profile),
            By::Variable(name) => write!(f, "{name} is set"),
        }
    }
}

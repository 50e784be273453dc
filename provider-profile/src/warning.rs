//! What a person should know about the files although they can be read.

use std::fmt;

use tucuxi_core::Location;

/// What sort of thing a [`Warning`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// A section that counts for nothing: the wrong prefix, or a name that is not allowed.
    IgnoredSection,
    /// A key that counts for nothing: its name is not allowed.
    IgnoredKey,
    /// Other tools understand this place differently.
    ReadOtherwise,
    /// botocore and the AWS CLI refuse the whole file because of this place.
    RefusedElsewhere,
    /// This place is allowed, but hardly meant.
    Suspicious,
    /// This key of the profile in use, or of one that it leads to, does not count: another one or a variable does, or
    /// the key that it belongs to is not there.
    Contradiction,
    /// A file that was named, or is expected, is not there or cannot be looked at.
    File,
    /// Variables contradict each other.
    Variables,
}

/// Something about the files or their variables that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    message: String,
    location: Option<Location>,
    about: Option<String>,
}

impl Warning {
    /// Adds one; `about` is the profile that a person may look for in vain because of this.
    #[cold]
    pub(crate) fn add(
        to: &mut Vec<Self>,
        kind: WarningKind,
        location: Option<&Location>,
        message: fmt::Arguments<'_>,
        about: Option<&str>,
    ) {
        let (message, location, about) = (fmt::format(message), location.cloned(), about.map(str::to_owned));
        to.push(Self { kind, message, location, about });
    }

    pub(crate) fn is_about(&self, profile: &str) -> bool {
        self.about.as_deref() == Some(profile)
    }

    /// What sort of thing it is about.
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// What is the matter, without the place; never a value.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line it is about.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

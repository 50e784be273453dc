//! Region names.

use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind, Partition, failure};

/// A region name that is safe to put into a host name.
///
/// Unknown regions are fine, AWS adds new ones; text that is no host label is not, since it would let a
/// configuration value choose the host that requests go to.
///
/// # Example
/// ```
/// use tucuxi_core::Region;
///
/// assert_eq!(Region::new("eu-west-1")?.partition().dns_suffix(), "amazonaws.com");
/// assert!(Region::new("eu-west-1.example.com/").is_err());
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

impl Region {
    /// Checks the name: letters, digits and hyphens, at most 63, no hyphen at either end, not digits only.
    ///
    /// # Errors
    /// `InvalidConfig`; say where the text came from with [`Error::at`] or a message of your own.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        Self::checked(name.into())
    }

    fn checked(name: String) -> Result<Self, Error> {
        let label = !name.is_empty()
            && name.len() <= 63
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.bytes().all(|b| b.is_ascii_digit());
        if label {
            return Ok(Self(name));
        }
        Err(failure(
            ErrorKind::InvalidConfig,
            format_args!("{name:?} is not a region name"),
            Some(format_args!("use a name such as us-east-1")),
        ))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that the region belongs to, by its name.
    pub fn partition(&self) -> &'static Partition {
        Partition::of_region(&self.0)
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, valid: bool) {
        assert_eq!(Region::new(name).is_ok(), valid, "{name:?}");
    }

    #[test]
    fn only_host_labels_pass() {
        for name in ["us-east-1", "local", "A-1", "x1", "aws-global"] {
            check(name, true);
        }
        for name in ["", "123", "-a", "a-", "a.b", "a b", "a/b", "é", "a\n", "us-east-1@evil", &"x".repeat(64)] {
            check(name, false);
        }
    }
}

//! A profile as both files tell it.

use tucuxi_core::{Error, Location};

use crate::{FileKind, Section, Value};

/// A profile: its section of the config file and its section of the credentials file.
///
/// Where both have a key, the credentials file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    name: &'a str,
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
}

impl<'a> Profile<'a> {
    /// `None` when it is in neither file.
    pub(crate) fn of(config: Option<&'a Section>, credentials: Option<&'a Section>) -> Option<Self> {
        let name = config.or(credentials)?.name();
        Some(Self { name, config, credentials })
    }

    /// The name without the prefix `profile`.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The value of a key, which is given in lower case.
    #[inline(never)]
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        self.credentials.and_then(|section| section.value(key)).or_else(|| self.config?.value(key))
    }

    /// The keys of both files, sorted.
    #[inline]
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut keys = Vec::new();
        for section in [self.config, self.credentials].into_iter().flatten() {
            for key in section.keys() {
                if let Err(at) = keys.binary_search(&key) {
                    keys.insert(at, key);
                }
            }
        }
        keys.into_iter()
    }

    /// The profile's section of the config file.
    pub fn config(&self) -> Option<&'a Section> {
        self.config
    }

    /// The profile's section of the credentials file.
    pub fn credentials(&self) -> Option<&'a Section> {
        self.credentials
    }

    /// The profile's header, in the config file if it is there.
    pub fn location(&self) -> Option<&'a Location> {
        self.config.or(self.credentials).map(Section::location)
    }

    pub(crate) fn section(&self, file: FileKind) -> Option<&'a Section> {
        match file {
            FileKind::Config => self.config,
            FileKind::Credentials => self.credentials,
        }
    }

    /// The value of a key, which must not be empty when it is there.
    #[inline(never)]
    pub(crate) fn filled(&self, key: &str) -> Result<Option<&'a Value>, Error> {
        self.value(key).map(Value::not_empty).transpose()
    }
}

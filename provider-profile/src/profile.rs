//! A profile as both files tell it.

use std::collections::BTreeSet;

use tucuxi_core::Location;

use crate::by_name::Named;
use crate::{FileKind, Section, Value};

/// A profile: its section of the config file and its section of the credentials file.
///
/// Where both have a key, the credentials file counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    name: String,
    config: Option<Section>,
    credentials: Option<Section>,
}

impl Profile {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), config: None, credentials: None }
    }

    /// Its section of that file.
    pub(crate) fn section_mut(&mut self, file: FileKind) -> &mut Option<Section> {
        match file {
            FileKind::Config => &mut self.config,
            FileKind::Credentials => &mut self.credentials,
        }
    }

    /// The name without the prefix `profile`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of a key, which is given in lower case.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.credentials.as_ref().and_then(|section| section.value(key)).or_else(|| self.config.as_ref()?.value(key))
    }

    /// The keys of both files, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let sections = [&self.config, &self.credentials];
        sections.into_iter().flatten().flat_map(Section::keys).collect::<BTreeSet<_>>().into_iter()
    }

    /// The profile's section of the config file.
    pub fn config(&self) -> Option<&Section> {
        self.config.as_ref()
    }

    /// The profile's section of the credentials file.
    pub fn credentials(&self) -> Option<&Section> {
        self.credentials.as_ref()
    }

    /// The profile's header, in the config file if it is there.
    pub fn location(&self) -> Option<&Location> {
        self.config.as_ref().or(self.credentials.as_ref()).map(Section::location)
    }
}

impl Named for Profile {
    fn name(&self) -> &str {
        &self.name
    }
}

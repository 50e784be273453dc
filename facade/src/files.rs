//! The shared files as the settings see them.

use std::sync::Arc;

use tucuxi_core::{Context, Error, ErrorKind, failure};
use tucuxi_provider_profile::{Profile, ProfileSet, Profiles, Selected, Value};

use crate::settings::{Code, Origin, Setting};

/// Both files as they were read, or why they could not be.
#[derive(Debug)]
pub(crate) struct Files {
    profiles: Profiles,
    set: Result<Arc<ProfileSet>, Error>,
    profile_name: Setting<String>,
    error: Option<Error>,
}

impl Files {
    pub(crate) async fn load(context: &Context, code: &Code) -> Self {
        let profiles = profiles(context, code);
        let set = profiles.load().await;
        Self::of(profiles, set)
    }

    fn of(profiles: Profiles, set: Result<Arc<ProfileSet>, Error>) -> Self {
        let (profile_name, error) = match profiles.selected() {
            Ok(selected) => (Setting::new(selected.name().to_owned(), origin(&selected)), None),
            Err(error) => (Setting::new("default".to_owned(), Origin::Default), Some(error)),
        };
        let error = error.or_else(|| match &set {
            Ok(set) => set.selected_profile().err(),
            Err(error) => Some(error.clone()),
        });
        Self { profiles, set, profile_name, error }
    }

    /// A key of the selected profile.
    pub(crate) fn value(&self, key: &str) -> Option<Setting<String>> {
        self.profile()?.value(key).and_then(setting)
    }

    /// A key below a key of the selected profile.
    #[cfg(feature = "s3")]
    pub(crate) fn nested(&self, section: &str, key: &str) -> Option<Setting<String>> {
        self.profile()?.value(section)?.nested(key).and_then(setting)
    }

    /// The endpoint of a service in the services section that the profile names.
    pub(crate) fn service_endpoint(&self, service: &str) -> Result<Option<Setting<String>>, Error> {
        let (Some(named), Ok(set)) = (self.profile().and_then(|profile| profile.value("services")), &self.set) else {
            return Ok(None);
        };
        let Some(section) = set.services(named.text()) else {
            let cure = Some(format_args!("add the section to the config file, or take the line out"));
            return Err(failure(
                ErrorKind::InvalidConfig,
                format_args!("{}: there is no section [services {}]", named.location(), named.text()),
                cure,
            ));
        };
        Ok(section.value(service).and_then(|service| service.nested("endpoint_url")).and_then(setting))
    }

    pub(crate) fn profile_name(&self) -> &Setting<String> {
        &self.profile_name
    }

    #[inline]
    pub(crate) fn profile_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.set.iter().flat_map(|set| set.profile_names()) {
            names.push(name.to_owned());
        }
        names
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Whether the files can be read at all.
    pub(crate) fn are_broken(&self) -> bool {
        self.set.is_err()
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for warning in self.set.iter().flat_map(|set| set.warnings()) {
            warnings.push(format!("{warning}"));
        }
        warnings
    }

    pub(crate) fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    pub(crate) fn profile(&self) -> Option<Profile<'_>> {
        self.set.as_ref().ok()?.selected_profile().ok()?
    }
}

fn profiles(context: &Context, code: &Code) -> Profiles {
    let mut files = tucuxi_provider_profile::Files::new();
    if let Some(path) = &code.config_file {
        files = files.with_config(path);
    }
    if let Some(path) = &code.credentials_file {
        files = files.with_credentials(path);
    }
    let profiles = Profiles::new(context).with_files(files);
    match &code.profile_name {
        Some(name) => profiles.with_profile_name(name),
        None => profiles,
    }
}

/// An empty value says nothing.
#[inline(never)]
fn setting(value: &Value) -> Option<Setting<String>> {
    (!value.text().is_empty()).then(|| Setting::new(value.text().to_owned(), Origin::File(value.location().clone())))
}

fn origin(selected: &Selected) -> Origin {
    match selected.origin() {
        tucuxi_provider_profile::Origin::Code => Origin::Code,
        tucuxi_provider_profile::Origin::Variable(name) => Origin::Variable(name.into()),
        _ => Origin::Default,
    }
}

//! Both files together.

use std::fmt;
use std::path::{Path, PathBuf};

use tucuxi_core::{Error, Location};

use crate::by_name::ByName;
use crate::parse::Parsed;
use crate::{FileKind, Profile, Section, Selected, Warning, WarningKind, near};

/// What both files say, and which profile is in use.
#[derive(Clone)]
pub struct ProfileSet {
    selected: Selected,
    profiles: ByName<Profile>,
    sso_sessions: ByName<Section>,
    services: ByName<Section>,
    files: [FileState; 2],
    warnings: Vec<Warning>,
}

/// One of the two files, read or absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    kind: FileKind,
    path: PathBuf,
    exists: bool,
}

impl FileState {
    pub(crate) fn new(kind: FileKind, path: impl Into<PathBuf>, exists: bool) -> Self {
        Self { kind, path: path.into(), exists }
    }

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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path.display(), if self.exists { "" } else { " (absent)" })
    }
}

impl ProfileSet {
    /// Puts the two files together.
    pub(crate) fn merge(selected: Selected, config: Parsed, credentials: Parsed, files: [FileState; 2]) -> Self {
        let [mut profiles, bare_default, sso_sessions, services] = config.sections;
        let mut warnings = config.warnings;
        for section in bare_default {
            match profiles.find(section.name()) {
                Some(_) => warnings.push(shadowed(&section)),
                None => drop(profiles.insert(*section)),
            }
        }
        warnings.extend(credentials.warnings);
        let mut set = Self { selected, profiles: ByName::default(), sso_sessions, services, files, warnings };
        let [of_credentials, ..] = credentials.sections;
        for (file, sections) in [(FileKind::Config, profiles), (FileKind::Credentials, of_credentials)] {
            for section in sections {
                let profile = set.profiles.find_or_insert(section.name(), || Profile::new(section.name()));
                *profile.section_mut(file) = Some(*section);
            }
        }
        set
    }

    /// The profile in use and who chose it.
    pub fn selected(&self) -> &Selected {
        &self.selected
    }

    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.find(name)
    }

    /// The profile in use; `None` when nobody chose one and there is no `default`.
    ///
    /// # Errors
    /// `InvalidConfig` when somebody chose a profile that is in neither file.
    pub fn selected_profile(&self) -> Result<Option<&Profile>, Error> {
        match self.profile(self.selected.name()) {
            None if self.selected.is_chosen() => Err(self.no_such_profile(self.selected.name())),
            found => Ok(found),
        }
    }

    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.profiles.names()
    }

    /// The section `[sso-session name]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.find(name)
    }

    /// The names of all `[sso-session name]` sections, sorted.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.names()
    }

    /// The section `[services name]` of the config file.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.services.find(name)
    }

    /// The config file, then the credentials file, each read or absent.
    pub fn files(&self) -> &[FileState] {
        &self.files
    }

    /// One of the two files, read or absent.
    pub fn file(&self, kind: FileKind) -> &FileState {
        match kind {
            FileKind::Config => &self.files[0],
            FileKind::Credentials => &self.files[1],
        }
    }

    /// What a person should know about the files although they can be read.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// The files as a list for an error: `/home/u/.aws/config, /home/u/.aws/credentials (absent)`.
    pub(crate) fn files_in_words(&self) -> String {
        self.files.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The profile in use, which a source needs.
    ///
    /// `NotConfigured` when nobody chose one and there is no `default`.
    pub(crate) fn required_profile(&self) -> Result<&Profile, Error> {
        self.selected_profile()?.ok_or_else(|| {
            let absent = Error::not_configured(format!(
                "no profile is chosen, and there is no \"default\" in {}",
                self.files_in_words()
            ));
            match self.profile_names().take(5).collect::<Vec<_>>().as_slice() {
                [] => absent,
                names => absent.with_hint(format!("choose a profile with AWS_PROFILE: {}", names.join(", "))),
            }
        })
    }

    pub(crate) fn no_such_profile(&self, name: &str) -> Error {
        let who = if name == self.selected.name() { self.selected.to_string() } else { format!("profile {name:?}") };
        let absent = Error::invalid_config(format!("{who} is not in {}", self.files_in_words()));
        absent.with_hint(self.cure_for(name))
    }

    /// What to do when a profile is not there.
    pub(crate) fn cure_for(&self, name: &str) -> String {
        if let Some(ignored) = self.warnings.iter().find(|warning| warning.is_about(name)) {
            return format!("look at {ignored}");
        }
        match near::matches(name, self.profile_names()).as_slice() {
            [] if self.profile_names().next().is_none() => format!("run `aws configure --profile {name:?}`"),
            [] => format!("use one of these: {}", self.profile_names().take(10).collect::<Vec<_>>().join(", ")),
            close => format!("use {} if that is what you mean", close.join(" or ")),
        }
    }
}

impl fmt::Debug for ProfileSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileSet")
            .field("selected", &self.selected)
            .field("profiles", &self.profiles.names().collect::<Vec<_>>())
            .field("sso_sessions", &self.sso_sessions.names().collect::<Vec<_>>())
            .field("services", &self.services.names().collect::<Vec<_>>())
            .field("files", &self.files)
            .field("warnings", &self.warnings.len())
            .finish()
    }
}

fn shadowed(section: &Section) -> Warning {
    Warning::new(WarningKind::IgnoredSection, "[profile default] is there too, so this section is ignored")
        .at(Location::clone(section.location()))
}

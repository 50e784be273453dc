//! Both files together.

use std::fmt;
use std::io::{self, ErrorKind as Io};

use tucuxi_core::{Error, FileInfo, Location};
use zeroize::Zeroizing;

use crate::header::Kind;
use crate::location::SaidBy;
use crate::parse::{Parsed, parse};
use crate::wrong::{absent, wrong};
use crate::{FileKind, FileState, Profile, Section, Selected, Warning, WarningKind, near, open};

/// What both files say, and which profile is in use.
#[derive(Clone)]
pub struct ProfileSet {
    selected: Selected,
    files: [FileState; 2],
    parsed: Parsed,
}

impl ProfileSet {
    /// Of files that say nothing yet.
    #[inline]
    pub(crate) fn new(files: [FileState; 2]) -> Self {
        Self { selected: Selected::by_nobody(), files, parsed: Parsed::default() }
    }

    #[inline]
    pub(crate) fn select(&mut self, selected: Selected) {
        self.selected = selected;
    }

    /// Whether one of the files can be looked at; warns when it cannot.
    #[inline]
    pub(crate) fn is_readable(&mut self, file: FileKind, stamp: Result<FileInfo, Io>) -> bool {
        let path = self.files[file as usize].path().display();
        let warnings = &mut self.parsed.warnings;
        match (self.files[file as usize].said_by, stamp) {
            (SaidBy::Nobody, _) => {
                warn(warnings, format_args!("there is no home directory (HOME), so {path} is not read"));
            }
            // A home directory that this user may not enter is somebody else's: a container with HOME=/root that runs
            // as nobody has no files.
            (SaidBy::Default, Err(Io::PermissionDenied)) => {
                warn(warnings, format_args!("{path} cannot be looked at: permission denied"));
            }
            _ => return true,
        }
        false
    }

    /// Adds what one of the files says, as it was read.
    pub(crate) fn add(&mut self, file: FileKind, contents: io::Result<Zeroizing<Vec<u8>>>) -> Result<(), Error> {
        let state = &mut self.files[file as usize];
        let variable = (state.said_by == SaidBy::Variable).then(|| file.variable());
        let found = open::found(contents, state.path(), file.words(), variable)?;
        state.exists = found.is_some();
        let path = state.path().display();
        let warnings = &mut self.parsed.warnings;
        match (found, state.said_by) {
            (Some(bytes), _) => return parse(&mut self.parsed, file, &bytes, &Location::new(state.path(), 1)),
            (None, SaidBy::Variable) => {
                warn(warnings, format_args!("{} names {path}, which is not there", file.variable()));
            }
            (None, SaidBy::Code) => warn(warnings, format_args!("the given {} {path} is not there", file.words())),
            (None, SaidBy::Default | SaidBy::Nobody) => {}
        }
        Ok(())
    }

    /// The profile in use and who chose it.
    pub fn selected(&self) -> &Selected {
        &self.selected
    }

    /// The profile of this name.
    #[inline(never)]
    pub fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let section = |file| self.parsed.sections.find(Kind::Profile, name, file);
        Profile::of(section(FileKind::Config), section(FileKind::Credentials))
    }

    /// The profile in use; `None` when nobody chose one and there is no `default`.
    ///
    /// # Errors
    /// `InvalidConfig` when somebody chose a profile that is in neither file.
    pub fn selected_profile(&self) -> Result<Option<Profile<'_>>, Error> {
        match self.profile(self.selected.name()) {
            None if self.selected.is_chosen() => Err(self.no_such_profile(self.selected.name())),
            found => Ok(found),
        }
    }

    /// The names of all profiles, sorted.
    #[inline]
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.names(Kind::Profile).into_iter()
    }

    /// The section `[sso-session name]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.parsed.sections.find(Kind::SsoSession, name, FileKind::Config)
    }

    /// The names of all `[sso-session name]` sections, sorted.
    #[inline]
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.names(Kind::SsoSession).into_iter()
    }

    /// The section `[services name]` of the config file.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.parsed.sections.find(Kind::Services, name, FileKind::Config)
    }

    /// The config file, then the credentials file, each read or absent.
    pub fn files(&self) -> &[FileState] {
        &self.files
    }

    /// One of the two files, read or absent.
    pub fn file(&self, kind: FileKind) -> &FileState {
        &self.files[kind as usize]
    }

    /// What a person should know about the files although they can be read.
    pub fn warnings(&self) -> &[Warning] {
        &self.parsed.warnings
    }

    pub(crate) fn warnings_mut(&mut self) -> &mut Vec<Warning> {
        &mut self.parsed.warnings
    }

    /// The files as a list for an error: `/home/u/.aws/config, /home/u/.aws/credentials (absent)`.
    pub(crate) fn files_in_words(&self) -> String {
        let [config, credentials] = &self.files;
        format!("{config}, {credentials}")
    }

    /// The profile in use, which a source needs.
    ///
    /// `NotConfigured` when nobody chose one and there is no `default`.
    pub(crate) fn required_profile(&self) -> Result<Profile<'_>, Error> {
        if let Some(profile) = self.selected_profile()? {
            return Ok(profile);
        }
        let files = self.files_in_words();
        let error = absent(format_args!("no profile is chosen, and there is no \"default\" in {files}"));
        let mut names = self.names(Kind::Profile);
        names.truncate(5);
        if names.is_empty() {
            return Err(error);
        }
        Err(error.with_hint(format!("choose a profile with AWS_PROFILE: {}", near::list(&names, ", "))))
    }

    pub(crate) fn no_such_profile(&self, name: &str) -> Error {
        let files = self.files_in_words();
        let cure = self.cure_for(name);
        if name == self.selected.name() {
            return wrong(format_args!("{} is not in {files}", self.selected), format_args!("{cure}"));
        }
        wrong(format_args!("profile {name:?} is not in {files}"), format_args!("{cure}"))
    }

    /// What to do when a profile is not there.
    pub(crate) fn cure_for(&self, name: &str) -> String {
        if let Some(ignored) = self.warnings().iter().find(|warning| warning.is_about(name)) {
            return format!("look at {ignored}");
        }
        let mut names = self.names(Kind::Profile);
        if let Some(close) = near::matches(name, &names) {
            return format!("use {close} if that is what you mean");
        }
        names.truncate(10);
        if names.is_empty() {
            return format!("run `aws configure --profile {name:?}`");
        }
        format!("use one of these: {}", near::list(&names, ", "))
    }

    /// Those of both files, sorted.
    pub(crate) fn names(&self, kind: Kind) -> Vec<&str> {
        let mut names = Vec::new();
        for section in self.parsed.sections.of_kind(kind) {
            if names.last() != Some(&section.name()) {
                names.push(section.name());
            }
        }
        names
    }
}

/// About a file as a whole.
#[cold]
fn warn(warnings: &mut Vec<Warning>, message: fmt::Arguments<'_>) {
    Warning::add(warnings, WarningKind::File, None, message, None);
}

impl fmt::Debug for ProfileSet {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileSet")
            .field("selected", &format_args!("{}", self.selected))
            .field("files", &format_args!("{}", self.files_in_words()))
            .field("profiles", &self.names(Kind::Profile))
            .finish_non_exhaustive()
    }
}

//! The handle that reads the files.

use std::fmt;
use std::io::ErrorKind as Io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tucuxi_core::{BoxFuture, Clock, Context, Env, Error, FileInfo, Fs, Location};

use crate::location::{self, Place, SaidBy};
use crate::open;
use crate::parse::{self, Parsed};
use crate::plan;
use crate::{FileState, Files, ProfileSet, Selected, Warning, WarningKind, selected};

/// The shared config and credentials files, read when first needed and again when they change.
///
/// A clone is a reference count and shares what was read.
///
/// - Reads: `AWS_PROFILE`, then `AWS_DEFAULT_PROFILE`; `AWS_CONFIG_FILE` (`~/.aws/config`),
///   `AWS_SHARED_CREDENTIALS_FILE` (`~/.aws/credentials`), `HOME` (on Windows also `USERPROFILE`, `HOMEDRIVE`
///   with `HOMEPATH`). A file that is not there counts as empty.
/// - Network: none.
/// - Lifetime: at most once a second a [`load`](Self::load) looks whether a file's length or time of change is
///   another, and then reads both again. A failed load is not remembered.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs};
/// use tucuxi_provider_profile::Profiles;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u"), ("AWS_PROFILE", "dev")]))
///     .with_fs(Fs::fake([("/home/u/.aws/config", "[profile dev]\nregion = eu-west-1")]));
/// let set = Profiles::new(&context).load().await?;
/// let dev = set.selected_profile()?.expect("the file has it");
/// let region = dev.value("region").expect("the file has it");
/// assert_eq!(region.text(), "eu-west-1");
/// assert_eq!(region.location().to_string(), "/home/u/.aws/config:2");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>, checked 2026-11-23.
#[derive(Clone)]
pub struct Profiles {
    asked: Arc<Asked>,
    loaded: Arc<Mutex<Option<Loaded>>>,
}

/// What is to be read, and with what.
#[derive(Clone)]
struct Asked {
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
    given_name: Option<String>,
    given_files: Files,
}

#[derive(Clone)]
struct Loaded {
    set: Arc<ProfileSet>,
    stamps: Stamps,
    looked_at: SystemTime,
}

/// What tells whether a file changed; `None` for one that cannot be looked at.
type Stamps = [Option<FileInfo>; 2];

impl Profiles {
    /// The files as the variables name them. Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        let asked = Asked {
            env: context.env().clone(),
            fs: context.fs().clone(),
            clock: Arc::clone(context.clock()),
            given_name: None,
            given_files: Files::new(),
        };
        Self { asked: Arc::new(asked), loaded: Arc::default() }
    }

    /// Chooses the profile, in code or by flag; the variables no longer count and it must exist.
    #[must_use]
    pub fn with_profile_name(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.asked).given_name = Some(name.into());
        self.loaded = Arc::default();
        self
    }

    /// Reads other files than the variables name.
    #[must_use]
    pub fn with_files(mut self, files: Files) -> Self {
        Arc::make_mut(&mut self.asked).given_files = files;
        self.loaded = Arc::default();
        self
    }

    /// The profile in use and who chose it. Reads variables only.
    ///
    /// # Errors
    /// `InvalidConfig` when the variable is not UTF-8.
    pub fn selected(&self) -> Result<Selected, Error> {
        match &self.asked.given_name {
            Some(name) => Ok(Selected::in_code(name)),
            None => Selected::by_variables(&self.asked.env),
        }
    }

    /// What the files say, as of a second ago at most.
    ///
    /// # Errors
    /// `InvalidConfig` with path, and line where there is one, for a file that breaks the format, is not UTF-8,
    /// is larger than 1 MiB, is a directory or must not be read. Never quotes a value.
    pub async fn load(&self) -> Result<Arc<ProfileSet>, Error> {
        let now = self.asked.clock.now();
        let known = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = &known
            && now.duration_since(known.looked_at).is_ok_and(|age| age < LOOK_EVERY)
        {
            return Ok(Arc::clone(&known.set));
        }
        self.look(known, now).await
    }

    /// In a box, since whoever waits for it would otherwise hold the code of all it does once more.
    fn look(&self, known: Option<Loaded>, now: SystemTime) -> BoxFuture<'_, Result<Arc<ProfileSet>, Error>> {
        Box::pin(async move {
            let places = location::places(&self.asked.env, &self.asked.given_files, cfg!(windows));
            // Before reading: a change in between is then noticed next time.
            let stamps = [self.stamp(&places[0]).await, self.stamp(&places[1]).await];
            let set = match known {
                Some(known) if known.stamps == stamps => known.set,
                _ => Arc::new(self.read(&places).await?),
            };
            let loaded = Loaded { set: Arc::clone(&set), stamps, looked_at: now };
            *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
            Ok(set)
        })
    }

    pub(crate) fn env(&self) -> &Env {
        &self.asked.env
    }

    async fn stamp(&self, place: &Place) -> Option<FileInfo> {
        self.asked.fs.info(&place.path).await.ok()
    }

    async fn read(&self, places: &[Place; 2]) -> Result<ProfileSet, Error> {
        let selected = self.selected()?;
        let (config, config_state) = self.read_file(&places[0]).await?;
        let (credentials, credentials_state) = self.read_file(&places[1]).await?;
        let mut set = ProfileSet::merge(selected, config, credentials, [config_state, credentials_state]);
        if self.asked.given_name.is_none() {
            selected::contradiction(&self.asked.env).into_iter().for_each(|warning| set.warn(warning));
        }
        plan::contradictions(&set, set.selected().name()).into_iter().for_each(|warning| set.warn(warning));
        Ok(set)
    }

    /// In a box for the same reason.
    fn read_file<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, Result<(Parsed, FileState), Error>> {
        Box::pin(async move {
            let Place { kind, path, said_by } = place;
            let absent = |reason: Option<String>| {
                let warnings = reason.map(|reason| Warning::new(WarningKind::File, reason)).into_iter().collect();
                Ok((Parsed { warnings, ..Parsed::default() }, FileState::new(*kind, path, false)))
            };
            if *said_by == SaidBy::Nobody {
                return absent(Some(format!("there is no home directory (HOME), so {} is not read", path.display())));
            }
            // A home directory that this user may not enter is somebody else's: a container with HOME=/root that
            // runs as nobody has no files.
            if *said_by == SaidBy::Default
                && self.asked.fs.info(path).await.is_err_and(|error| error.kind() == Io::PermissionDenied)
            {
                return absent(Some(format!("{} cannot be looked at: permission denied", path.display())));
            }
            let variable = (*said_by == SaidBy::Variable).then(|| kind.variable());
            let Some(bytes) = open::read(&self.asked.fs, path, kind.words(), variable).await? else {
                return absent(match said_by {
                    SaidBy::Variable => {
                        Some(format!("{} names {}, which is not there", kind.variable(), path.display()))
                    }
                    SaidBy::Code => Some(format!("the given {} {} is not there", kind.words(), path.display())),
                    SaidBy::Default | SaidBy::Nobody => None,
                });
            };
            let parsed = parse::parse(*kind, &bytes, &Location::new(path, 1))?;
            Ok((parsed, FileState::new(*kind, path, true)))
        })
    }
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiles")
            .field("profile_name", &self.asked.given_name)
            .field("files", &self.asked.given_files)
            .finish_non_exhaustive()
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);

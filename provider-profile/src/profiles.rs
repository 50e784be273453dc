//! The handle that reads the files.

use std::fmt;
use std::io::ErrorKind as Io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tucuxi_core::{BoxFuture, Clock, Context, Env, Error, FileInfo, Fs};

use crate::{FileKind, Files, ProfileSet, Selected, location, open, plan, selected};

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
    with: Arc<With>,
    given_name: Option<Arc<str>>,
    given_files: Arc<Files>,
    loaded: Arc<Mutex<Option<Loaded>>>,
}

/// What the files are read with.
struct With {
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
struct Loaded {
    set: Result<Arc<ProfileSet>, Error>,
    stamps: Stamps,
    looked_at: SystemTime,
}

/// What tells whether a file changed, or why it cannot be looked at.
type Stamps = [Result<FileInfo, Io>; 2];

impl Profiles {
    /// The files as the variables name them. Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        let (env, fs, clock) = (context.env().clone(), context.fs().clone(), Arc::clone(context.clock()));
        let with = Arc::new(With { env, fs, clock });
        Self { with, given_name: None, given_files: Arc::default(), loaded: Arc::default() }
    }

    /// Chooses the profile, in code or by flag; the variables no longer count and it must exist.
    #[must_use]
    pub fn with_profile_name(mut self, name: impl Into<String>) -> Self {
        let name: String = name.into();
        self.given_name = Some(Arc::from(name));
        self.loaded = Arc::default();
        self
    }

    /// Reads other files than the variables name.
    #[must_use]
    pub fn with_files(mut self, files: Files) -> Self {
        self.given_files = Arc::new(files);
        self.loaded = Arc::default();
        self
    }

    /// The profile in use and who chose it. Reads variables only.
    ///
    /// # Errors
    /// `InvalidConfig` when the variable is not UTF-8.
    pub fn selected(&self) -> Result<Selected, Error> {
        match &self.given_name {
            Some(name) => Ok(Selected::in_code(name)),
            None => Selected::by_variables(&self.with.env),
        }
    }

    /// What the files say, as of a second ago at most.
    ///
    /// # Errors
    /// `InvalidConfig` with path, and line where there is one, for a file that breaks the format, is not UTF-8,
    /// is larger than 1 MiB, is a directory or must not be read. Never quotes a value.
    pub fn load(&self) -> BoxFuture<'_, Result<Arc<ProfileSet>, Error>> {
        // In a box, since whoever waits for it would otherwise hold the code of all it does once more.
        Box::pin(async move {
            let With { env, fs, clock } = &*self.with;
            let now = clock.now();
            let known = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(known) = &known
                && now.duration_since(known.looked_at).is_ok_and(|age| age < LOOK_EVERY)
            {
                return known.set.clone();
            }
            let files = location::places(env, &self.given_files, cfg!(windows));
            let mut stamps = [Err(Io::NotFound); 2];
            for file in FileKind::BOTH {
                // Before reading: a change in between is then noticed next time.
                stamps[file as usize] = fs.info(files[file as usize].path()).await.map_err(|error| error.kind());
            }
            let set = match known {
                // What was wrong may be put right without a new stamp.
                Some(known) if known.stamps == stamps && known.set.is_ok() => known.set,
                _ => {
                    let mut set = ProfileSet::new(self.selected()?, files);
                    let mut added = Ok(());
                    for file in FileKind::BOTH {
                        if added.is_ok() && set.is_readable(file, stamps[file as usize]) {
                            let contents = fs.read(set.file(file).path(), open::SIZE_LIMIT).await;
                            added = set.add(file, contents);
                        }
                    }
                    added.map(|()| {
                        self.add_contradictions(&mut set);
                        Arc::new(set)
                    })
                }
            };
            let learned_at = clock.now();
            let took_long = learned_at.duration_since(now).is_ok_and(|took| took >= LOOK_EVERY);
            // A failure is not remembered, except where whoever asks next would have to wait as long again.
            if set.is_ok() || took_long {
                let looked_at = if set.is_ok() { now } else { learned_at };
                *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Loaded { set: set.clone(), stamps, looked_at });
            }
            set
        })
    }

    pub(crate) fn env(&self) -> &Env {
        &self.with.env
    }

    fn add_contradictions(&self, set: &mut ProfileSet) {
        if self.given_name.is_none() {
            set.warnings_mut().extend(selected::contradiction(&self.with.env));
        }
        let mut warnings = plan::contradictions(set);
        set.warnings_mut().append(&mut warnings);
    }
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiles")
            .field("profile_name", &self.given_name)
            .field("files", &self.given_files)
            .finish_non_exhaustive()
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);

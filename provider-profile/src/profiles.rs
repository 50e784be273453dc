//! The handle that reads the files.

use std::fmt;
use std::io::{self, ErrorKind as Io};
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
pub struct Profiles(Arc<Inner>);

struct Inner {
    with: Arc<With>,
    given_name: Option<String>,
    given_files: Arc<Files>,
    loaded: Mutex<Option<Arc<Loaded>>>,
}

/// What the files are read with.
struct With {
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
}

struct Loaded {
    set: Result<Arc<ProfileSet>, Error>,
    stamps: Stamps,
    looked_at: SystemTime,
}

/// What tells whether a file changed, or why it cannot be looked at.
type Stamps = [Result<FileInfo, Io>; 2];

/// A look at the files. In a box, so that the future which waits for them holds a pointer and no code to drop it all.
struct Look {
    known: Option<Arc<Loaded>>,
    begun_at: SystemTime,
    stamps: Stamps,
    unchanged: bool,
    set: ProfileSet,
    /// What the files say, once they were read.
    read: Result<(), Error>,
}

impl Profiles {
    /// The files as the variables name them. Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        let (env, fs, clock) = (context.env().clone(), context.fs().clone(), Arc::clone(context.clock()));
        Self::of(Arc::new(With { env, fs, clock }), None, Arc::default())
    }

    #[inline(never)]
    fn of(with: Arc<With>, given_name: Option<String>, given_files: Arc<Files>) -> Self {
        Self(Arc::new(Inner { with, given_name, given_files, loaded: Mutex::new(None) }))
    }

    /// Chooses the profile, in code or by flag; the variables no longer count and it must exist.
    #[must_use]
    pub fn with_profile_name(self, name: impl Into<String>) -> Self {
        self.named(name.into())
    }

    fn named(self, name: String) -> Self {
        Self::of(Arc::clone(&self.0.with), Some(name), Arc::clone(&self.0.given_files))
    }

    /// Reads other files than the variables name.
    #[must_use]
    pub fn with_files(self, files: Files) -> Self {
        Self::of(Arc::clone(&self.0.with), self.0.given_name.clone(), Arc::new(files))
    }

    /// The profile in use and who chose it. Reads variables only.
    ///
    /// # Errors
    /// `InvalidConfig` when the variable is not UTF-8.
    pub fn selected(&self) -> Result<Selected, Error> {
        match &self.0.given_name {
            Some(name) => Ok(Selected::in_code(name)),
            None => Selected::by_variables(self.env()),
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
            let mut look = match self.look() {
                Ok(look) => look,
                Err(known) => return known.set.clone(),
            };
            let fs = &self.0.with.fs;
            for file in FileKind::BOTH {
                // Before reading: a change in between is then noticed next time.
                let info = fs.info(look.set.file(file).path()).await;
                look.stamp(file, info);
            }
            if look.is_at_news() {
                look.set.select(self.selected()?);
                for file in FileKind::BOTH {
                    if look.wants(file) {
                        let contents = fs.read(look.set.file(file).path(), open::SIZE_LIMIT).await;
                        look.read = look.set.add(file, contents);
                    }
                }
            }
            self.learn(look)
        })
    }

    pub(crate) fn env(&self) -> &Env {
        &self.0.with.env
    }

    /// Begins a look, unless what is known is new enough.
    fn look(&self) -> Result<Box<Look>, Arc<Loaded>> {
        let begun_at = self.0.with.clock.now();
        let known = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = &known
            && begun_at.duration_since(known.looked_at).is_ok_and(|age| age < LOOK_EVERY)
        {
            return Err(Arc::clone(known));
        }
        let set = ProfileSet::new(location::places(self.env(), &self.0.given_files, cfg!(windows)));
        let stamps = [Err(Io::NotFound); 2];
        Ok(Box::new(Look { known, begun_at, stamps, unchanged: false, set, read: Ok(()) }))
    }

    /// What a look found, which is remembered.
    fn learn(&self, look: Box<Look>) -> Result<Arc<ProfileSet>, Error> {
        let Look { known, begun_at, stamps, unchanged, mut set, read } = *look;
        let set = match known {
            Some(known) if unchanged => known.set.clone(),
            _ => read.map(|()| {
                self.add_contradictions(&mut set);
                Arc::new(set)
            }),
        };
        let learned_at = self.0.with.clock.now();
        let took_long = learned_at.duration_since(begun_at).is_ok_and(|took| took >= LOOK_EVERY);
        // A failure is not remembered, except where whoever asks next would have to wait as long again.
        if set.is_ok() || took_long {
            let looked_at = if set.is_ok() { begun_at } else { learned_at };
            let loaded = Arc::new(Loaded { set: set.clone(), stamps, looked_at });
            *self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
        }
        set
    }

    fn add_contradictions(&self, set: &mut ProfileSet) {
        // A profile that is given in code switches the variables off.
        let variables = self.0.given_name.is_none().then(|| self.env());
        if let Some(env) = variables {
            selected::contradiction(env, set.warnings_mut());
        }
        let mut warnings = plan::contradictions(set, variables);
        set.warnings_mut().append(&mut warnings);
    }
}

impl Look {
    #[inline(never)]
    fn stamp(&mut self, file: FileKind, info: io::Result<FileInfo>) {
        self.stamps[file as usize] = info.map_err(|error| open::kind(&error));
    }

    /// Whether something changed; what was wrong may be put right without a new stamp.
    fn is_at_news(&mut self) -> bool {
        self.unchanged = self.known.as_ref().is_some_and(|known| known.stamps == self.stamps && known.set.is_ok());
        !self.unchanged
    }

    /// Whether one of the files is to be read; a broken one ends the look.
    fn wants(&mut self, file: FileKind) -> bool {
        self.read.is_ok() && self.set.is_readable(file, self.stamps[file as usize])
    }
}

impl fmt::Debug for Profiles {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiles")
            .field("profile_name", &self.0.given_name)
            .field("files", &self.0.given_files)
            .finish_non_exhaustive()
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);

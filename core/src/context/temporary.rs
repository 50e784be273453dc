//! Files that are not there yet: written beside the one that they will replace.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::uniform;

/// A new file, mode 0600, that is taken away again unless it takes its place.
pub(super) struct Temporary {
    path: PathBuf,
    file: system::Claimed,
    placed: bool,
}

impl Temporary {
    /// A file beside `path`. What writers of `path` left that were killed is taken away first.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let (folder, prefix) = place(path)?;
        system::sweep(folder, &prefix);
        let mut tries = 0;
        loop {
            let mut name = prefix.clone();
            name.push(format!("{}-{}{}", std::process::id(), (uniform() * 1e15) as u64, system::SUFFIX));
            let path = folder.join(name);
            if let Some(file) = system::claim(create(&path)?) {
                return Ok(Self { path, file, placed: false });
            }
            // Somebody swept it between its making and its claim.
            drop(std::fs::remove_file(&path));
            tries += 1;
            if tries == MOST_TRIES {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        self.file.file()
    }

    #[inline]
    pub(super) fn take_the_place_of(mut self, path: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, path)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    #[inline]
    fn drop(&mut self) {
        if !self.placed {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Takes away what writers of `path` left that were killed. What cannot be taken away stays.
#[cfg(feature = "lock")]
pub(super) fn sweep(path: &Path) {
    if let Ok((folder, prefix)) = place(path) {
        system::sweep(folder, &prefix);
    }
}

/// The folder of a file, and how the names of its temporary files begin.
fn place(path: &Path) -> io::Result<(&Path, OsString)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    Ok((super::replace::folder_of(path), prefix))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Fails when the name exists, also as a link that somebody else laid.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

const MOST_TRIES: u32 = 8;

/// A writer holds a lock on its temporary file, which ends with it, however it ends. So a file whose lock can be
/// had is nobody's.
#[cfg(all(unix, feature = "lock"))]
mod system {
    use std::ffi::OsStr;
    use std::fs::{File, OpenOptions, TryLockError};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::super::flock::{self, Locked};

    /// A file that is this writer's.
    pub(super) struct Claimed(Locked);

    impl Claimed {
        pub(super) fn of(locked: Result<Locked, (File, TryLockError)>) -> Option<Self> {
            match locked {
                Ok(file) => Some(Self(file)),
                Err((_, TryLockError::WouldBlock)) => None,
                // Where the file system has no locks nobody can sweep it either.
                Err((file, _)) => Some(Self(Locked::nominally(file))),
            }
        }

        pub(super) fn file(&mut self) -> &mut File {
            self.0.file()
        }
    }

    pub(super) const SUFFIX: &str = ".tmp";

    /// The file, if it is this writer's and still has its name.
    pub(super) fn claim(file: File) -> Option<Claimed> {
        let mut claimed = Claimed::of(Locked::take(file))?;
        claimed.file().metadata().is_ok_and(|metadata| metadata.nlink() == 1).then_some(claimed)
    }

    pub(super) fn sweep(folder: &Path, prefix: &OsStr) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let Ok(entry) = entry else { continue };
            if is_temporary(&entry.file_name(), prefix)
                && let Ok(file) = flock::open(&mut OpenOptions::new(), &entry.path())
                && let Ok(_mine) = Locked::take(file)
            {
                drop(std::fs::remove_file(entry.path()));
            }
        }
    }

    /// `PREFIX`, two numbers with a hyphen between them, the suffix.
    fn is_temporary(name: &OsStr, prefix: &OsStr) -> bool {
        let numbers = name.as_bytes().strip_prefix(prefix.as_bytes());
        let numbers = numbers.and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
        numbers.is_some_and(|numbers| {
            numbers.contains(&b'-') && numbers.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
        })
    }
}

/// Without locks nobody knows whether a writer still lives, so nothing is swept, and nobody else may sweep it.
#[cfg(not(all(unix, feature = "lock")))]
mod system {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::path::Path;

    pub(super) const SUFFIX: &str = ".new";

    pub(super) struct Claimed(File);

    impl Claimed {
        pub(super) fn file(&mut self) -> &mut File {
            &mut self.0
        }
    }

    pub(super) fn claim(file: File) -> Option<Claimed> {
        Some(Claimed(file))
    }

    pub(super) fn sweep(_: &Path, _: &OsStr) {}
}

#[cfg(test)]
#[cfg(all(unix, feature = "lock"))]
mod tests {
    use std::fs::TryLockError;

    use super::*;

    #[test]
    fn a_file_system_without_locks_stops_no_writer() {
        let path = std::env::temp_dir().join(format!("tucuxi-claim-{}", std::process::id()));
        let file = || File::create(&path).unwrap();
        assert!(system::Claimed::of(Err((file(), TryLockError::Error(io::ErrorKind::Unsupported.into())))).is_some());
        assert!(system::Claimed::of(Err((file(), TryLockError::WouldBlock))).is_none(), "another's");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_nobody_holds_is_swept_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("tucuxi-sweep-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cache.json");
        let held = Temporary::beside(&path).unwrap();
        for name in [".cache.json.1-2.tmp", ".cache.json.3-4.tmp"] {
            drop(create(&folder.join(name)).unwrap());
        }
        let others = [".cache.json.swp", ".cache.json.1-2.tmp.txt", ".other.json.1-2.tmp", ".cache.json.mine.tmp"];
        for name in others {
            drop(create(&folder.join(name)).unwrap());
        }
        std::os::unix::fs::symlink(folder.join(others[0]), folder.join(".cache.json.5-6.tmp")).unwrap();
        sweep(&path);
        assert!(held.path.exists(), "a living writer's");
        let mut left: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.retain(|name| *name != held.path.file_name().unwrap().to_str().unwrap());
        left.sort();
        let mut expected = [&others[..], &[".cache.json.5-6.tmp"]].concat();
        expected.sort_unstable();
        assert_eq!(left, expected);

        held.take_the_place_of(&path).unwrap();
        drop(create(&folder.join(".cache.json.7-8.tmp")).unwrap());
        drop(Temporary::beside(&path).unwrap());
        assert!(!folder.join(".cache.json.7-8.tmp").exists(), "the next writer sweeps too");
        assert!(path.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}

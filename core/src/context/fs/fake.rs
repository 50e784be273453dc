//! A fixed set of files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use zeroize::Zeroizing;

use super::machine::too_large;
use super::{Contents, FileInfo, Files, kind};

/// Files in memory, which clones share.
#[derive(Clone, Default)]
pub(super) struct FakeFiles(Arc<Mutex<Set>>);

/// By their paths, in order. No map: its code would be compiled for every program, which has no fakes.
type Set = Vec<(PathBuf, FakeFile)>;

/// What a file holds, or how reading it fails.
#[derive(Clone)]
pub(crate) struct FakeFile {
    contents: Result<Vec<u8>, io::ErrorKind>,
    modified: SystemTime,
}

impl FakeFile {
    #[inline]
    pub(super) fn holding(contents: Vec<u8>, modified: SystemTime) -> Self {
        Self { contents: Ok(contents), modified }
    }

    #[inline]
    pub(super) fn failing(kind: io::ErrorKind) -> Self {
        Self { contents: Err(kind), modified: SystemTime::UNIX_EPOCH }
    }

    #[inline]
    fn written(contents: &[u8]) -> Self {
        Self::holding(contents.into(), SystemTime::UNIX_EPOCH)
    }
}

impl FakeFiles {
    #[inline]
    fn all(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[inline]
fn known<'a>(files: &'a Set, path: &Path) -> Option<&'a FakeFile> {
    files.iter().find(|(known, _)| known == path).map(|(_, file)| file)
}

#[inline]
fn insert(files: &mut Set, path: &Path, file: FakeFile) {
    remove(files, path);
    let place = files.iter().position(|(known, _)| **known > *path).unwrap_or(files.len());
    files.insert(place, (path.to_owned(), file));
}

#[inline]
fn remove(files: &mut Set, path: &Path) {
    if let Some(place) = files.iter().position(|(known, _)| known == path) {
        files.remove(place);
    }
}

/// A file of the set, unless a directory above it cannot be entered.
#[inline]
fn find<'a>(files: &'a Set, path: &Path) -> io::Result<&'a FakeFile> {
    let above = path.ancestors().skip(1).find_map(|above| known(files, above)?.contents.as_ref().err());
    match above {
        Some(kind) => Err((*kind).into()),
        None => known(files, path).ok_or_else(|| io::ErrorKind::NotFound.into()),
    }
}

impl Files for FakeFiles {
    #[inline]
    fn read(&self, path: &Path, limit: u64) -> io::Result<Contents> {
        match &find(&self.all(), path)?.contents {
            Ok(contents) if contents.len() as u64 > limit => Err(too_large(limit)),
            Ok(contents) => Ok(Zeroizing::new(contents.clone())),
            Err(kind) => Err((*kind).into()),
        }
    }

    #[inline]
    fn info(&self, path: &Path) -> io::Result<FileInfo> {
        let files = self.all();
        let file = find(&files, path)?;
        match &file.contents {
            Err(kind @ (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)) => Err((*kind).into()),
            contents => {
                let len = contents.as_ref().map_or(0, Vec::len) as u64;
                Ok(FileInfo { len, modified: file.modified })
            }
        }
    }

    #[inline]
    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.try_replace(path)?;
        insert(&mut self.all(), path, FakeFile::written(contents));
        Ok(())
    }

    #[inline]
    fn try_replace(&self, path: &Path) -> io::Result<()> {
        match known(&self.all(), path) {
            Some(FakeFile { contents: Err(kind), .. }) => Err((*kind).into()),
            _ => Ok(()),
        }
    }

    #[inline]
    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        let mut files = self.all();
        let file = match find(&files, path) {
            Ok(FakeFile { contents: Ok(old), modified }) => FakeFile::holding([old, contents].concat(), *modified),
            Ok(FakeFile { contents: Err(kind), .. }) => return Err((*kind).into()),
            Err(error) if kind(&error) == io::ErrorKind::NotFound => FakeFile::written(contents),
            Err(error) => return Err(error),
        };
        insert(&mut files, path, file);
        Ok(())
    }

    #[inline]
    fn remove(&self, path: &Path) -> io::Result<()> {
        remove(&mut self.all(), path);
        Ok(())
    }

    #[inline]
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let files = self.all();
        // A fixed set has no empty directories, and names one only where it cannot be read.
        match find(&files, directory).map(|file| file.contents.as_ref().err().copied()) {
            Ok(kind) => return Err(kind.unwrap_or(io::ErrorKind::NotADirectory).into()),
            Err(error) if kind(&error) != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        let mut inside = Vec::new();
        for (path, _) in &*files {
            if path.parent() == Some(directory) {
                inside.push(path.clone());
            }
        }
        if inside.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(inside) }
    }

    #[cfg(feature = "lock")]
    #[inline]
    fn take_turn(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let mut files = self.all();
        match find(&files, path) {
            Ok(FakeFile { contents: Ok(_), .. }) => Ok(None),
            Ok(FakeFile { contents: Err(kind), .. }) => Err((*kind).into()),
            Err(error) if kind(&error) != io::ErrorKind::NotFound => Err(error),
            Err(_) => {
                insert(&mut files, path, FakeFile::written(&[]));
                Ok(Some(Box::new(Turn(self.clone(), path.into()))))
            }
        }
    }

    #[inline]
    fn put(&self, path: PathBuf, file: FakeFile) {
        insert(&mut self.all(), &path, file);
    }
}

impl fmt::Debug for FakeFiles {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.all();
        let paths: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        f.debug_tuple("Fs").field(&paths).finish()
    }
}

/// A turn that somebody has.
#[cfg(feature = "lock")]
struct Turn(FakeFiles, PathBuf);

#[cfg(feature = "lock")]
impl Drop for Turn {
    #[inline]
    fn drop(&mut self) {
        remove(&mut self.0.all(), &self.1);
    }
}

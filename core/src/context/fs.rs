//! Files, real or given.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use zeroize::Zeroizing;

/// Files: those of the machine, or a fixed set.
#[derive(Clone)]
pub struct Fs(Files);

#[derive(Clone)]
enum Files {
    Real,
    Moved(Arc<BTreeMap<PathBuf, PathBuf>>),
    Fake(FakeFiles),
}

pub(super) type FakeFiles = Arc<Mutex<BTreeMap<PathBuf, FakeFile>>>;

#[derive(Clone)]
pub(super) struct FakeFile {
    pub(super) contents: Result<Vec<u8>, io::ErrorKind>,
    pub(super) modified: SystemTime,
}

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Bytes in the file.
    pub len: u64,
    /// When it last changed.
    pub modified: SystemTime,
}

impl Fs {
    /// The files of the machine.
    pub fn real() -> Self {
        Self(Files::Real)
    }

    /// The files of the machine, some of them kept elsewhere: whoever asks for a path of the first column gets
    /// the file at the second. For what reads a fixed place such as `/etc/boto.cfg` and must not find the
    /// machine's own.
    pub fn moved<P: Into<PathBuf>, Q: Into<PathBuf>>(places: impl IntoIterator<Item = (P, Q)>) -> Self {
        let places = places.into_iter().map(|(asked, kept)| (asked.into(), kept.into())).collect();
        Self(Files::Moved(Arc::new(places)))
    }

    /// A fixed set of files, each with its contents.
    pub fn fake<P: Into<PathBuf>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let fake = Self(Files::Fake(Arc::default()));
        for (path, contents) in files {
            fake.set(path, contents, SystemTime::UNIX_EPOCH);
        }
        fake
    }

    /// In a fixed set: writes a file with the given time of change. Does nothing to real files.
    pub fn set(&self, path: impl Into<PathBuf>, contents: impl Into<Vec<u8>>, modified: SystemTime) {
        self.put(path.into(), FakeFile { contents: Ok(contents.into()), modified });
    }

    /// In a fixed set: makes reading a path fail, and everything below it, like a file or directory that may
    /// be looked at but not opened. Does nothing to real files.
    pub fn set_error(&self, path: impl Into<PathBuf>, kind: io::ErrorKind) {
        self.put(path.into(), FakeFile { contents: Err(kind), modified: SystemTime::UNIX_EPOCH });
    }

    /// Reads a whole file of at most `limit` bytes; the buffer is wiped when dropped.
    ///
    /// # Errors
    /// What the system says; `FileTooLarge` when the file is longer than `limit`.
    pub async fn read(&self, path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        let contents = match self.place(path) {
            Place::Real(path) => read_real(path, limit)?,
            Place::Fake(files) => {
                let files = files.lock().unwrap_or_else(PoisonError::into_inner);
                match &fake(&files, path)?.contents {
                    Ok(contents) => Zeroizing::new(contents.clone()),
                    Err(kind) => return Err((*kind).into()),
                }
            }
        };
        if contents.len() as u64 > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes")));
        }
        Ok(contents)
    }

    /// Length and time of change of a file.
    ///
    /// # Errors
    /// What the system says.
    pub async fn info(&self, path: &Path) -> io::Result<FileInfo> {
        match self.place(path) {
            Place::Real(path) => {
                let metadata = std::fs::metadata(path)?;
                Ok(FileInfo { len: metadata.len(), modified: metadata.modified()? })
            }
            Place::Fake(files) => {
                let files = files.lock().unwrap_or_else(PoisonError::into_inner);
                let file = fake(&files, path)?;
                match &file.contents {
                    Err(kind @ (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)) => Err((*kind).into()),
                    contents => {
                        let len = contents.as_ref().map_or(0, Vec::len) as u64;
                        Ok(FileInfo { len, modified: file.modified })
                    }
                }
            }
        }
    }

    /// Replaces a file, or makes it with its directories: whole or not at all, mode 0600. A symbolic link is
    /// replaced, not followed. What killed writers of the file left is taken away, where the feature `lock` is on.
    ///
    /// # Errors
    /// What the system says; the old file is then untouched.
    pub async fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        match self.place(path) {
            Place::Real(path) => super::replace::replace(path, contents),
            Place::Fake(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(FakeFile { contents: Err(kind), .. }) = files.get(path) {
                    return Err((*kind).into());
                }
                files.insert(path.into(), FakeFile { contents: Ok(contents.into()), modified: SystemTime::UNIX_EPOCH });
                Ok(())
            }
        }
    }

    /// Adds to the end of a file, in one write, so that lines of several processes do not mix. A missing file is
    /// made, mode 0600, in a directory that exists.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` for a symbolic link, a directory, a pipe or a device.
    pub async fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        match self.place(path) {
            Place::Real(path) => super::append::append(path, contents),
            Place::Fake(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                let mut file = match fake(&files, path) {
                    Ok(file) => file.clone(),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        FakeFile { contents: Ok(Vec::new()), modified: SystemTime::UNIX_EPOCH }
                    }
                    Err(error) => return Err(error),
                };
                file.contents.as_mut().map_err(|kind| io::Error::from(*kind))?.extend_from_slice(contents);
                files.insert(path.into(), file);
                Ok(())
            }
        }
    }

    /// Removes a file; one that is not there is fine.
    ///
    /// # Errors
    /// What the system says.
    pub async fn remove(&self, path: &Path) -> io::Result<()> {
        match self.place(path) {
            Place::Real(path) => match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            Place::Fake(files) => {
                files.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
                Ok(())
            }
        }
    }

    /// The paths of what is in a directory, in order.
    ///
    /// # Errors
    /// What the system says.
    pub async fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let mut paths = match self.place(directory) {
            Place::Real(directory) => {
                std::fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?
            }
            Place::Fake(files) => {
                let files = files.lock().unwrap_or_else(PoisonError::into_inner);
                // A fixed set has no empty directories, and names one only where it cannot be read.
                match fake(&files, directory).map(|file| file.contents.as_ref().err().copied()) {
                    Ok(kind) => return Err(kind.unwrap_or(io::ErrorKind::NotADirectory).into()),
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    Err(_) => {}
                }
                let inside: Vec<_> = files.keys().filter(|path| path.parent() == Some(directory)).cloned().collect();
                if inside.is_empty() {
                    return Err(io::ErrorKind::NotFound.into());
                }
                inside
            }
        };
        paths.sort();
        Ok(paths)
    }

    pub(super) fn place<'a>(&'a self, path: &'a Path) -> Place<'a> {
        match &self.0 {
            Files::Real => Place::Real(path),
            Files::Moved(places) => Place::Real(places.get(path).map_or(path, PathBuf::as_path)),
            Files::Fake(files) => Place::Fake(files),
        }
    }

    fn put(&self, path: PathBuf, file: FakeFile) {
        if let Files::Fake(files) = &self.0 {
            files.lock().unwrap_or_else(PoisonError::into_inner).insert(path, file);
        }
    }
}

/// Where to look for one path.
pub(super) enum Place<'a> {
    Real(&'a Path),
    Fake(&'a FakeFiles),
}

/// A file of a fixed set, unless a directory above it cannot be entered.
pub(super) fn fake<'a>(files: &'a BTreeMap<PathBuf, FakeFile>, path: &Path) -> io::Result<&'a FakeFile> {
    let above = path.ancestors().skip(1).find_map(|above| files.get(above)?.contents.as_ref().err());
    match above {
        Some(kind) => Err((*kind).into()),
        None => files.get(path).ok_or_else(|| io::ErrorKind::NotFound.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the real adapter")]
fn read_real(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = std::fs::File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // Sized once, so that no half-filled buffer with secrets is left behind by growing.
    let expected = usize::try_from(metadata.len().min(limit)).unwrap_or(0);
    let mut contents = Zeroizing::new(Vec::with_capacity(expected + 1));
    file.take(limit.saturating_add(1)).read_to_end(&mut contents)?;
    Ok(contents)
}

impl fmt::Debug for Fs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Files::Real => f.write_str("Fs(real)"),
            Files::Moved(places) => f.debug_tuple("Fs").field(places).finish(),
            Files::Fake(files) => {
                let files = files.lock().unwrap_or_else(PoisonError::into_inner);
                f.debug_tuple("Fs").field(&files.keys()).finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_moved_file_is_read_looked_at_and_written_where_it_is_kept() {
        let folder = std::env::temp_dir().join(format!("tucuxi-moved-{}", std::process::id()));
        let (kept, other) = (folder.join("kept"), folder.join("other"));
        let asked = Path::new("/etc/boto.cfg");
        let fs = Fs::moved([(asked, &kept)]);
        assert_eq!(fs.read(asked, 9).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        fs.replace(asked, b"text").await.unwrap();
        assert_eq!(*fs.read(asked, 9).await.unwrap(), b"text");
        assert_eq!(*Fs::real().read(&kept, 9).await.unwrap(), b"text");
        assert_eq!(fs.info(asked).await.unwrap().len, 4);
        fs.replace(&other, b"x").await.unwrap();
        assert_eq!(*fs.read(&other, 9).await.unwrap(), b"x");
        fs.remove(asked).await.unwrap();
        assert!(Fs::real().info(&kept).await.is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! Files, real or given.

mod elsewhere;
mod fake;
mod machine;
mod moved;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use zeroize::Zeroizing;

use fake::{FakeFile, FakeFiles};
use machine::Machine;
use moved::Moved;

/// Files: those of the machine, or a fixed set.
#[derive(Clone)]
pub struct Fs(Option<Arc<dyn Files>>);

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Bytes in the file.
    pub len: u64,
    /// When it last changed.
    pub modified: SystemTime,
}

/// What a file holds, wiped when dropped.
type Contents = Zeroizing<Vec<u8>>;

/// What [`Fs`] offers, where its files are. A trait object, so that a program without fixed sets has no code of them.
pub(crate) trait Files: fmt::Debug + Send + Sync {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Contents>;
    fn info(&self, path: &Path) -> io::Result<FileInfo>;
    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()>;

    /// Whether [`replace`](Self::replace) would find a place to write to.
    fn try_replace(&self, path: &Path) -> io::Result<()>;

    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Those of the machine are [listed](Machine::listed) without this.
    fn list(&self, _directory: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The turn at `path`, if nobody has it; it ends when what is given is dropped.
    #[cfg(feature = "lock")]
    fn take_turn(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;

    /// Takes away what killed writers of `path` left.
    #[cfg(feature = "lock")]
    fn sweep(&self, _path: &Path) {}

    /// Puts a file into a fixed set.
    fn put(&self, _path: PathBuf, _file: FakeFile) {}
}

impl Fs {
    /// The files of the machine.
    pub fn real() -> Self {
        Self(None)
    }

    /// The files of the machine, some of them kept elsewhere: whoever asks for a path of the first column gets
    /// the file at the second; of equal paths the last counts. For what reads a fixed place such as `/etc/boto.cfg` and must not find the
    /// machine's own.
    pub fn moved<P: Into<PathBuf>, Q: Into<PathBuf>>(places: impl IntoIterator<Item = (P, Q)>) -> Self {
        let places = places.into_iter().map(|(asked, kept)| (asked.into(), kept.into())).collect();
        Self(Some(Arc::new(Moved(places))))
    }

    /// A fixed set of files, each with its contents.
    pub fn fake<P: Into<PathBuf>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let fake = FakeFiles::default();
        for (path, contents) in files {
            fake.put(path.into(), FakeFile::holding(contents.into(), SystemTime::UNIX_EPOCH));
        }
        Self(Some(Arc::new(fake)))
    }

    /// In a fixed set: writes a file with the given time of change. Does nothing to real files.
    pub fn set(&self, path: impl Into<PathBuf>, contents: impl Into<Vec<u8>>, modified: SystemTime) {
        self.files().put(path.into(), FakeFile::holding(contents.into(), modified));
    }

    /// In a fixed set: makes reading a path fail, and everything below it, like a file or directory that may
    /// be looked at but not opened. Does nothing to real files.
    pub fn set_error(&self, path: impl Into<PathBuf>, kind: io::ErrorKind) {
        self.files().put(path.into(), FakeFile::failing(kind));
    }

    /// Reads a whole file of at most `limit` bytes; the buffer is wiped when dropped. What is no regular file, such as a
    /// pipe, has 10 s to come to its end.
    ///
    /// # Errors
    /// What the system says; `FileTooLarge` when the file is longer than `limit`, `TimedOut` for a pipe or a device
    /// without an end.
    pub async fn read(&self, path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        self.files().read(path, limit)
    }

    /// Length and time of change of a file.
    ///
    /// # Errors
    /// What the system says.
    pub async fn info(&self, path: &Path) -> io::Result<FileInfo> {
        self.files().info(path)
    }

    /// Replaces a file, or makes it with its directories: whole or not at all, mode 0600. A symbolic link is
    /// replaced, not followed. What killed writers of the file left is taken away, where the feature `lock` is on.
    ///
    /// # Errors
    /// What the system says; the old file is then untouched.
    pub async fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.files().replace(path, contents)
    }

    /// Fails where [`replace`](Self::replace) would not even begin, since its folder cannot be written to. Leaves nothing
    /// behind but the folder.
    #[cfg(all(feature = "document", feature = "lock"))]
    pub(crate) fn try_replace(&self, path: &Path) -> io::Result<()> {
        self.files().try_replace(path)
    }

    /// [`sweep`](Self::sweep) and [`read`](Self::read) without futures, which would be parts of another one.
    #[cfg(all(feature = "document", feature = "lock"))]
    pub(crate) fn sweep_and_read(&self, path: &Path, limit: u64) -> io::Result<Contents> {
        let files = self.files();
        files.sweep(path);
        files.read(path, limit)
    }

    /// [`replace`](Self::replace) without a future.
    #[cfg(all(feature = "document", feature = "lock"))]
    pub(crate) fn replace_now(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.files().replace(path, contents)
    }

    /// Adds to the end of a file, in one write, so that lines of several processes do not mix. A missing file is
    /// made, mode 0600, in a directory that exists.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` for a symbolic link, a directory, a pipe or a device.
    pub async fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        self.files().append(path, contents)
    }

    /// Removes a file; one that is not there is fine.
    ///
    /// # Errors
    /// What the system says.
    pub async fn remove(&self, path: &Path) -> io::Result<()> {
        self.files().remove(path)
    }

    /// The paths of what is in a directory, in order.
    ///
    /// # Errors
    /// What the system says.
    pub async fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        match &self.0 {
            None => Machine::listed(directory),
            Some(files) => files.list(directory),
        }
    }

    /// The files as they are looked at within one poll, for the code of this crate that awaits nothing else.
    pub(crate) fn files(&self) -> &dyn Files {
        self.0.as_deref().unwrap_or(&Machine)
    }
}

/// What kind of error it is. Here once: std's is repeated, with a table, in every part of a program that asks.
#[inline(never)]
pub(crate) fn kind(error: &io::Error) -> io::ErrorKind {
    error.kind()
}

impl fmt::Debug for Fs {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files().fmt(f)
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

//! The files of the machine, some of them kept elsewhere.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::machine::Machine;
use super::{Contents, FileInfo, Files};

/// Where a path that is asked for is kept.
pub(super) struct Moved(pub(super) Vec<(PathBuf, PathBuf)>);

impl Moved {
    #[inline]
    fn place<'a>(&'a self, path: &'a Path) -> &'a Path {
        self.0.iter().rev().find(|(asked, _)| asked == path).map_or(path, |(_, kept)| kept)
    }
}

impl Files for Moved {
    #[inline]
    fn read(&self, path: &Path, limit: u64) -> io::Result<Contents> {
        Machine.read(self.place(path), limit)
    }

    #[inline]
    fn info(&self, path: &Path) -> io::Result<FileInfo> {
        Machine.info(self.place(path))
    }

    #[inline]
    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        Machine.replace(self.place(path), contents)
    }

    #[inline]
    fn try_replace(&self, path: &Path) -> io::Result<()> {
        Machine.try_replace(self.place(path))
    }

    #[inline]
    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        Machine.append(self.place(path), contents)
    }

    #[inline]
    fn remove(&self, path: &Path) -> io::Result<()> {
        Machine.remove(self.place(path))
    }

    #[inline]
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        Machine::listed(self.place(directory))
    }

    #[cfg(feature = "lock")]
    #[inline]
    fn take_turn(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        Machine.take_turn(self.place(path))
    }

    #[cfg(feature = "lock")]
    #[inline]
    fn sweep(&self, path: &Path) {
        Machine.sweep(self.place(path));
    }
}

impl fmt::Debug for Moved {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fs").field(&self.0).finish()
    }
}

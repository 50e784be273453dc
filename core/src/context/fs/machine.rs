//! The files of the machine.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::{append, replace};
use super::{Contents, FileInfo, Files, elsewhere};

/// The real adapter.
pub(super) struct Machine;

impl Files for Machine {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Contents> {
        let metadata = std::fs::metadata(path)?;
        if metadata.is_file() {
            contents(path, limit)
        } else if metadata.is_dir() {
            Err(io::ErrorKind::IsADirectory.into())
        } else {
            elsewhere::read(path, limit, metadata.file_type(), elsewhere::PATIENCE)
        }
    }

    fn info(&self, path: &Path) -> io::Result<FileInfo> {
        let metadata = std::fs::metadata(path)?;
        Ok(FileInfo { len: metadata.len(), modified: metadata.modified()? })
    }

    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        replace::replace(path, contents)
    }

    fn try_replace(&self, path: &Path) -> io::Result<()> {
        replace::begin(path).map(drop)
    }

    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        append::append(path, contents)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            // Directories here are small, and the code of a sort is not.
            let place = paths.partition_point(|known| *known < path);
            paths.insert(place, path);
        }
        Ok(paths)
    }

    #[cfg(feature = "lock")]
    fn take_turn(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        super::super::lock::take(path)
    }

    #[cfg(feature = "lock")]
    fn sweep(&self, path: &Path) {
        super::super::temporary::sweep(path);
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fs(real)")
    }
}

/// What can be read of a file, however long that takes.
#[expect(clippy::disallowed_methods, reason = "the real adapter")]
pub(super) fn contents(path: &Path, limit: u64) -> io::Result<Contents> {
    let file = std::fs::File::open(path)?;
    // Sized once, so that no half-filled buffer with secrets is left behind by growing.
    let expected = usize::try_from(file.metadata()?.len().min(limit)).unwrap_or(0);
    let mut contents = Zeroizing::new(Vec::with_capacity(expected + 1));
    file.take(limit.saturating_add(1)).read_to_end(&mut contents)?;
    match contents.len() as u64 > limit {
        true => Err(too_large(limit)),
        false => Ok(contents),
    }
}

pub(super) fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes"))
}

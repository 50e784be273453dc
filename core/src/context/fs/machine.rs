//! The files of the machine.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::{append, replace};
use super::{Contents, FileInfo, Files, elsewhere, kind};

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
            Err(error) if kind(&error) != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
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

impl Machine {
    /// What only people ask for who sign out, and so is compiled where it is asked for.
    #[inline]
    pub(super) fn listed(directory: &Path) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            // Directories here are small, and the code of a sort is not.
            let place = paths.partition_point(|known| *known < path);
            paths.insert(place, path);
        }
        Ok(paths)
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
    let mut file = std::fs::File::open(path)?;
    let expected = usize::try_from(file.metadata()?.len().min(limit)).unwrap_or(0);
    let mut contents = Zeroizing::new(vec![0; expected + 1]);
    let mut length = 0;
    loop {
        if length == contents.len() {
            // Its length was not known. By hand, so that no half-filled buffer with secrets is left behind.
            let mut larger = Zeroizing::new(vec![0; (length * 2).max(LEAST)]);
            larger[..length].copy_from_slice(&contents);
            contents = larger;
        }
        match file.read(&mut contents[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if kind(&error) == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length as u64 > limit {
            return Err(too_large(limit));
        }
    }
    contents.truncate(length);
    Ok(contents)
}

/// What a file holds at least of which nobody knows the length.
const LEAST: usize = 1024;

#[inline]
pub(super) fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_limit_and_no_further() {
        let path = std::env::temp_dir().join(format!("tucuxi-machine-{}", std::process::id()));
        for length in [0, 1, 1023, 1024, 5000] {
            Machine.replace(&path, &vec![b'x'; length]).unwrap();
            let limit = length as u64;
            for limit in [limit, limit + 1, 1 << 20, u64::MAX] {
                assert_eq!(Machine.read(&path, limit).unwrap().len(), length, "{length} {limit}");
            }
            if length > 0 {
                assert_eq!(Machine.read(&path, limit - 1).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
            }
        }
        std::fs::remove_file(path).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_does_not_tell_its_length_is_read_whole() {
        let path = Path::new("/proc/self/limits");
        assert_eq!(std::fs::metadata(path).unwrap().len(), 0);
        let contents = Machine.read(path, 1 << 20).unwrap();
        assert!(contents.starts_with(b"Limit") && contents.ends_with(b"\n") && contents.len() > 1100);
        assert_eq!(Machine.read(path, 1100).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}

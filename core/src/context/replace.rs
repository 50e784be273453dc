//! Writing files that hold secrets: whole or not at all, and for their owner only.

#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::temporary::Temporary;

/// Replaces `path` by a file with these contents: written beside it, synced, then renamed. A symbolic link
/// at `path` is replaced, not followed. Missing directories are made, for their owner only.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut temporary = begin(path)?;
    temporary.file().write_all(contents)?;
    temporary.file().sync_all()?;
    temporary.take_the_place_of(path)?;
    sync_directory(folder_of(path))
}

/// A file beside `path` to write to, in a folder that is there.
#[inline]
pub(super) fn begin(path: &Path) -> io::Result<Temporary> {
    make_directories(folder_of(path))?;
    Temporary::beside(path)
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

pub(super) fn make_directories(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "the real adapter")]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("tucuxi-replace-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_file_is_whole_private_and_alone() {
        let folder = folder("whole");
        let path = folder.join("a/b/cache.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 3);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(folder.join("a")).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(names(path.parent().unwrap()), ["cache.json"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_is_replaced_and_its_target_left_alone() {
        let folder = folder("link");
        let (target, link) = (folder.join("target"), folder.join("link"));
        replace(&target, b"precious").unwrap();
        symlink(&target, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(std::fs::metadata(&target).unwrap().len(), 8);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_file());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_failed_write_leaves_no_temporary_file() {
        let folder = folder("failed");
        std::fs::create_dir(folder.join("taken")).unwrap();
        std::fs::create_dir(folder.join("taken/inside")).unwrap();
        assert!(replace(&folder.join("taken"), b"x").is_err());
        assert_eq!(names(&folder), ["taken"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}

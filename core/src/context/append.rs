//! Adding lines to files that only grow.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::fs::kind;

/// Adds a line in one write, so that lines of several processes do not mix. A missing file is made, mode 0600; a
/// symbolic link, and whatever else is no plain file, is refused.
pub(super) fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = match create(path) {
        Err(error) if kind(&error) == io::ErrorKind::AlreadyExists => open(path)?,
        made => made?,
    };
    file.write_all(line)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Fails when the name exists, also as a link that leads nowhere.
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened, since opening a pipe waits for its reader.
    let named = std::fs::symlink_metadata(path)?;
    if !named.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    let file = OpenOptions::new().append(true).open(path)?;
    // And compared afterwards: whoever put a link there meanwhile has gained nothing.
    match is_same(&named, &file.metadata()?) {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it was replaced while it was opened")),
    }
}

#[cfg(unix)]
fn is_same(named: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_grows_and_nothing_else_is_written_to() {
        let folder = std::env::temp_dir().join(format!("tucuxi-append-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("log");
        append(&path, b"one\n").unwrap();
        append(&path, b"two\n").unwrap();
        let text = |path: &Path| io::read_to_string(OpenOptions::new().read(true).open(path).unwrap()).unwrap();
        assert_eq!(text(&path), "one\ntwo\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let (link, nowhere) = (folder.join("link"), folder.join("nowhere"));
        symlink(&path, &link).unwrap();
        symlink(folder.join("absent"), &nowhere).unwrap();
        for bad in [&link, &nowhere, &folder, &folder.join("none/log")] {
            assert!(append(bad, b"three\n").is_err(), "{}", bad.display());
        }
        assert_eq!(text(&path), "one\ntwo\n");
        assert!(!folder.join("absent").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}

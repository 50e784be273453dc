//! The folder of a case.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tucuxi_core::Fs;

pub(super) const HOME: &str = "/home/user";

/// The folders below `folder` that are cases, by name.
pub(super) fn cases(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut cases: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("case.toml").is_file()).collect();
    cases.sort();
    cases
}

pub(super) struct Folder {
    path: PathBuf,
    /// Every file, by its path below the folder.
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let mut files = Vec::new();
        collect(path, path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
        let known = |file: &Path| {
            KNOWN.iter().any(|name| file == Path::new(name)) || file.starts_with("home") || file.starts_with("root")
        };
        match files.iter().find(|(file, _)| !known(file)) {
            Some((file, _)) => Err(format!("{}: {} means nothing here", path.display(), file.display())),
            None => Ok(Self { path: path.to_owned(), files }),
        }
    }

    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(super) fn fault(&self, file: &str, error: &str) -> String {
        format!("{}/{file}: {error}", self.path.display())
    }

    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        self.optional(name)?.ok_or_else(|| self.fault(name, "is not there"))
    }

    pub(super) fn optional(&self, name: &str) -> Result<Option<String>, String> {
        let Some((_, bytes)) = self.files.iter().find(|(file, _)| file == Path::new(name)) else { return Ok(None) };
        String::from_utf8(bytes.clone()).map(Some).map_err(|error| self.fault(name, &error.to_string()))
    }

    /// `home/` at the home directory and `root/` at `/`.
    pub(super) fn files(&self, unreadable: &[String]) -> Result<Fs, String> {
        let fs = Fs::fake::<PathBuf, Vec<u8>>([]);
        for (file, bytes) in &self.files {
            let mounted = match (file.strip_prefix("home"), file.strip_prefix("root")) {
                (Ok(below), _) => format!("{HOME}/{}", slashes(below)),
                (_, Ok(below)) => format!("/{}", slashes(below)),
                _ => continue,
            };
            fs.set(mounted, bytes.clone(), SystemTime::UNIX_EPOCH);
        }
        for path in unreadable {
            fs.set_error(path, io::ErrorKind::PermissionDenied);
        }
        Ok(fs)
    }

    /// Every word in any file that begins with `SEKRIT`.
    pub(super) fn marked(&self) -> BTreeSet<String> {
        let texts = self.files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes));
        texts.flat_map(|text| marked(&text)).collect()
    }
}

fn marked(text: &str) -> Vec<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || "/+=_-".contains(c);
    text.split(|c: char| !part(c)).filter_map(|word| word.find(MARK).map(|at| word[at..].to_owned())).collect()
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[expect(clippy::disallowed_methods, reason = "reads the case from the machine")]
fn collect(base: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(base, &path, files)?;
        } else {
            let below = path.strip_prefix(base).unwrap_or(&path).to_owned();
            files.push((below, std::fs::read(&path)?));
        }
    }
    files.sort();
    Ok(())
}

const KNOWN: &[&str] = &["case.toml", "env.toml", "http.json", "commands.json"];
const MARK: &str = "SEKRIT";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_words_are_secrets() {
        assert_eq!(marked("a=SEKRITone/+= \"SEKRIT-two\", <x>SEKRIT</x>"), ["SEKRITone/+=", "SEKRIT-two", "SEKRIT"]);
        assert_eq!(marked("aws_secret_access_key=SEKRIT3"), ["SEKRIT3"]);
    }
}

//! The temporary folders of one case, and the words in braces that stand for them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::case::{Case, Content, Other};

/// A home, a root for `/etc/boto.cfg`, a working directory, and the instant of the question.
#[derive(Debug)]
pub(crate) struct Place {
    base: PathBuf,
    now: SystemTime,
    /// Removes everything at the end.
    _folder: tempfile::TempDir,
}

impl Place {
    /// Makes the folders and writes the files of the case.
    pub(crate) fn new(case: &Case, now: SystemTime) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("chain").tempdir()?;
        let place = Self { base: folder.path().canonicalize()?, now, _folder: folder };
        for folder in [place.home(), place.root().join("etc"), place.cwd()] {
            std::fs::create_dir_all(folder)?;
        }
        for (path, content) in &case.files {
            if let Some(content) = content {
                place.put(&place.path(path), content)?;
            }
        }
        Ok(place)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.base.join("home")
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.base.join("root")
    }

    pub(crate) fn cwd(&self) -> PathBuf {
        self.base.join("cwd")
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }

    /// The text with every word in braces replaced by what it stands for.
    pub(crate) fn fill(&self, text: &str) -> String {
        let port = PORT.to_string();
        let (home, root, cwd) = (self.home(), self.root(), self.cwd());
        let mut filled = text.to_owned();
        for (word, value) in [("{HOME}", home.to_str()), ("{ROOT}", root.to_str()), ("{CWD}", cwd.to_str())] {
            filled = filled.replace(word, value.unwrap_or_default());
        }
        filled = filled.replace("{PORT}", &port);
        self.fill_times(&filled)
    }

    /// The opposite of [`fill`](Self::fill) for folders and port.
    pub(crate) fn empty(&self, text: &str) -> String {
        let mut emptied = text.to_owned();
        for (word, folder) in [("{HOME}", self.home()), ("{ROOT}", self.root()), ("{CWD}", self.cwd())] {
            emptied = emptied.replace(folder.to_str().unwrap_or_default(), word);
        }
        emptied.replace(&format!(":{PORT}"), ":{PORT}")
    }

    /// `{NOW+3600}` as a date, `{NOWMS-60}` as milliseconds.
    fn fill_times(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("{NOW") {
            filled.push_str(&rest[..start]);
            rest = &rest[start..];
            let word = rest.find('}').map(|end| &rest[1..end]);
            match word.and_then(|word| Some((word, self.time(word)?))) {
                Some((word, time)) => {
                    filled.push_str(&time);
                    rest = &rest[word.len() + 2..];
                }
                None => {
                    filled.push_str("{NOW");
                    rest = &rest[4..];
                }
            }
        }
        filled + rest
    }

    fn time(&self, word: &str) -> Option<String> {
        let word = word.strip_prefix("NOW")?;
        let (milliseconds, shift) = match word.strip_prefix("MS") {
            Some(shift) => (true, shift),
            None => (false, word),
        };
        let shift: i64 = if shift.is_empty() { 0 } else { shift.parse().ok()? };
        let seconds = Duration::from_secs(shift.unsigned_abs());
        let at = if shift < 0 { self.now - seconds } else { self.now + seconds };
        Some(match milliseconds {
            true => format!("{}", at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_millis()),
            false => tucuxi_core::format_rfc3339(at),
        })
    }

    fn path(&self, written: &str) -> PathBuf {
        let path = self.fill(written);
        if let Some(below) = path.strip_prefix("~/") {
            return self.home().join(below);
        }
        match path.strip_prefix('/') {
            Some(_) if Path::new(&path).starts_with(&self.base) => PathBuf::from(path),
            Some(below) => self.root().join(below),
            None => self.cwd().join(path),
        }
    }

    fn put(&self, path: &Path, content: &Content) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        match content {
            Content::Text(text) => std::fs::write(path, self.fill(text))?,
            Content::Other(Other { dir: true, .. }) => std::fs::create_dir_all(path)?,
            Content::Other(Other { symlink: Some(to), .. }) => std::os::unix::fs::symlink(self.fill(to), path)?,
            Content::Other(Other { b64, .. }) => {
                let bytes = STANDARD.decode(b64.as_deref().unwrap_or_default()).map_err(io::Error::other)?;
                std::fs::write(path, bytes)?;
            }
        }
        if path.extension().is_some_and(|extension| extension == "sh") {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    }
}

/// Where the scripted network listens; nothing real does.
pub(crate) const PORT: u16 = 8642;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_braces_stand_for_folders_port_and_times() {
        let case: Case =
            serde_json::from_str(r#"{"files": {"~/a": "{PORT}", "/etc/boto.cfg": "x", "b": "y"}}"#).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let place = Place::new(&case, now).unwrap();
        assert_eq!(std::fs::read_to_string(place.home().join("a")).unwrap(), "8642");
        assert_eq!(std::fs::read_to_string(place.root().join("etc/boto.cfg")).unwrap(), "x");
        assert_eq!(std::fs::read_to_string(place.cwd().join("b")).unwrap(), "y");
        let filled = place.fill("{NOW} {NOW+60} {NOW-60} {NOWMS} {NOWHERE} {NOW");
        assert_eq!(
            filled,
            "2026-01-01T00:00:00Z 2026-01-01T00:01:00Z 2025-12-31T23:59:00Z 1767225600000 {NOWHERE} {NOW"
        );
        let there = place.fill("{HOME}/x http://h:{PORT}/");
        assert_eq!(place.empty(&there), "{HOME}/x http://h:{PORT}/");
    }
}

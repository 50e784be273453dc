//! All sections of both files.

use tucuxi_core::Location;

use crate::header::Kind;
use crate::{FileKind, Section};

/// Sections of both files, sorted by kind, name and file.
///
/// A list, since a tree of sections and one of values would be much more code. Names that come in the opposite order
/// cost the square of their number, seconds for as many as fit into the largest file that is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sections {
    #[expect(clippy::vec_box, reason = "so that few bytes are moved to keep the order")]
    list: Vec<Box<Section>>,
}

impl Sections {
    #[inline(never)]
    pub(crate) fn find(&self, kind: Kind, name: &str, file: FileKind) -> Option<&Section> {
        self.list.get(self.position(kind, name, file).ok()?).map(|section| &**section)
    }

    /// The section at the place that the last [`open`](Self::open) named.
    pub(crate) fn at_mut(&mut self, at: usize) -> &mut Section {
        &mut self.list[at]
    }

    /// The place of a section, which is made if it is not there; and the line of its header if it is.
    pub(crate) fn open(&mut self, kind: Kind, name: &str, file: FileKind, header: Location) -> (usize, Option<u32>) {
        match self.position(kind, name, file) {
            Ok(at) => (at, Some(self.list[at].location().line())),
            Err(at) => {
                self.list.insert(at, Box::new(Section::new(kind, file, name, header)));
                (at, None)
            }
        }
    }

    /// Those of a kind, sorted by name; of a profile in both files that of the config file comes first.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Section> {
        self.list.iter().map(|section| &**section).filter(move |section| section.kind == kind)
    }

    /// Makes `[default]` of the config file a profile, unless there is a `[profile default]`; gives both back then.
    pub(crate) fn settle_bare_default(&mut self) -> Option<[&Section; 2]> {
        let bare = self.position(Kind::BareDefault, DEFAULT, FileKind::Config).ok()?;
        match self.position(Kind::Profile, DEFAULT, FileKind::Config) {
            Ok(at) => Some([&*self.list[bare], &*self.list[at]]),
            Err(at) => {
                let mut moved = self.list.remove(bare);
                moved.kind = Kind::Profile;
                // Profiles come first, so the place is still the right one.
                self.list.insert(at, moved);
                None
            }
        }
    }

    fn position(&self, kind: Kind, name: &str, file: FileKind) -> Result<usize, usize> {
        self.list.binary_search_by(|known| {
            (known.kind as u8, known.name(), known.file() as u8).cmp(&(kind as u8, name, file as u8))
        })
    }
}

const DEFAULT: &str = "default";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_keys_and_lines_only() {
        let at = Location::new("/f", 3);
        let mut sections = Sections::default();
        let (dev, _) = sections.open(Kind::Profile, "dev", FileKind::Config, at.clone());
        let section = sections.at_mut(dev);
        section.put("aws_secret_access_key", "SEKRIT", at.clone());
        let value = section.value_mut(0);
        value.push_line("SEKRIT");
        value.push_nested("k", "SEKRIT", at.clone());
        assert_eq!(format!("{value:?}"), "Value(/f:3)");
        section.put(&"sekrit".repeat(7), "", at);
        let shown = format!("{sections:?}");
        assert!(shown.contains("aws_secret_access_key") && shown.contains("[long name]"), "{shown}");
        assert!(!shown.to_lowercase().contains("sekrit"), "{shown}");
    }

    #[test]
    fn each_section_and_key_is_there_once_and_in_order() {
        let at = |line| Location::new("/f", line);
        let mut sections = Sections::default();
        let mut open = |kind, name, file, line| sections.open(kind, name, file, at(line));
        assert_eq!(open(Kind::SsoSession, "a", FileKind::Config, 1), (0, None));
        assert_eq!(open(Kind::Profile, "b", FileKind::Config, 2), (0, None));
        assert_eq!(open(Kind::Profile, "a", FileKind::Credentials, 3), (0, None));
        assert_eq!(open(Kind::Profile, "a", FileKind::Config, 4), (0, None));
        assert_eq!(open(Kind::Profile, "b", FileKind::Config, 5), (2, Some(2)));
        let lines: Vec<_> = sections.of_kind(Kind::Profile).map(|section| section.location().line()).collect();
        assert_eq!(lines, [4, 3, 2]);
        let section = sections.at_mut(2);
        let put = ["b", "c", "a", "b"].map(|key| section.put(key, "", at(1)));
        assert_eq!(put, [(0, None), (1, None), (0, None), (1, Some(1))]);
        assert_eq!(section.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(section.value("b").is_some() && section.value("d").is_none());
    }
}

//! All sections of both files.

use tucuxi_core::Location;

use crate::header::Kind;
use crate::{FileKind, Section};

/// Sections of both files, sorted by kind, name and file.
///
/// Only their places are moved to keep the order, since a tree of sections and one of values would be much more code.
/// Names that come in the opposite order cost the square of their number, seconds for as many as fit into the largest
/// file that is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sections {
    list: Vec<Section>,
    order: Vec<usize>,
}

impl Sections {
    pub(crate) fn find(&self, kind: Kind, name: &str, file: FileKind) -> Option<&Section> {
        self.position(kind, name, file).ok().map(|at| &self.list[self.order[at]])
    }

    /// The section at a place that [`open`](Self::open) named.
    pub(crate) fn at_mut(&mut self, at: usize) -> &mut Section {
        &mut self.list[at]
    }

    /// The place of a section, which is made if it is not there; and the line of its header if it is.
    pub(crate) fn open(&mut self, kind: Kind, name: &str, file: FileKind, header: Location) -> (usize, Option<u32>) {
        match self.position(kind, name, file) {
            Ok(at) => {
                let at = self.order[at];
                (at, Some(self.list[at].location().line()))
            }
            Err(at) => {
                self.order.insert(at, self.list.len());
                self.list.push(Section::new(kind, file, name, header));
                (self.list.len() - 1, None)
            }
        }
    }

    /// Those of a kind, sorted by name; of a profile in both files that of the config file comes first.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Section> {
        self.order.iter().map(|at| &self.list[*at]).filter(move |section| section.kind == kind)
    }

    /// Makes `[default]` of the config file a profile, unless there is a `[profile default]`; gives it back then.
    pub(crate) fn settle_bare_default(&mut self) -> Option<&Section> {
        let bare = self.position(Kind::BareDefault, DEFAULT, FileKind::Config).ok()?;
        match self.position(Kind::Profile, DEFAULT, FileKind::Config) {
            Ok(_) => Some(&self.list[self.order[bare]]),
            Err(at) => {
                let moved = self.order.remove(bare);
                self.list[moved].kind = Kind::Profile;
                self.order.insert(at, moved);
                None
            }
        }
    }

    fn position(&self, kind: Kind, name: &str, file: FileKind) -> Result<usize, usize> {
        self.order.binary_search_by(|at| {
            let known = &self.list[*at];
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
        assert_eq!(open(Kind::Profile, "b", FileKind::Config, 2), (1, None));
        assert_eq!(open(Kind::Profile, "a", FileKind::Credentials, 3), (2, None));
        assert_eq!(open(Kind::Profile, "a", FileKind::Config, 4), (3, None));
        assert_eq!(open(Kind::Profile, "b", FileKind::Config, 5), (1, Some(2)));
        let lines: Vec<_> = sections.of_kind(Kind::Profile).map(|section| section.location().line()).collect();
        assert_eq!(lines, [4, 3, 2]);
        let section = sections.at_mut(1);
        let put = ["b", "c", "a", "b"].map(|key| section.put(key, "", at(1)));
        assert_eq!(put, [(0, None), (1, None), (2, None), (0, Some(1))]);
        assert_eq!(section.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(section.value("b").is_some() && section.value("d").is_none());
    }
}

//! Sections of the two files.

use std::fmt;

use tucuxi_core::Location;

use crate::header::Kind;
use crate::{FileKind, Value};

/// A section of one file: its keys in lower case, each with its value and line.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    pub(crate) kind: Kind,
    file: FileKind,
    name: String,
    location: Location,
    /// Sorted by key.
    #[expect(clippy::vec_box, reason = "so that few bytes are moved to keep the order")]
    values: Vec<Box<Value>>,
}

impl Section {
    #[inline]
    pub(crate) fn new(kind: Kind, file: FileKind, name: &str, location: Location) -> Self {
        Self { kind, file, name: name.to_owned(), location, values: Vec::new() }
    }

    /// The name without its prefix: `corp` for `[sso-session corp]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of the first header with this name.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The value of a key, which is given in lower case.
    #[inline(never)]
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(self.position(key).ok()?).map(|value| &**value)
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| value.key())
    }

    /// The file that it stands in.
    pub(crate) fn file(&self) -> FileKind {
        self.file
    }

    /// The value at the place that the last [`put`](Self::put) named.
    pub(crate) fn value_mut(&mut self, at: usize) -> &mut Value {
        &mut self.values[at]
    }

    /// Sets a value; tells its place, and the line of the one that it replaces.
    pub(crate) fn put(&mut self, key: &str, text: &str, location: Location) -> (usize, Option<u32>) {
        let value = Box::new(Value::new(key, text, location));
        match self.position(key) {
            Ok(at) => {
                let known_since = self.values[at].location().line();
                self.values[at] = value;
                (at, Some(known_since))
            }
            Err(at) => {
                self.values.insert(at, value);
                (at, None)
            }
        }
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.values.binary_search_by(|value| value.key().cmp(key))
    }
}

impl fmt::Debug for Section {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys = Vec::new();
        for key in self.keys() {
            // One that is as long as a secret may be one: a line that was broken in the wrong place.
            keys.push(if key.len() < SECRET_LENGTH { key } else { "[long name]" });
        }
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("location", &format_args!("{}", self.location))
            .field("keys", &keys)
            .finish()
    }
}

const SECRET_LENGTH: usize = 40;

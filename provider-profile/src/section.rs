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
    values: Vec<Value>,
    /// Where the values are, sorted by key.
    order: Vec<usize>,
}

impl Section {
    pub(crate) fn new(kind: Kind, file: FileKind, name: &str, location: Location) -> Self {
        Self { kind, file, name: name.to_owned(), location, values: Vec::new(), order: Vec::new() }
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
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.position(key).ok().map(|at| &self.values[self.order[at]])
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|at| self.values[*at].key())
    }

    /// The file that it stands in.
    pub(crate) fn file(&self) -> FileKind {
        self.file
    }

    /// The value at a place that [`put`](Self::put) named.
    pub(crate) fn value_mut(&mut self, at: usize) -> &mut Value {
        &mut self.values[at]
    }

    /// Sets a value; tells its place, and the line of the one that it replaces.
    pub(crate) fn put(&mut self, key: &str, text: &str, location: Location) -> (usize, Option<u32>) {
        let value = Value::new(key, text, location);
        match self.position(key) {
            Ok(at) => {
                let at = self.order[at];
                let old = std::mem::replace(&mut self.values[at], value);
                (at, Some(old.location().line()))
            }
            Err(at) => {
                self.order.insert(at, self.values.len());
                self.values.push(value);
                (self.values.len() - 1, None)
            }
        }
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.order.binary_search_by(|at| self.values[*at].key().cmp(key))
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("location", &format_args!("{}", self.location))
            .field("keys", &self.keys().map(shown_key).collect::<Vec<_>>())
            .finish()
    }
}

/// A key that is as long as a secret may be one: a line that was broken in the wrong place.
fn shown_key(key: &str) -> &str {
    if key.len() < SECRET_LENGTH { key } else { "[long name]" }
}

const SECRET_LENGTH: usize = 40;

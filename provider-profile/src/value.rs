//! What a file says, and where.

use std::fmt;

use tucuxi_core::Location;
use zeroize::Zeroizing;

use crate::by_name::{ByName, Named};

/// The value of a key, with the line that it stands on; wiped when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    text: Zeroizing<String>,
    location: Location,
    nested: Vec<(String, Self)>,
}

impl Value {
    pub(crate) fn new(text: &str, location: Location) -> Self {
        Self { text: Zeroizing::new(text.to_owned()), location, nested: Vec::new() }
    }

    /// The text without surrounding white space; the lines of a continued value are joined with `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of the key.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// A sub-property: `path` for `addressing_style` in `s3 =` followed by an indented
    /// `addressing_style = path`. Names of sub-properties keep their case; the last of two counts.
    pub fn nested(&self, key: &str) -> Option<&Self> {
        self.nested.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The names of the sub-properties, in the order of the file.
    pub fn nested_keys(&self) -> impl Iterator<Item = &str> {
        self.nested.iter().map(|(name, _)| name.as_str())
    }

    /// Whether an indented line that follows is a sub-property and not more text.
    pub(crate) fn opens_block(&self) -> bool {
        self.text.is_empty() || !self.nested.is_empty()
    }

    pub(crate) fn push_line(&mut self, line: &str) {
        let wanted = self.text.len() + 1 + line.len();
        if wanted > self.text.capacity() {
            // A string that grows by itself leaves its old buffer unwiped.
            let mut grown = Zeroizing::new(String::with_capacity(wanted.max(2 * self.text.len())));
            grown.push_str(&self.text);
            self.text = grown;
        }
        self.text.push('\n');
        self.text.push_str(line);
    }

    pub(crate) fn push_nested(&mut self, key: &str, value: Self) {
        self.nested.push((key.to_owned(), value));
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.location)
    }
}

/// A section of one file: its keys in lower case, each with its value and line.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    name: String,
    location: Location,
    values: ByName<Entry>,
}

impl Section {
    pub(crate) fn new(name: &str, location: Location) -> Self {
        Self { name: name.to_owned(), location, values: ByName::default() }
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
        self.values.find(key).map(|entry| &entry.value)
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.names()
    }

    pub(crate) fn value_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.values.find_mut(key).map(|entry| &mut entry.value)
    }

    /// Sets a value and gives back the one that it replaces.
    pub(crate) fn insert(&mut self, key: String, value: Value) -> Option<Value> {
        self.values.insert(Entry { key, value }).map(|old| old.value)
    }
}

impl Named for Section {
    fn name(&self) -> &str {
        &self.name
    }
}

/// A key with its value.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    key: String,
    value: Value,
}

impl Named for Entry {
    fn name(&self) -> &str {
        &self.key
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_keys_and_lines_only() {
        let at = Location::new("/f", 3);
        let mut section = Section::new("dev", at.clone());
        let mut value = Value::new("SEKRIT", at.clone());
        value.push_line("SEKRIT");
        value.push_nested("k", Value::new("SEKRIT", at.clone()));
        assert_eq!(format!("{value:?}"), "Value(/f:3)");
        section.insert("aws_secret_access_key".to_owned(), value);
        section.insert("sekrit".repeat(7), Value::new("", at));
        let shown = format!("{section:?}");
        assert!(shown.contains("aws_secret_access_key") && shown.contains("[long name]"), "{shown}");
        assert!(!shown.to_lowercase().contains("sekrit"), "{shown}");
    }

    #[test]
    fn a_value_grows_line_by_line() {
        let mut value = Value::new("first", Location::new("/f", 1));
        (0..100).for_each(|_| value.push_line("next"));
        assert_eq!(value.text(), format!("first{}", "\nnext".repeat(100)));
    }
}

//! What a file says, and where.

use std::fmt;

use tucuxi_core::{Error, Location, trimmed};
use zeroize::Zeroize;

use crate::wrong::wrong;

/// A key with its value and the line that it stands on; the value is wiped when dropped and shown by neither `Debug`
/// nor `Display`, which is `region at /home/u/.aws/config:2`.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    key: String,
    text: Text,
    location: Location,
    #[expect(clippy::vec_box, reason = "as in a section, so that a program drops one kind of list")]
    nested: Vec<Box<Self>>,
}

impl Value {
    pub(crate) fn new(key: &str, text: &str, location: Location) -> Self {
        Self { key: key.to_owned(), text: Text(text.to_owned()), location, nested: Vec::new() }
    }

    /// The key, in lower case; that of a sub-property as the file has it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The text without surrounding white space; the lines of a continued value are joined with `\n`.
    pub fn text(&self) -> &str {
        &self.text.0
    }

    /// The line of the key.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// A sub-property: `path` for `addressing_style` in `s3 =` followed by an indented
    /// `addressing_style = path`. Names of sub-properties keep their case; the last of two counts.
    pub fn nested(&self, key: &str) -> Option<&Self> {
        self.nested.iter().rev().map(|value| &**value).find(|value| value.key == key)
    }

    /// The names of the sub-properties, in the order of the file.
    pub fn nested_keys(&self) -> impl Iterator<Item = &str> {
        self.nested.iter().map(|value| value.key())
    }

    /// Whether an indented line that follows is a sub-property and not more text.
    pub(crate) fn opens_block(&self) -> bool {
        self.text.0.is_empty() || !self.nested.is_empty()
    }

    pub(crate) fn push_line(&mut self, line: &str) {
        let text = &mut self.text.0;
        let wanted = text.len() + 1 + line.len();
        if wanted > text.capacity() {
            // A string that grows by itself leaves its old buffer unwiped.
            let mut grown = String::with_capacity(wanted.max(2 * text.len()));
            grown.push_str(text);
            self.text = Text(grown);
        }
        self.text.0.push('\n');
        self.text.0.push_str(line);
    }

    pub(crate) fn push_nested(&mut self, key: &str, text: &str, location: Location) {
        self.nested.push(Box::new(Self::new(key, text, location)));
    }

    /// Itself, unless it is empty.
    #[inline(never)]
    pub(crate) fn not_empty(&self) -> Result<&Self, Error> {
        self.said().not_empty().map(|()| self)
    }

    pub(crate) fn said(&self) -> Said<'_> {
        Said { key: &self.key, text: &self.text.0, location: &self.location }
    }
}

/// What a [`Value`] says, wherever it is kept.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) key: &'a str,
    pub(crate) text: &'a str,
    pub(crate) location: &'a Location,
}

impl Said<'_> {
    #[inline(never)]
    pub(crate) fn not_empty(self) -> Result<(), Error> {
        if trimmed(self.text).is_empty() {
            return Err(wrong(
                format_args!("{self} is empty"),
                format_args!("give {} a value, or take the line away", self.key),
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Said<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.key, self.location)
    }
}

/// What a key is set to.
#[derive(Clone, PartialEq, Eq)]
struct Text(String);

/// Written out, so that the wiping is not repeated wherever a value is dropped.
impl Drop for Text {
    #[inline(never)]
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Display for Value {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.said())
    }
}

impl fmt::Debug for Value {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.location)
    }
}

/// Whether a text stands in quotes, which nobody takes off.
pub(crate) fn is_quoted(text: &str) -> bool {
    matches!(text.as_bytes(), [b'"', .., b'"'] | [b'\'', .., b'\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_grows_line_by_line() {
        let mut value = Value::new("k", "first", Location::new("/f", 1));
        (0..100).for_each(|_| value.push_line("next"));
        assert_eq!(value.text(), format!("first{}", "\nnext".repeat(100)));
        assert_eq!(value.to_string(), "k at /f:1");
    }
}

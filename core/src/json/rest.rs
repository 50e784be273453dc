//! Members that nobody here knows.

use std::fmt;

use super::Writer;

/// What another tool put into an object, to be written again as it was. Any of it may be a secret.
#[derive(Clone, Default, PartialEq)]
pub struct Rest(Writer);

impl Rest {
    /// One more, with the text of its value.
    #[inline]
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.raw(name, value.as_bytes());
    }

    /// All of them, with commas between them.
    pub(super) fn members(&self) -> &[u8] {
        self.0.members()
    }
}

impl fmt::Debug for Rest {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rest({} bytes)", self.members().len())
    }
}

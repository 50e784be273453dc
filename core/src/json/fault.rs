//! Why JSON could not be read.

use std::fmt;

/// Why a text could not be read, and where; says nothing of what stands there, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) kind: FaultKind,
    line: usize,
    column: usize,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// A member that must be there is not.
    Missing(&'static str),
    /// It is no JSON.
    NotJson,
    /// A member is there twice, and nobody knows which one counts.
    Twice,
    /// A member has a value of another type.
    WrongType,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, line: usize, column: usize) -> Self {
        Self { kind, line, column }
    }

    /// What is wrong and where, for whoever has no use for the name of a member.
    #[inline]
    pub fn in_general(&self) -> String {
        let what = match self.kind {
            FaultKind::NotJson => "is not JSON",
            _ => "lacks a field or has one of the wrong type",
        };
        format!("{what} (line {}, column {})", self.line, self.column)
    }
}

/// Reads on after what was read: "the answer", "the file".
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FaultKind::Missing(name) => write!(f, "has no {name}"),
            FaultKind::NotJson => f.write_str("is not JSON"),
            FaultKind::Twice => f.write_str("has a field twice"),
            FaultKind::WrongType => f.write_str("has a field of the wrong type"),
        }?;
        write!(f, " (line {}, column {})", self.line, self.column)
    }
}

impl std::error::Error for Fault {}

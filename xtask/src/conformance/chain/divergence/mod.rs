//! Where tucuxi differs from botocore on purpose.

mod as_if;
mod clients;
mod facts;
mod keys;
mod metadata;
mod ours;
#[cfg(test)]
mod promised;
mod settings;
mod sources;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::case::Case;
use super::compare::Difference;
use ours::Ours;

/// One way in which the two differ.
pub(super) struct Divergence {
    pub(super) id: &'static str,
    /// The row that says so, `D` and its number, of the table in DIVERGENCES.md.
    pub(super) decision: &'static str,
    /// What tucuxi does instead.
    pub(super) says: &'static str,
    how: How,
}

/// What a divergence does to an answer. Whether it is about a case is decided without a look at our answer.
enum How {
    /// tucuxi answers as botocore answers another case; `None` for a case that stays as it is.
    AsIf(fn(&Case) -> Option<Case>),
    /// These fields may differ where the case, and what botocore says to it, are of this sort. What tucuxi then
    /// answers is promised too, so that no other difference hides behind it.
    Except { fields: &'static [&'static str], applies: fn(&Case, &Value) -> bool, promise: fn(&Ours<'_>) -> bool },
}

/// The divergences that make another case of this one, in the order in which they do.
pub(super) fn changes(case: &Case) -> Vec<&'static Divergence> {
    let mut other = case.clone();
    let changes = as_if::TABLE.iter().filter(|divergence| match divergence.change(&other) {
        Some(changed) => {
            other = changed;
            true
        }
        None => false,
    });
    changes.collect()
}

/// The case as these divergences change it.
pub(super) fn as_if(case: &Case, changes: &[&Divergence]) -> Case {
    changes.iter().fold(case.clone(), |case, divergence| divergence.change(&case).unwrap_or(case))
}

impl Divergence {
    fn change(&self, case: &Case) -> Option<Case> {
        match self.how {
            How::AsIf(change) => change(case),
            How::Except { .. } => None,
        }
    }
}

/// The divergences that explain the differences of a case, if every one of them is explained: it is about the case,
/// and our answer is what it promises.
pub(super) fn excuses(
    case: &Case,
    theirs: &Value,
    ours: &Value,
    differences: &[Difference],
) -> Option<Vec<&'static Divergence>> {
    let mut used: Vec<&Divergence> = Vec::new();
    for difference in differences {
        let by = EXCEPT.iter().flat_map(|table| table.iter()).find(|divergence| match divergence.how {
            How::AsIf(_) => false,
            How::Except { fields, applies, promise } => {
                fields.iter().any(|name| difference.is(name))
                    && applies(case, theirs)
                    && promise(&Ours { case, answer: ours, field: &difference.field })
            }
        })?;
        if !used.iter().any(|divergence| divergence.id == by.id) {
            used.push(by);
        }
    }
    Some(used)
}

/// Every divergence.
pub(super) fn all() -> impl Iterator<Item = &'static Divergence> {
    as_if::TABLE.iter().chain(EXCEPT.iter().flat_map(|table| table.iter()))
}

/// Whether botocore asked this source, or one that lies behind it.
fn asked(theirs: &Value, link: &str) -> bool {
    theirs["load"]["visited"].as_array().is_some_and(|visited| visited.iter().any(|visited| visited == link))
}

/// The kind of botocore's error.
fn kind(theirs: &Value) -> Option<&str> {
    let errors = [&theirs["session"], &theirs["load"]["error"], &theirs["freeze"]];
    errors.into_iter().find_map(|error| error["kind"].as_str())
}

/// How it ended, and with what.
const OUTCOME: &[&str] = &[
    "outcome",
    "kind",
    "code",
    "link",
    "method",
    "access_key",
    "secret_key",
    "token",
    "account_id",
    "expiry",
    "requests",
];

const EXCEPT: &[&[Divergence]] = &[keys::TABLE, sources::TABLE, metadata::TABLE, settings::TABLE, clients::TABLE];

//! Counting what was equal, what differs on purpose and what does not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::case::Case;
use super::compare::Difference;
use super::divergence::{self, Divergence};
use super::options::Options;

/// What came of one case.
pub(super) enum Verdict {
    Equal,
    /// By these divergences.
    Explained(Vec<&'static Divergence>),
    /// Also not as the divergences change the case.
    Unexplained {
        changed: Case,
        text: String,
    },
}

/// How many cases ended how.
pub(super) struct Counts {
    /// Equal, or different on purpose.
    pub(super) passed: u64,
    pub(super) failed: u64,
}

pub(super) struct Report {
    name: String,
    shown: usize,
    samples: String,
    sampled: usize,
    equal: usize,
    explained: usize,
    failed: usize,
    by_divergence: BTreeMap<&'static str, usize>,
    by_family: BTreeMap<String, usize>,
}

impl Report {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            name: options.name(),
            shown: options.shown,
            samples: options.samples.clone(),
            sampled: 0,
            equal: 0,
            explained: 0,
            failed: 0,
            by_divergence: BTreeMap::new(),
            by_family: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, case: &Case, verdict: Verdict) {
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::Explained(used) => {
                self.explained += 1;
                for divergence in used {
                    *self.by_divergence.entry(divergence.id).or_default() += 1;
                }
            }
            Verdict::Unexplained { changed, text } => self.fail(case, &changed, &text),
        }
    }

    /// Shows a case that differs by the divergence that is to be looked at.
    pub(super) fn sample(&mut self, case: &Case, verdict: &Verdict, theirs: &Value, ours: &Value) {
        let Verdict::Explained(used) = verdict else { return };
        if self.sampled < self.shown && used.iter().any(|divergence| divergence.id == self.samples) {
            self.sampled += 1;
            let (theirs, ours) = (brief(theirs), brief(ours));
            println!("SAMPLE {}\n  botocore {theirs}\n  tucuxi   {ours}\n  case {}", case.id(), without_names(case));
        }
    }

    /// Prints the totals.
    pub(super) fn finish(self) -> Counts {
        for divergence in divergence::all() {
            if let Some(count) = self.by_divergence.get(divergence.id) {
                println!("{count:>6}  {:<28} {:<4} {}", divergence.id, divergence.decision, divergence.says);
            }
        }
        for (family, count) in &self.by_family {
            println!("{count:>6}  unexplained in family {family}");
        }
        let total = self.equal + self.explained + self.failed;
        println!(
            "chain {}: {total} cases, {} equal, {} differ on purpose, {} unexplained",
            self.name, self.equal, self.explained, self.failed
        );
        let count = |cases: usize| u64::try_from(cases).unwrap_or(u64::MAX);
        Counts { passed: count(self.equal + self.explained), failed: count(self.failed) }
    }

    fn fail(&mut self, case: &Case, changed: &Case, text: &str) {
        self.failed += 1;
        *self.by_family.entry(case.family().to_owned()).or_default() += 1;
        if self.failed <= self.shown {
            println!("DIFFERENT {}\n{text}  case {}", case.id(), without_names(case));
            if case != changed {
                println!("  as if {}", without_names(changed));
            }
        }
    }
}

/// The fields that differ, and both answers in brief.
pub(super) fn describe(differences: &[Difference], theirs: &Value, ours: &Value) -> String {
    let mut text: String = differences
        .iter()
        .map(|Difference { field, theirs, ours }| format!("  {field}: botocore {theirs}, tucuxi {ours}\n"))
        .collect();
    text.push_str(&format!("  botocore {}\n  tucuxi   {}\n", brief(theirs), brief(ours)));
    text
}

/// The parts of an answer that tell why.
fn brief(answer: &Value) -> Value {
    let mut brief = json!({});
    for field in ["session", "load", "creds", "freeze", "client"] {
        if !answer[field].is_null() {
            brief[field] = answer[field].clone();
        }
    }
    brief
}

fn without_names(case: &Case) -> Value {
    let mut json = case.json().clone();
    if let Value::Object(fields) = &mut json {
        fields.remove("id");
        fields.remove("family");
    }
    json
}

//! The invariants that a program can check. `ARCHITECTURE.md` states them; each rule here says what it found where.

mod documents;
mod error_texts;
mod graph;
mod manifest;
mod source;
mod tree;
mod troubleshooting;
mod variables;

use crate::arguments::{Failure, flags};
use tree::Tree;

pub(crate) const HELP: &str = "\
usage: cargo xtask tidy [--write]

Checks the invariants of ARCHITECTURE.md that a program can check: who depends on whom, which files are pure, names,
sizes, manifests, documents.

  --write  bring the generated table of environment variables up to date first";

/// What a rule found: nothing, warnings or errors.
#[derive(Debug, Default)]
struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// A rule: what it says, and the check.
type Rule = (&'static str, fn(&Tree, &mut Findings));

const RULES: &[Rule] = &[
    ("no provider depends on another provider", graph::providers_stay_apart),
    ("no published crate but the sandbox is built with async-trait", graph::macros_stay_outside),
    ("only transport, facade, cli and sandbox name a runtime or an HTTP stack", graph::runtimes_stay_outside),
    ("wire and plan files are pure", source::pure_files),
    ("only provider-profile reads the shared config files", source::config_files),
    ("no name begins with get_ or handle_, and nothing is called utils", source::names),
    ("no file is longer than 300 code lines", source::sizes),
    ("nothing is left to do later", source::leftovers),
    ("every package says what it is and shares the lints", manifest::packages),
    ("unsafe code is forbidden", manifest::unsafe_code),
    ("documents name no machine's folders", documents::machine_paths),
    ("every document is there", documents::presence),
    ("README lists exactly the packages of the workspace", documents::packages_in_readme),
    ("every environment variable is documented", variables::table),
    ("every source has its heading in TROUBLESHOOTING.md", troubleshooting::sources),
    ("TROUBLESHOOTING.md quotes messages as they are printed", troubleshooting::messages),
    ("TROUBLESHOOTING.md quotes what providers fail with", error_texts::quoted),
];

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let given = flags(words, &["--write"])?;
    let root = crate::command::root();
    if given.contains(&"--write") {
        variables::write(&root)?;
    }
    let tree = Tree::load(&root)?;
    let mut errors = 0;
    for (says, check) in RULES {
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        println!("{} {says}", if findings.errors.is_empty() { "    ok" } else { "BROKEN" });
        for finding in &findings.errors {
            println!("         {finding}");
        }
        for finding in &findings.warnings {
            println!("         warning: {finding}");
        }
        errors += findings.errors.len();
    }
    match errors {
        0 => Ok(()),
        _ => Err(Failure::new(format!("tidy found {errors} to put right"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs one rule over a tree and compares what it finds, by the beginning of each finding.
    pub(super) fn check(rule: fn(&Tree, &mut Findings), files: &[(&str, &str)], expected: &[&str]) {
        let mut findings = Findings::default();
        rule(&Tree::fake(files), &mut findings);
        let same = findings.errors.len() == expected.len()
            && findings.errors.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
        assert!(same, "found {:#?}\nexpected {expected:#?}", findings.errors);
    }

    #[test]
    fn the_work_tree_can_be_read() {
        let tree = Tree::load(&crate::command::root()).unwrap();
        assert!(tree.manifests().count() > 5 && tree.sources().count() > 20);
    }
}

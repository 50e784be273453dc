//! The table of environment variables in TROUBLESHOOTING.md, generated from the names that stand in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Findings;
use super::tree::Tree;
use crate::arguments::Failure;

/// The generated table is what the code says.
pub(super) fn table(tree: &Tree, findings: &mut Findings) {
    let Some(text) = tree.text(DOCUMENT) else {
        return findings.error(format!("{DOCUMENT} is missing"));
    };
    match section(text) {
        None => findings.error(format!("{DOCUMENT}: the lines `{BEGIN}` and `{END}` are missing")),
        Some((_, found, _)) if found.trim() == generate(tree).trim() => {}
        Some(_) => {
            findings.error(format!("{DOCUMENT}: the table is not what the code says; `cargo xtask tidy --write`"))
        }
    }
}

/// Writes the table between its marks.
pub(super) fn write(root: &Path) -> Result<(), Failure> {
    let tree = Tree::load(root)?;
    let text = tree.text(DOCUMENT).ok_or_else(|| Failure::new(format!("{DOCUMENT} is missing")))?;
    let (before, _, after) =
        section(text).ok_or_else(|| Failure::new(format!("{DOCUMENT} has no `{BEGIN}` and `{END}`")))?;
    let path = root.join(DOCUMENT);
    std::fs::write(&path, format!("{before}{BEGIN}\n{}\n{END}{after}", generate(&tree)))
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The text before the first mark, between the marks, and after the second.
fn section(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (between, after) = rest.split_once(END)?;
    Some((before, between, after))
}

fn generate(tree: &Tree) -> String {
    let mut readers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in tree.sources().filter(|source| !INSIDE.contains(&source.package())) {
        for (_, line) in source.code() {
            for name in names(line) {
                readers.entry(name.to_owned()).or_default().insert(source.package().to_owned());
            }
        }
    }
    let mut text = String::from("| variable | named in |\n|---|---|");
    for (name, packages) in readers {
        let packages: Vec<String> = packages.into_iter().collect();
        text.push_str(&format!("\n| `{name}` | {} |", packages.join(", ")));
    }
    text
}

/// String literals that are nothing but the name of a variable.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|text| {
        let is_prefixed = PREFIXES.iter().any(|prefix| text.starts_with(prefix))
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && !text.ends_with('_');
        is_prefixed || OTHERS.contains(text)
    })
}

const DOCUMENT: &str = "TROUBLESHOOTING.md";
const BEGIN: &str = "<!-- variables: written by `cargo xtask tidy --write` -->";
const END: &str = "<!-- end of variables -->";
const PREFIXES: &[&str] = &["AWS_", "TUCUXI_", "BOTO_"];
/// Those that are not AWS's, boto's or ours.
const OTHERS: &[&str] = &[
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "REQUEST_METHOD",
    "CLICOLOR_FORCE",
    "NO_COLOR",
    "TERM",
    "HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
];
/// What is not for users.
const INSIDE: &[&str] = &["testkit", "xtask", "sandbox"];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_table_that_is_behind_the_code_is_found() {
        let code = (
            "core/src/lib.rs",
            "const A: &str = \"AWS_REGION\"; // \"AWS_IN_COMMENT_AFTER\"\nlet b = (\"AWS_ region\", \"no_proxy\", \"TERMS\");",
        );
        let document = |rows: &str| format!("words\n{BEGIN}\n| variable | named in |\n|---|---|{rows}\n{END}\nwords\n");
        let right = document("\n| `AWS_IN_COMMENT_AFTER` | core |\n| `AWS_REGION` | core |\n| `no_proxy` | core |");
        check(table, &[code, (DOCUMENT, &right)], &[]);
        check(table, &[code, (DOCUMENT, &document(""))], &["TROUBLESHOOTING.md: the table is not"]);
        check(table, &[code, (DOCUMENT, "no marks")], &["TROUBLESHOOTING.md: the lines"]);
        check(table, &[code], &["TROUBLESHOOTING.md is missing"]);
    }
}

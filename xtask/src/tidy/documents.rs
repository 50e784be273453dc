//! What stands in the documents.

use std::collections::BTreeSet;

use super::Findings;
use super::tree::Tree;

/// A path of one machine helps nobody on another.
pub(super) fn machine_paths(tree: &Tree, findings: &mut Findings) {
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Use", "rs/"), concat!("/home/", "dev/")];
    for (path, text) in tree.files().filter(|(path, _)| !path.ends_with(".json") && *path != "Cargo.lock") {
        for (index, line) in text.lines().enumerate() {
            for found in paths.iter().filter(|found| names_folder(line, found)) {
                findings.error(format!("{path}:{}: {found}", index + 1));
            }
        }
    }
}

/// A folder at the root of the file system, not one of the same name elsewhere.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && !"./_-".contains(before))
    })
}

/// What a stranger looks for.
pub(super) fn presence(tree: &Tree, findings: &mut Findings) {
    for path in DOCUMENTS {
        match tree.text(path) {
            None => findings.error(format!("{path} is missing")),
            Some(text) if text.trim().is_empty() => findings.error(format!("{path} is empty")),
            Some(_) => {}
        }
    }
    let lines = tree.text("ARCHITECTURE.md").map_or(0, |text| text.lines().count());
    if lines > 150 {
        findings.error(format!("ARCHITECTURE.md: {lines} lines; 150 are enough for a map"));
    }
}

/// The table has every package that is published, and none that is gone.
pub(super) fn packages_in_readme(tree: &Tree, findings: &mut Findings) {
    let Some(readme) = tree.text("README.md") else {
        return findings.error("README.md is missing");
    };
    let listed: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| *name == "tucuxi" || name.starts_with("tucuxi-"))
        .collect();
    let manifests: Vec<_> = tree.manifests().collect();
    for manifest in manifests.iter().filter(|manifest| manifest.is_published() && !listed.contains(manifest.name())) {
        findings.error(format!("README.md: no row for {}", manifest.name()));
    }
    for name in listed.into_iter().filter(|name| !manifests.iter().any(|manifest| manifest.name() == *name)) {
        findings.error(format!("README.md: {name} is no package of the workspace"));
    }
}

const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "TROUBLESHOOTING.md",
];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_folder_of_one_machine_is_found() {
        let text = format!("see {}notes.md\nand frame{}x\n", concat!("/wo", "rk/"), concat!("/wo", "rk/"));
        check(machine_paths, &[("README.md", &text)], &[concat!("README.md:1: /wo", "rk/")]);
    }

    #[test]
    fn a_missing_document_and_a_long_map_are_found() {
        let mut files: Vec<(&str, &str)> = DOCUMENTS.iter().map(|path| (*path, "text")).collect();
        check(presence, &files, &[]);
        files[1].1 = " \n";
        check(presence, &files, &["CHANGELOG.md is empty"]);
        check(presence, &files[2..], &["ARCHITECTURE.md is missing", "CHANGELOG.md is missing"]);
        let long = "line\n".repeat(151);
        files[0].1 = &long;
        files[1].1 = "text";
        check(presence, &files, &["ARCHITECTURE.md: 151 lines"]);
    }

    #[test]
    fn a_table_that_is_not_the_workspace_is_found() {
        let packages = [
            ("core/Cargo.toml", "[package]\nname = 'tucuxi-core'"),
            ("x/Cargo.toml", "[package]\nname='xtask'\npublish=false"),
        ];
        let readme = |row| [packages[0], packages[1], ("README.md", row)];
        check(packages_in_readme, &readme("| `tucuxi-core` | words |"), &[]);
        check(
            packages_in_readme,
            &readme("| `tucuxi-gone` | words |"),
            &["README.md: no row for tucuxi-core", "README.md: tucuxi-gone is no package"],
        );
    }
}

//! What stands in the manifests.

use super::Findings;
use super::tree::Tree;

/// A package says what it is, and takes what is shared from the workspace.
pub(super) fn packages(tree: &Tree, findings: &mut Findings) {
    for manifest in tree.manifests() {
        let package = manifest.table.get("package");
        let at = format!("{}/Cargo.toml", manifest.folder);
        for field in ["description", "license", "rust-version"] {
            if package.and_then(|package| package.get(field)).is_none() {
                findings.error(format!("{at}: no {field}"));
            }
        }
        let shared = manifest.table.get("lints").and_then(|lints| lints.get("workspace"));
        if shared.and_then(toml::Value::as_bool) != Some(true) {
            findings.error(format!("{at}: no `[lints] workspace = true`"));
        }
    }
}

/// One line at the root speaks for every package, because every package shares the lints.
pub(super) fn unsafe_code(tree: &Tree, findings: &mut Findings) {
    let root: Option<toml::Table> = tree.text("Cargo.toml").and_then(|text| text.parse().ok());
    let lint = root.as_ref().and_then(|root| root.get("workspace")?.get("lints")?.get("rust")?.get("unsafe_code"));
    if lint.and_then(toml::Value::as_str) != Some("forbid") {
        findings.error("Cargo.toml: workspace.lints.rust.unsafe_code is not \"forbid\"");
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_bare_manifest_is_found() {
        check(
            packages,
            &[("a/Cargo.toml", "[package]\nname = 'a'\nlicense.workspace = true\n")],
            &["a/Cargo.toml: no description", "a/Cargo.toml: no rust-version", "a/Cargo.toml: no `[lints]"],
        );
        let whole = "[package]\nname='a'\ndescription='d'\nlicense='MIT'\nrust-version='1'\n[lints]\nworkspace=true\n";
        check(packages, &[("a/Cargo.toml", whole)], &[]);
    }

    #[test]
    fn unsafe_code_that_is_only_denied_is_found() {
        let manifest = |level: &str| format!("[workspace.lints.rust]\nunsafe_code = '{level}'\n");
        check(unsafe_code, &[("Cargo.toml", &manifest("forbid"))], &[]);
        check(unsafe_code, &[("Cargo.toml", &manifest("deny"))], &["Cargo.toml: workspace.lints"]);
        check(unsafe_code, &[], &["Cargo.toml: workspace.lints"]);
    }
}

//! Where dependencies come from, under which licences, in how many versions, and which Rust they ask for: the lists
//! of `deny.toml`, judged from cargo's own metadata.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::arguments::Failure;
use crate::command::root;
use crate::workspace::{Package, Workspace};

#[derive(Debug, Deserialize)]
struct Lists {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Named>,
    /// May be linked in two versions.
    skip: Vec<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
    reason: String,
}

/// Licences and sources of everything in the lock file that this target uses; bans and duplicate versions in what
/// the published packages link.
pub(crate) fn check() -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let path = root().join("deny.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
    let lists: Lists = toml::from_str(&text).map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
    let allowed: BTreeSet<&str> = lists.licenses.allow.iter().map(String::as_str).collect();

    let mut findings = Vec::new();
    for package in &workspace.packages {
        findings.extend(licence_finding(package, &allowed));
        findings.extend(source_finding(package));
    }
    let linked: BTreeSet<&str> = workspace.published().flat_map(|package| workspace.linked(package)).collect();
    let linked: Vec<&Package> = linked.into_iter().filter_map(|id| workspace.package(id)).collect();
    for ban in &lists.bans.deny {
        if linked.iter().any(|package| package.name == ban.name) {
            findings.push(format!("{} is linked, and deny.toml bans it: {}", ban.name, ban.reason));
        }
    }
    let versions = linked.iter().map(|package| (package.name.as_str(), package.version.as_str()));
    let (findings_here, known) = duplicates(versions, &lists.bans.skip);
    findings.extend(findings_here);
    println!("{} packages looked at, {} linked by what is published", workspace.packages.len(), linked.len());
    for note in known {
        println!("known: {note}");
    }
    settle(findings)
}

/// No linked dependency of a package asks for a newer Rust than the package declares.
pub(crate) fn check_rust_versions() -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let mut findings = Vec::new();
    for member in workspace.members() {
        let Some(declared) = &member.rust_version else {
            findings.push(format!("{} declares no rust-version", member.name));
            continue;
        };
        for package in workspace.linked(member).into_iter().filter_map(|id| workspace.package(id)) {
            if let Some(asked) = &package.rust_version
                && version(asked) > version(declared)
            {
                findings.push(format!(
                    "{} declares Rust {declared}, and its dependency {} {} asks for {asked}",
                    member.name, package.name, package.version
                ));
            }
        }
        println!("{:<26} {declared}", member.name);
    }
    settle(findings)
}

fn licence_finding(package: &Package, allowed: &BTreeSet<&str>) -> Option<String> {
    match &package.license {
        Some(expression) if permits(expression, allowed) => None,
        Some(expression) => Some(format!("{} {}: licence {expression}", package.name, package.version)),
        None if package.license_file.is_some() => Some(format!("{}: a licence file, and no expression", package.name)),
        None => Some(format!("{} {}: no licence", package.name, package.version)),
    }
}

fn source_finding(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    (source != registry).then(|| format!("{} {}: comes from {source}", package.name, package.version))
}

/// Whether a licence expression can be met with allowed licences only: `OR` and `AND`, `AND` binding tighter, with
/// parentheses; the old `/` means `OR`.
fn permits(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let answer = either(&words, &mut at, allowed);
    answer && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut answer = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        answer |= both(words, at, allowed);
    }
    answer
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut answer = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        answer &= one(words, at, allowed);
    }
    answer
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    if words.get(*at) == Some(&"(") {
        *at += 1;
        let answer = either(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return answer && closed;
    }
    let mut name = words.get(*at).copied().unwrap_or_default().to_owned();
    *at += 1;
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    allowed.contains(name.as_str())
}

/// Packages in more than one version: those that nobody excused, and those that somebody did. An excuse that is no
/// longer needed is a finding too.
fn duplicates<'a>(packages: impl Iterator<Item = (&'a str, &'a str)>, excused: &[Named]) -> (Vec<String>, Vec<String>) {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().insert(version);
    }
    let (mut findings, mut known) = (Vec::new(), Vec::new());
    for (name, several) in versions.iter().filter(|(_, several)| several.len() > 1) {
        let list = several.iter().copied().collect::<Vec<_>>().join(", ");
        match excused.iter().find(|excused| excused.name == **name) {
            Some(excused) => known.push(format!("{name} in versions {list}: {}", excused.reason)),
            None => findings.push(format!("{name} is linked in versions {list}")),
        }
    }
    for Named { name, .. } in excused {
        if versions.get(name.as_str()).is_none_or(|several| several.len() < 2) {
            findings.push(format!("{name} is excused for two versions and has one; take the excuse away"));
        }
    }
    (findings, known)
}

/// `1.88` and `1.88.0` are the same.
fn version(text: &str) -> Vec<u32> {
    let mut parts: Vec<u32> = text.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    parts.resize(3, 0);
    parts
}

fn settle(findings: Vec<String>) -> Result<(), Failure> {
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("{} found:\n  {}", findings.len(), findings.join("\n  ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions() {
        let check = |expression: &str, expected: bool| {
            let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]);
            assert_eq!(permits(expression, &allowed), expected, "{expression}");
        };
        check("MIT", true);
        check("GPL-3.0", false);
        check("MIT OR GPL-3.0", true);
        check("GPL-3.0 OR MIT", true);
        check("MIT/GPL-3.0", true);
        check("MIT AND GPL-3.0", false);
        check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
        check("(MIT AND GPL-3.0) OR AGPL-3.0", false);
        check("GPL-3.0 OR MIT AND Unicode-3.0", true);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("Apache-2.0 WITH Other-exception", false);
        check("(MIT", false);
        check("", false);
    }

    #[test]
    fn two_versions_need_an_excuse_and_an_excuse_needs_two_versions() {
        let excused = [("b", "why"), ("c", "stale")]
            .map(|(name, reason)| Named { name: name.to_owned(), reason: reason.to_owned() });
        let packages = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("c", "1")];
        let (findings, known) = duplicates(packages.into_iter(), &excused);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].starts_with("a is linked in versions 1, 2"), "{findings:?}");
        assert!(findings[1].starts_with("c is excused"), "{findings:?}");
        assert_eq!(known, ["b in versions 1, 2: why"]);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("1.100") > version("1.88.0"));
        assert_eq!(version("1.88"), version("1.88.0"));
    }
}

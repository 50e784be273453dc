//! The files that rules look at.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::arguments::Failure;
use crate::command::output;

/// Text files of the work tree by path, relative to its root, with `/`.
#[derive(Debug)]
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

/// The manifest of a package.
pub(super) struct Manifest<'a> {
    /// The folder of the package; empty for the root.
    pub(super) folder: &'a str,
    pub(super) table: toml::Table,
}

/// A Rust file below some package's `src`, without its tests.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    /// The lines before the test module, with their numbers.
    pub(super) lines: Vec<(usize, &'a str)>,
}

impl Tree {
    /// Every file that git knows or would add.
    pub(super) fn load(root: &Path) -> Result<Self, Failure> {
        let mut git = Command::new("git");
        git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let mut files = BTreeMap::new();
        for path in output(&mut git)?.lines() {
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                files.insert(path.to_owned(), text);
            }
        }
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(super) fn fake(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The manifests of the packages.
    pub(super) fn manifests(&self) -> impl Iterator<Item = Manifest<'_>> {
        self.files().filter_map(|(path, text)| {
            let folder = path.strip_suffix("/Cargo.toml")?;
            Some(Manifest { folder, table: text.parse().ok()? })
        })
    }

    /// The Rust files of every package's `src` that are not tests.
    pub(super) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        self.files()
            .filter(|(path, _)| path.ends_with(".rs") && path.contains("/src/") && !path.ends_with("/tests.rs"))
            .map(|(path, text)| Source { path, lines: without_tests(text) })
    }
}

impl Manifest<'_> {
    /// Whether it is meant for a registry.
    pub(super) fn is_published(&self) -> bool {
        let publish = self.table.get("package").and_then(|package| package.get("publish"));
        publish.and_then(toml::Value::as_bool) != Some(false)
    }

    pub(super) fn name(&self) -> &str {
        self.table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str).unwrap_or("")
    }

    /// Normal dependencies, those of single targets included: name and value.
    pub(super) fn dependencies(&self) -> Vec<(&str, &toml::Value)> {
        let mut all = Vec::new();
        let targets = self.table.get("target").and_then(toml::Value::as_table);
        let tables = targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table);
        for table in std::iter::once(&self.table).chain(tables) {
            let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
            all.extend(dependencies.into_iter().flatten().map(|(name, value)| (name.as_str(), value)));
        }
        all
    }
}

impl Source<'_> {
    /// Lines that are neither blank nor comment.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines.iter().copied().filter(|(_, line)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with("//")
        })
    }

    /// The folder of the package.
    pub(super) fn package(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Test modules stand last in a file here.
fn without_tests(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0].trim() == "#[cfg(test)]" && (pair[1].contains("mod ") && pair[1].trim_end().ends_with('{'))
    });
    let end = tests.unwrap_or(lines.len());
    lines[..end].iter().enumerate().map(|(index, line)| (index + 1, *line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_ends_where_its_tests_begin() {
        let tree = Tree::fake(&[("a/src/lib.rs", "fn a() {}\n// c\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n")]);
        let code: Vec<String> = tree
            .sources()
            .flat_map(|source| source.code().map(|(_, line)| line.to_owned()).collect::<Vec<_>>())
            .collect();
        assert_eq!(code, ["fn a() {}"]);
    }

    #[test]
    fn dependencies_of_single_targets_count() {
        let tree =
            Tree::fake(&[("a/Cargo.toml", "[dependencies]\nx = '1'\n[target.'cfg(unix)'.dependencies]\ny = '1'")]);
        let manifest = tree.manifests().next().unwrap();
        let names: Vec<&str> = manifest.dependencies().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["x", "y"]);
    }
}

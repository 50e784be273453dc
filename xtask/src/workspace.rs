//! What cargo knows about the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

use crate::arguments::Failure;
use crate::command::{cargo, output, root};

/// `cargo metadata`, as far as the tasks look at it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

/// One package, of the workspace or not.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) rust_version: Option<String>,
    /// `None`: to any registry; an empty list: to none.
    publish: Option<Vec<String>>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    /// Absent for a normal dependency.
    kind: Option<String>,
}

impl Workspace {
    /// Everything, with all features, for this machine's target only.
    pub(crate) fn load() -> Result<Self, Failure> {
        let target = host_target()?;
        let text = output(cargo().current_dir(root()).args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--filter-platform",
            &target,
        ]))?;
        serde_json::from_str(&text).map_err(|error| Failure::new(format!("cargo metadata: {error}")))
    }

    /// The packages of the workspace, by name.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The packages of the workspace that are meant for a registry.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.members().filter(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty()))
    }

    /// The package, if the workspace has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name == name)
    }

    /// Everything that is linked into a program that depends on `from`, itself included: normal dependencies,
    /// all the way down.
    pub(crate) fn linked<'a>(&'a self, from: &'a Package) -> BTreeSet<&'a str> {
        let edges: BTreeMap<&str, &Node> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut seen = BTreeSet::new();
        let mut left = vec![from.id.as_str()];
        while let Some(id) = left.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(node) = edges.get(id) {
                left.extend(node.deps.iter().filter(|edge| edge.is_normal()).map(|edge| edge.pkg.as_str()));
            }
        }
        seen
    }

    /// The package of an id.
    pub(crate) fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }
}

impl Edge {
    fn is_normal(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.is_none())
    }
}

/// The target that rustc builds for here.
fn host_target() -> Result<String, Failure> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("rustc -vV names no host"))
}

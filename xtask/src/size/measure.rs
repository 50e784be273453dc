//! Building a program from nothing and looking at it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::probe::{MAIN, Probe};
use crate::arguments::Failure;
use crate::command::{cargo, output, root, target, without_aws_settings};

/// How the programs are built.
#[derive(Clone, Copy)]
pub(super) enum Profile {
    /// As nearly everybody builds them, and stripped.
    Release,
    /// As a program that counts bytes is built.
    Small,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Small => "small",
        }
    }
}

/// What a program costs.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) crates: usize,
    pub(super) packages: BTreeSet<String>,
    pub(super) cpu_seconds: f64,
    pub(super) bytes: u64,
    pub(super) instructions: Option<u64>,
}

pub(super) fn has_valgrind() -> bool {
    output(Command::new("valgrind").arg("--version")).is_ok()
}

/// Writes the package, fetches what it needs, builds it from nothing, and runs it if it can run here.
pub(super) fn measure(probe: &Probe<'_>, profile: Profile, valgrind: bool) -> Result<Measured, Failure> {
    let build = build_folder(probe);
    if build.exists() {
        std::fs::remove_dir_all(&build).map_err(|error| Failure::new(format!("{}: {error}", build.display())))?;
    }
    let mut measured = measure_again(probe, profile)?;
    if valgrind && probe.reads_environment {
        measured.instructions = Some(instructions(&build.join(profile.name()).join("probe"))?);
    }
    Ok(measured)
}

/// The same without the instructions, and with what an earlier build has left: its CPU time means nothing then.
pub(super) fn measure_again(probe: &Probe<'_>, profile: Profile) -> Result<Measured, Failure> {
    let folder = write(probe)?;
    output(cargo().current_dir(&folder).arg("fetch"))?;
    let tree = output(cargo().current_dir(&folder).args(["tree", "--edges", "normal", "--prefix", "none"]))?;
    let packages = packages(&tree);
    let build = build_folder(probe);
    let times = output(
        Command::new("sh")
            .args(["-c", r#""$@" || exit; times"#, "sh"])
            .arg(cargo().get_program())
            .args(["build", "--offline", "--profile", profile.name(), "--target-dir"])
            .arg(&build)
            .current_dir(&folder),
    )?;
    let program = build.join(profile.name()).join("probe");
    let bytes =
        std::fs::metadata(&program).map_err(|error| Failure::new(format!("{}: {error}", program.display())))?.len();
    Ok(Measured {
        crates: packages.len(),
        packages: packages.into_iter().map(|(name, _)| name.to_owned()).collect(),
        cpu_seconds: cpu_seconds(&times)?,
        bytes,
        instructions: None,
    })
}

fn build_folder(probe: &Probe<'_>) -> PathBuf {
    target().join("size").join(folder_name(probe))
}

fn folder_name(probe: &Probe<'_>) -> String {
    probe.name.replace([' ', '+'], "-")
}

/// The package stands outside the workspace, with the same profiles, and for ours with the same versions.
fn write(probe: &Probe<'_>) -> Result<PathBuf, Failure> {
    let folder = target().join("size-probe").join(folder_name(probe));
    let root = root();
    let workspace = std::fs::read_to_string(root.join("Cargo.toml"))
        .map_err(|error| Failure::new(format!("Cargo.toml: {error}")))?;
    let table: toml::Table = workspace.parse().map_err(|error| Failure::new(format!("Cargo.toml: {error}")))?;
    let profile = table.get("profile").and_then(|profiles| profiles.get("small"));
    let profile = profile.ok_or_else(|| Failure::new("Cargo.toml has no profile `small`"))?.to_string();
    let manifest = format!(
        "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]{}\n[profile]\nrelease.strip = true\nsmall = {profile}\n",
        probe.dependencies.replace("<root>", &root.display().to_string()),
    );
    let lock = folder.join("Cargo.lock");
    let written = std::fs::create_dir_all(folder.join("src"))
        .and_then(|()| std::fs::write(folder.join("Cargo.toml"), manifest))
        .and_then(|()| std::fs::write(folder.join("src/main.rs"), format!("{}{MAIN}", probe.main.trim_start())))
        .and_then(|()| match probe.ours {
            true => std::fs::copy(root.join("Cargo.lock"), &lock).map(drop),
            false => Ok(()),
        });
    written.map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    Ok(folder)
}

/// Packages in the output of `cargo tree`, the program itself left out.
fn packages(tree: &str) -> BTreeSet<(&str, &str)> {
    // The program itself stands first.
    let words = tree.lines().skip(1).map(|line| line.split_whitespace());
    words.filter_map(|mut words| Some((words.next()?, words.next()?))).collect()
}

/// The second line of the shell's `times`: user and system time of what it ran, `1m2.345s 0m6.780s`.
fn cpu_seconds(times: &str) -> Result<f64, Failure> {
    let seconds = |text: &str| -> Option<f64> {
        let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let children = times.lines().nth(1).map(|line| line.split_whitespace().map(seconds).sum::<Option<f64>>());
    children.flatten().ok_or_else(|| Failure::new(format!("the shell's `times` said {times:?}")))
}

/// Runs the program under callgrind with keys in the environment and no other setting.
fn instructions(program: &Path) -> Result<u64, Failure> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    without_aws_settings(&mut valgrind);
    valgrind.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", "not-a-secret");
    valgrind.env("AWS_REGION", "eu-west-1").env("HOME", "/nonexistent");
    let run = valgrind.output().map_err(|error| Failure::new(format!("valgrind: {error}")))?;
    let said = String::from_utf8_lossy(&run.stderr);
    let found = String::from_utf8_lossy(&run.stdout).contains("AKIAIOSFODNN7EXAMPLE");
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match collected {
        Some(collected) if run.status.success() && found => Ok(collected),
        _ => Err(Failure::new(format!("{} under valgrind: {}\n{said}", program.display(), run.status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_counted_once() {
        let tree = "probe v0.0.0 (/x)\na v1.0.0\nb v1.0.0\na v1.0.0 (*)\nm v0.1.0 (proc-macro)\na v2.0.0\n";
        assert_eq!(packages(tree).len(), 4);
    }

    #[test]
    fn times_of_children_are_added() {
        assert_eq!(cpu_seconds("0m0.00s 0m0.01s\n1m2.50s 0m7.25s\n").unwrap(), 69.75);
        assert!(cpu_seconds("nonsense").is_err());
    }
}

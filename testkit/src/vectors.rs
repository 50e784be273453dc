//! Vectors that are shared between projects and may be absent.

use std::path::Path;

/// The text of a vector file, by its path below the folder of shared vectors that may lie beside the
/// workspace; where it is absent, prints the file and how many cases are not run.
///
/// `manifest` is `env!("CARGO_MANIFEST_DIR")` of a package one folder below the workspace.
///
/// # Panics
/// When the file is there and cannot be read.
#[expect(clippy::disallowed_methods, reason = "reads the vectors from the machine")]
#[expect(clippy::print_stderr, reason = "work that is not done must be visible")]
pub fn shared_vectors(manifest: &str, path: &str, cases: usize) -> Option<String> {
    let file = Path::new(manifest).join("../../shared/vectors").join(path);
    if !file.exists() {
        eprintln!("NOT RUN: {cases} cases of {path}, which is not beside the workspace");
        return None;
    }
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

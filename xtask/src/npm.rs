//! Packages of npm under `target/`, one folder for each purpose, made once.

use std::path::PathBuf;
use std::process::Command;

use crate::arguments::Failure;
use crate::command::{output, target};

/// An OpenID Connect provider that signs whatever it is asked for.
pub(crate) const OIDC: (&str, &str) = ("oidc", "oauth2-mock-server@8.2.3");

/// Installs the package, or takes the one that is there, and gives the folder of its programs.
pub(crate) fn install((name, package): (&str, &str)) -> Result<PathBuf, Failure> {
    let folder = target().join("npm").join(name);
    let programs = folder.join("node_modules/.bin");
    let done = folder.join("installed.txt");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == package) {
        return Ok(programs);
    }
    println!("installing {package} into {}", folder.display());
    let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(fail)?;
    // A manifest of its own, so that npm looks for none further up.
    std::fs::write(folder.join("package.json"), "{\"private\": true}").map_err(fail)?;
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", package]);
    output(&mut npm).map_err(|failure| Failure::new(format!("{failure}\n(Node.js with npm is needed for this)")))?;
    std::fs::write(&done, package).map_err(fail)?;
    Ok(programs)
}

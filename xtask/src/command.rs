//! Running programs and saying how they ended.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::arguments::Failure;

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}

/// Where cargo builds, and where everything else goes that the tasks make.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Takes away every variable that would steer an AWS client, so that the machine's own settings do not.
pub(crate) fn without_aws_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs with the terminal handed through; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().map_err(|error| Failure::new(format!("cannot run {shown}: {error}")))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("{shown}: {status}"))),
    }
}

/// Runs quietly and gives standard output; a failure shows what was written to standard error.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = show(command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| Failure::new(format!("cannot run {shown}: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("{shown}: {}\n{}", output.status, said.trim_end())));
    }
    String::from_utf8(output.stdout).map_err(|error| Failure::new(format!("{shown}: {error}")))
}

/// The program's file name and its arguments.
pub(crate) fn show(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let mut text = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

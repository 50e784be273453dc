//! A server that cannot outlive this program.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::arguments::Failure;
use crate::command::without_aws_settings;

/// A process group that ends when this is dropped, and also when this program is killed.
///
/// A shell leads the group and waits for the end of its standard input, which only this program holds open.
/// However this program ends, the system closes the pipe, and the shell ends its whole group.
pub(super) struct Held {
    shell: Child,
    leftovers: Vec<PathBuf>,
}

const GUARD: &str = r#"("$@" </dev/null; kill -KILL 0) & cat >/dev/null; kill -KILL 0"#;

impl Held {
    /// Starts the program in `folder`, its output in `log`, without any AWS setting of this machine.
    pub(super) fn start(
        folder: &Path,
        log: &Path,
        program: &Path,
        arguments: &[String],
        variables: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let fail = |error: std::io::Error| Failure::new(format!("cannot start {}: {error}", program.display()));
        let file = File::create(log).map_err(fail)?;
        let mut shell = Command::new("sh");
        shell.args(["-c", GUARD, "sh"]).arg(program).args(arguments).current_dir(folder);
        without_aws_settings(&mut shell).envs(variables.iter().copied()).env("HOME", folder);
        shell.stdin(Stdio::piped()).stdout(file.try_clone().map_err(fail)?).stderr(file).process_group(0);
        Ok(Self { shell: shell.spawn().map_err(fail)?, leftovers: Vec::new() })
    }

    /// Files that the program leaves outside its folder, to be removed after it.
    pub(super) fn removing(mut self, leftovers: Vec<PathBuf>) -> Self {
        self.leftovers = leftovers;
        self
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.shell.try_wait(), Ok(None))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            eprintln!("a server may still run: {error}");
        }
        for path in &self.leftovers {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    eprintln!("{}: {error}", path.display());
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The group is there while the server is held and gone afterwards, its children included.
    #[test]
    fn a_dropped_server_is_gone_with_its_children() {
        let folder = std::env::temp_dir().join(format!("tucuxi-held-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let arguments = ["-c", "sleep 600 & echo $! > child; sleep 600"].map(str::to_owned);
        let held = Held::start(&folder, &folder.join("log"), Path::new("sh"), &arguments, &[]).unwrap();
        let child = loop {
            match std::fs::read_to_string(folder.join("child")) {
                Ok(id) if id.ends_with('\n') => break id,
                _ => std::thread::yield_now(),
            }
        };
        assert!(is_running(child.trim()));
        drop(held);
        let start = std::time::Instant::now();
        while is_running(child.trim()) {
            assert!(start.elapsed() < std::time::Duration::from_secs(20), "the child of the server still runs");
            std::thread::yield_now();
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// A process that has ended and that nobody has asked about yet does not run.
    fn is_running(id: &str) -> bool {
        let state = Command::new("ps").args(["-o", "stat=", "-p", id]).output().unwrap().stdout;
        !state.is_empty() && !state.starts_with(b"Z")
    }
}

//! Tests that are about processes: the test program runs itself again.

use std::process::{Command, Stdio};

/// This test program once more, as a process that runs only `test`, which finds its `task` by [`task`].
///
/// Its standard input is a pipe that closes when the parent ends, so that a child can notice.
///
/// # Panics
/// When the system does not know where this program is.
#[expect(clippy::disallowed_methods, reason = "another process is what such a test is about")]
pub fn child(test: &str, task: &str) -> Command {
    let Ok(program) = std::env::current_exe() else { panic!("this program does not know where it is") };
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture"]).env(TASK, task);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command
}

/// What this process was started for by [`child`]; `None` in the parent.
#[expect(clippy::disallowed_methods, reason = "tells the processes of a test apart")]
pub fn task() -> Option<String> {
    std::env::var(TASK).ok()
}

/// Ends this process when its parent does, however that ends.
pub fn end_with_parent() {
    std::thread::spawn(|| {
        drop(std::io::read_to_string(std::io::stdin()));
        std::process::exit(0);
    });
}

/// How often to do something: `few` times usually, `many` times under `cargo xtask test --long`.
#[expect(clippy::disallowed_methods, reason = "this is how the task tells its tests")]
pub fn times(few: u32, many: u32) -> u32 {
    if std::env::var_os(LONG).is_some() { many } else { few }
}

const TASK: &str = "TUCUXI_TEST_TASK";
const LONG: &str = "TUCUXI_TEST_LONG";

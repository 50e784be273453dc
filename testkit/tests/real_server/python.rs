//! boto3 and the AWS CLI, in an environment of their own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::given::{Server, given};

/// Runs a Python script that reads JSON from its standard input and prints JSON.
pub(crate) fn python(server: &Server, script: &str, input: &Value, settings: &[(&str, &str)]) -> Value {
    let mut command = foreign(server, &given("TUCUXI_TEST_PYTHON"));
    command.envs(settings.iter().copied());
    run_python(command, script, input)
}

/// The same in an environment that the command has already.
pub(crate) fn run_python(mut command: Command, script: &str, input: &Value) -> Value {
    command.args(["-c", script]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs the AWS CLI and gives what it printed.
pub(crate) fn aws(server: &Server, arguments: &[&str]) -> String {
    let mut command = foreign(server, &given("TUCUXI_TEST_PYTHON"));
    let output = command.arg(given("TUCUXI_TEST_AWS_CLI")).args(arguments).output().unwrap();
    assert!(output.status.success(), "aws {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A program with the server's keys and endpoint and nothing else of this machine.
#[expect(clippy::disallowed_methods, reason = "runs clients that are not ours")]
pub(crate) fn foreign(server: &Server, program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", given("PATH")).env("HOME", "/nonexistent").env("PYTHONUTF8", "1");
    command.env("AWS_ACCESS_KEY_ID", &server.key).env("AWS_SECRET_ACCESS_KEY", &server.secret);
    command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_ENDPOINT_URL", &server.url);
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
    command
}

/// A path as text.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

//! The sandbox, judged by clients that nobody here wrote: Amazon's AWS CLI 2 and botocore, with what we sign in beside
//! them in one home.

mod aws_cli;
mod botocore;
mod one_home;
mod person;

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use tucuxi::{Context, Env, Session};
use tucuxi_sandbox::{Sandbox, SandboxBuilder};

use crate::given::given;
use crate::python::run_python;

/// A sandbox, and a home directory whose config file has the profile `sso`.
struct World {
    sandbox: Sandbox,
    home: TempDir,
}

impl World {
    async fn start(sandbox: SandboxBuilder) -> Self {
        let world = Self { sandbox: sandbox.start().await.unwrap(), home: tempfile::tempdir().unwrap() };
        world.write(".aws/config", &world.sandbox.profiles()).await;
        let keys = world.sandbox.credentials();
        let builder = Session::builder().access_key(keys.access_key_id(), keys.secret_access_key());
        let s3 = builder.context(world.context()).load().await.unwrap().s3();
        s3.create_bucket(BUCKET).await.unwrap();
        world
    }

    async fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        tokio::fs::create_dir_all(path.parent().unwrap()).await.unwrap();
        tokio::fs::write(&path, text).await.unwrap();
        path
    }

    /// The sign-in in the cache, as JSON.
    async fn sign_in(&self) -> Value {
        serde_json::from_slice(&tokio::fs::read(self.home.path().join(SIGN_IN)).await.unwrap()).unwrap()
    }

    /// The endpoints and the region, no keys, and nothing else of this machine.
    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.sandbox.environment();
        variables.retain(|(name, _)| !["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].contains(&name.as_str()));
        variables.push(("HOME".to_owned(), self.home.path().display().to_string()));
        variables
    }

    #[expect(clippy::disallowed_methods, reason = "runs clients that are not ours")]
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", given("PATH"))
            .envs(self.variables())
            .env("AWS_PAGER", "")
            .env("PYTHONUTF8", "1");
        // Found by Python's `webbrowser`, and opens nothing.
        command.env("BROWSER", "true").current_dir(self.home.path());
        command
    }

    fn aws(&self, arguments: &[&str]) -> Output {
        self.client(&given("TUCUXI_TEST_AWS_CLI_V2")).args(arguments).output().unwrap()
    }

    /// Runs the AWS CLI 2 with the profile `sso`, which must do, and gives what it printed.
    #[track_caller]
    fn aws_prints(&self, arguments: &[&str]) -> String {
        let output = self.aws(&[arguments, &["--profile", "sso"]].concat());
        assert!(output.status.success(), "aws {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn python(&self, script: &str, input: &Value) -> Value {
        run_python(self.client(&given("TUCUXI_TEST_PYTHON")), script, input)
    }

    /// The same home and endpoints for our own code.
    fn context(&self) -> Context {
        tucuxi::system().with_env(Env::fake(self.variables()))
    }

    /// How often a path was answered with 200.
    fn granted(&self, path: &str) -> usize {
        self.sandbox.requests().iter().filter(|seen| seen.path == path && seen.status == Some(200)).count()
    }
}

const BUCKET: &str = "judged";
/// Of the session `sandbox`.
const SIGN_IN: &str = ".aws/sso/cache/9ed037b84943c4caa3a520e48a5540181c46c98c.json";
/// Whom the profile `sso` gives credentials of.
const ARN: &str = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/sandbox";

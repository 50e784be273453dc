//! A home directory whose console sign-ins go to a sandbox, and the tools that share it.
#![expect(clippy::disallowed_methods, reason = "runs clients that are not ours, on the machine's own files")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use http::Request;
use serde_json::Value;
use tempfile::TempDir;
use tucuxi::login::token_file;
use tucuxi::{Context, Env, Fs, Session};
use tucuxi_core::{Body, HttpOptions, Response};
use tucuxi_sandbox::Sandbox;

use crate::given::given;

/// Who uses the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Ours,
    AwsCli,
    Botocore,
}

impl Tool {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::AwsCli, Self::Botocore];
}

/// What the tools share.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    home: TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self { sandbox: Sandbox::start().await.unwrap(), home: tempfile::tempdir().unwrap() }
    }

    /// Runs `aws login` with these arguments, and plays the browser and whoever sits before it.
    pub(crate) async fn aws_login(&self, arguments: &[&str]) -> String {
        let mut command = self.tool("timeout");
        // `true` is a browser that opens nothing: the page is opened here.
        command.args(["60", &given("TUCUXI_TEST_AWS_CLI_V2"), "login"]).args(arguments).env("BROWSER", "true");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("http://127.0.0.1:")).unwrap();
        let page = approve(&url).await;
        if let Some((_, rest)) = page.split_once("<code>") {
            let text = rest.split_once("</code>").unwrap().0;
            writeln!(child.stdin.take().unwrap(), "{text}").unwrap();
        }
        let said = lines.map(|line| line.unwrap() + "\n").collect();
        succeeded(child.wait_with_output().unwrap());
        said
    }

    /// Runs the AWS CLI v2 and gives what it printed.
    pub(crate) fn aws(&self, arguments: &[&str]) -> String {
        let mut command = self.tool("timeout");
        succeeded(command.args(["60", &given("TUCUXI_TEST_AWS_CLI_V2")]).args(arguments).output().unwrap())
    }

    /// The access key id that a tool finds.
    pub(crate) async fn key_of(&self, tool: Tool) -> String {
        match tool {
            Tool::Ours => self.our_key().await,
            Tool::AwsCli => self.key_of_aws_cli(),
            Tool::Botocore => self.key_of_botocore(),
        }
    }

    fn key_of_aws_cli(&self) -> String {
        let said = self.aws(&["configure", "export-credentials", "--profile", PROFILE]);
        serde_json::from_str::<Value>(&said).unwrap()["AccessKeyId"].as_str().unwrap().to_owned()
    }

    /// botocore with `awscrt`, after it has listed the buckets.
    fn key_of_botocore(&self) -> String {
        let script = format!(
            r#"
import botocore.session
session = botocore.session.Session(profile="{PROFILE}")
session.create_client("s3").list_buckets()
found = session.get_credentials()
assert found.method == "login", found.method
print(found.get_frozen_credentials().access_key)
"#
        );
        let mut command = self.tool("timeout");
        command.args(["60", &given("TUCUXI_TEST_PYTHON_CRT"), "-c", &script]);
        succeeded(command.output().unwrap()).trim().to_owned()
    }

    /// Ours, after we have listed the buckets.
    async fn our_key(&self) -> String {
        let session = self.session().await;
        let found = session.credentials().provide_credentials().await.unwrap();
        assert!(found.provenance().to_string().contains(&format!("login {}", self.sandbox.login_session())));
        session.s3().buckets().try_next().await.unwrap();
        found.access_key_id().to_owned()
    }

    /// What the AWS CLI v2 says when it fails.
    pub(crate) fn aws_fails(&self, arguments: &[&str]) -> String {
        let mut command = self.tool("timeout");
        let output = command.args(["60", &given("TUCUXI_TEST_AWS_CLI_V2")]).args(arguments).output().unwrap();
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// A client with the keys of the console sign-in.
    pub(crate) async fn client(&self) -> tucuxi::s3::Client {
        self.session().await.s3()
    }

    async fn session(&self) -> Session {
        Session::builder().context(self.machine()).profile_name(PROFILE).load().await.unwrap()
    }

    /// This home directory, its variables and the real network.
    pub(crate) fn machine(&self) -> Context {
        tucuxi::system().with_env(Env::fake(self.variables())).with_fs(Fs::real())
    }

    pub(crate) fn write_config(&self, text: &str) {
        let folder = self.home.path().join(".aws");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config"), text).unwrap();
    }

    /// What the cache holds.
    pub(crate) fn kept(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.cache_file()).unwrap()).unwrap()
    }

    /// Makes the keys in the cache end now, as they would in 15 minutes.
    pub(crate) fn age(&self) {
        let mut kept = self.kept();
        kept["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z".into();
        std::fs::write(self.cache_file(), kept.to_string()).unwrap();
    }

    pub(crate) fn cache_file(&self) -> PathBuf {
        token_file(&self.machine(), &self.sandbox.login_session()).path().unwrap()
    }

    fn variables(&self) -> Vec<(String, String)> {
        let is_key = |name: &str| matches!(name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY");
        let mut variables = self.sandbox.environment();
        variables.retain(|(name, _)| !is_key(name));
        variables.push(("HOME".to_owned(), self.home.path().display().to_string()));
        variables
    }

    fn tool(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables()).env("PATH", given("PATH")).env("AWS_PAGER", "");
        command.env("PYTHONUTF8", "1").stdin(Stdio::null());
        command
    }
}

/// Approves on a page, and goes where that leads, as a browser does.
pub(crate) async fn approve(url: &str) -> String {
    let form = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
    let mut response = send(form.body(Body::from("decision=approve")).unwrap()).await;
    while let Some(location) = response.headers().get("location") {
        response = send(Request::get(location.to_str().unwrap()).body(Body::empty()).unwrap()).await;
    }
    String::from_utf8(response.into_body().collect(1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn send(request: Request<Body>) -> Response {
    let machine = tucuxi::system().with_env(Env::fake([("NO_PROXY", "127.0.0.1")]));
    machine.http().send(request, HttpOptions::default()).await.unwrap()
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) const PROFILE: &str = "console";

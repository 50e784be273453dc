//! The AWS CLI 2 signs in, takes credentials, lists buckets and signs out.

use serde_json::Value;
use tucuxi_sandbox::Sandbox;

use super::person::{Waiting, decide, is_code, is_url};
use super::{ARN, BUCKET, SIGN_IN, World};
use crate::given::given;

impl World {
    fn sso_login(&self, arguments: &[&str]) -> Waiting {
        let mut command = self.client(&given("TUCUXI_TEST_AWS_CLI_V2"));
        Waiting::start(command.args(["sso", "login", "--profile", "sso"]).args(arguments))
    }

    /// `aws sso login --use-device-code`, with a person who approves or does not.
    pub(super) async fn aws_signs_in_by_device_code(&self, decision: &str) -> (bool, String) {
        let mut login = self.sso_login(&["--use-device-code"]);
        let (page, code) = (login.line(is_url), login.line(is_code));
        assert_eq!(decide(&format!("{page}?user_code={code}"), decision).await, 200);
        login.end()
    }

    /// `aws sso login`.
    pub(super) async fn aws_signs_in_by_browser(&self, decision: &str) -> (bool, String) {
        let mut login = self.sso_login(&[]);
        assert_eq!(decide(&login.line(is_url), decision).await, 200, "the AWS CLI's own page");
        login.end()
    }

    /// Credentials of the profile `sso` by the AWS CLI, and a list of buckets with them.
    #[track_caller]
    pub(super) fn aws_is_signed_in(&self) {
        let exported: Value = serde_json::from_str(&self.aws_prints(&["configure", "export-credentials"])).unwrap();
        assert!(exported["AccessKeyId"].as_str().unwrap().starts_with("ASIA"), "{}", exported["AccessKeyId"]);
        assert!(exported["SessionToken"].is_string() && exported["Expiration"].is_string());
        assert!(self.aws_prints(&["s3", "ls"]).trim_end().ends_with(BUCKET));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sso_login_with_a_device_code() {
    let world = World::start(Sandbox::builder()).await;
    let (done, complaint) = world.aws_signs_in_by_device_code("deny").await;
    assert!(!done && complaint.contains("AccessDeniedException"), "{complaint}");
    let (done, complaint) = world.aws_signs_in_by_device_code("approve").await;
    assert!(done, "{complaint}");
    assert_eq!(world.granted("/client/register"), 1, "a registration is kept");
    world.aws_is_signed_in();
    let identity = world.aws_prints(&["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]);
    assert_eq!(identity.trim_end(), ARN);

    let access_token = world.sign_in().await["accessToken"].as_str().unwrap().to_owned();
    world.aws_prints(&["sso", "logout"]);
    assert_eq!(world.granted("/logout"), 1);
    assert!(!world.home.path().join(SIGN_IN).exists());
    let asked = ["sso", "list-accounts", "--region", "us-east-1", "--access-token", &access_token];
    let refused = world.aws(&asked);
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(complaint.contains("UnauthorizedException"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sso_login_by_browser() {
    let world = World::start(Sandbox::builder()).await;
    let (done, complaint) = world.aws_signs_in_by_browser("deny").await;
    assert!(!done, "{complaint}");
    assert!(!world.home.path().join(SIGN_IN).exists());
    let (done, complaint) = world.aws_signs_in_by_browser("approve").await;
    assert!(done, "{complaint}");
    assert_eq!(world.granted("/client/register"), 1, "a registration is kept");
    world.aws_is_signed_in();
    let token = world.sign_in().await["accessToken"].as_str().unwrap().to_owned();
    let roles = ["sso", "list-account-roles", "--account-id", "123456789012", "--max-items", "10", "--page-size", "1"];
    let query = ["--access-token", &token, "--query", "roleList[].roleName", "--output", "text"];
    assert_eq!(
        world.aws_prints(&[&roles[..], &query].concat()).trim_end(),
        "ReadOnly\nsandbox",
        "a line for each page"
    );
}

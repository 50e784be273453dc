//! Sessions of roles that the AWS CLI and we take from each other.

use std::path::Path;

use tempfile::TempDir;
use tucuxi::{Env, Fs, Session};

use crate::given::{Server, given, untouched};
use crate::python::{foreign, text};

const ROLE: &str = "arn:aws:iam::000000000000:role/Reader";

/// A home with a profile of the role, over the keys that the server knows.
fn home(server: &Server) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let config = format!(
        "[profile reader]\nregion = us-east-1\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\n\
         aws_access_key_id = {}\naws_secret_access_key = {}\n",
        server.key, server.secret
    );
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a file for another program")]
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    home
}

/// Who the AWS CLI says it is by the profile.
fn identity_of_the_cli(server: &Server, home: &Path) -> String {
    let mut command = foreign(server, &given("TUCUXI_TEST_PYTHON"));
    command.arg(given("TUCUXI_TEST_AWS_CLI")).args(["--profile", "reader", "sts", "get-caller-identity"]);
    let output = command.env("HOME", home).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["Arn"].as_str().unwrap().to_owned()
}

async fn session(server: &Server, home: &Path) -> Session {
    let env =
        [("HOME", text(home)), ("USER", "alice"), ("AWS_ENDPOINT_URL", &server.url), ("TUCUXI_ROLE_CACHE", "true")];
    let context = untouched().with_env(Env::fake(env)).with_fs(Fs::real());
    Session::builder().context(context).profile_name("reader").load().await.unwrap()
}

fn kept(home: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(home.join(".aws/cli/cache")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".json")).collect()
}

#[tokio::test]
async fn the_aws_clis_session_is_ours() {
    let server = Server::ministack();
    let home = home(&server);
    let theirs = identity_of_the_cli(&server, home.path());
    assert!(theirs.contains("assumed-role/Reader/botocore-session-"), "{theirs}");
    let session = session(&server, home.path()).await;
    let credentials = session.credentials().provide_credentials().await.unwrap_or_else(|e| panic!("{}", e.report()));
    assert!(credentials.provenance().to_string().contains("role cache "), "{}", credentials.provenance());
    assert_eq!(session.caller_identity().await.unwrap().arn(), theirs);
    assert_eq!(kept(home.path()).len(), 1, "one name for both");
}

#[tokio::test]
async fn our_session_is_the_aws_clis() {
    let server = Server::ministack();
    let home = home(&server);
    let ours = session(&server, home.path()).await;
    let ours = ours.caller_identity().await.unwrap_or_else(|e| panic!("{}", e.report())).arn().to_owned();
    assert!(ours.contains("assumed-role/Reader/tucuxi-alice-"), "{ours}");
    assert_eq!(identity_of_the_cli(&server, home.path()), ours);
    assert_eq!(kept(home.path()).len(), 1, "one name for both");
}

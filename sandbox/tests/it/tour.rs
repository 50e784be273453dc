//! The walk and the program.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http::Request;
use serde_json::Value;
use tucuxi_core::Credentials;
use tucuxi_sandbox::{Fault, Sandbox, Service, Tour};
use tucuxi_sigv4::Signer;

use crate::common::{http, now, send, send_to, signed};

const SOURCES: [(&str, &str); 21] = [
    ("keys given in code", "explicit keys"),
    ("environment variables", "environment AWS_ACCESS_KEY_ID"),
    ("session token", "environment AWS_ACCESS_KEY_ID > get-session-token"),
    ("role of a profile", "profile deploy > shared-credentials-file ~/.aws/credentials:2 > assume-role sandbox"),
    ("chain of roles", "profile deploy > sso-session sandbox > assume-role sandbox > assume-role sandbox"),
    ("role with MFA", "profile mfa > shared-credentials-file ~/.aws/credentials:2 > assume-role mfa"),
    ("web identity token", "assume-role-with-web-identity sandbox"),
    ("SAML assertion", "assume-role-with-saml sandbox"),
    ("IAM Identity Center", "profile sso > sso-session sandbox"),
    ("sign-in by code", "profile sso > sso-session sandbox"),
    ("sign-in in a browser", "profile sso > sso-session sandbox"),
    ("credentials file", "shared-credentials-file ~/.aws/credentials:2"),
    ("console sign-in", "login arn:aws:sts::123456789012:assumed-role/sandbox/console"),
    ("console by code", "login arn:aws:sts::123456789012:assumed-role/sandbox/console"),
    ("helper program", "custom-process"),
    ("config file", "config-file ~/.aws/config:2"),
    ("EC2 tools' file", "ec2-credentials-file ~/ec2.credentials:1"),
    ("Boto 2 file", "boto-config ~/.boto:2"),
    ("container", "container-role 127.0.0.1:"),
    ("EKS Pod Identity", "container-role 127.0.0.1:"),
    ("instance metadata", "iam-role sandbox"),
];

/// Nobody is asked a second time, for the links of the chain.
const CODE_COUNTS_ONCE: &str = "role with MFA";

fn helper() -> Option<&'static Path> {
    Some(Path::new(env!("CARGO_BIN_EXE_tucuxi-sandbox")))
}

#[tokio::test]
async fn every_source_answers_and_every_step_works() {
    let sandbox = Sandbox::start().await.unwrap();
    let tour = Tour::take(&sandbox, helper()).await;
    let text = tour.text(false);
    assert!(tour.is_success(), "{text}");
    let json = tour.to_json();
    let stops = json["sources"].as_array().unwrap();
    assert_eq!(stops.len(), SOURCES.len());
    for (stop, (name, provenance)) in stops.iter().zip(SOURCES) {
        assert_eq!(stop["source"], name);
        // Behind the container's host comes a port.
        let found = stop["provenance"].as_str().unwrap();
        let rest = found.strip_prefix(provenance).unwrap_or_else(|| panic!("{stop:#}"));
        assert!(rest.bytes().all(|b| b.is_ascii_digit()), "{stop:#}");
        let chain = stop["chain"].as_array().unwrap();
        if name == CODE_COUNTS_ONCE {
            let role = chain.iter().find(|link| link["id"] == "assume-role").unwrap();
            assert_eq!(role["verdict"], "not asked", "{stop:#}");
            continue;
        }
        let used: Vec<&Value> = chain.iter().filter(|link| link["verdict"] == "used").collect();
        assert_eq!(used.len(), 1, "{stop:#}");
        assert_eq!(used[0]["reason"], found);
        assert!(text.contains(name) && text.contains(found), "{name} is not in\n{text}");
    }
    for words in ["What to type next", "AWS_ACCESS_KEY_ID is not set"] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
    assert_eq!(json["s3"]["steps"].as_array().map(Vec::len), Some(10));
    assert_eq!(json["other"]["result"], "arn:aws:sts::123456789012:assumed-role/sandbox/i-0123456789abcdef0");
    assert_eq!(json["s3"]["credentials_of"], "instance metadata");
    assert!(!text.contains('\u{1b}') && tour.text(true).contains("\u{1b}[32m"));
    for shown in [text, json.to_string(), tour.text(true)] {
        assert_no_secret(&sandbox, &shown);
    }
}

/// Neither the static secret, nor any session's: those are the only long runs without a space or a slash.
fn assert_no_secret(sandbox: &Sandbox, shown: &str) {
    assert!(!shown.contains(sandbox.credentials().secret_access_key()), "the secret is in\n{shown}");
    for marker in ["FwoGZXIvYXdz", "aoa", "aor", "X-Amz-", "Signature"] {
        assert!(!shown.contains(marker), "{marker} is in\n{shown}");
    }
    let digits = |word: &&str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let found: Vec<&str> = shown.split(|c: char| !c.is_ascii_alphanumeric()).filter(digits).collect();
    assert!(found.is_empty(), "{found:?} is in\n{shown}");
}

#[tokio::test]
async fn what_fails_is_told_and_is_no_success() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.set_fault(Service::S3, Some(Fault::Refuse));
    let tour = Tour::take(&sandbox, helper()).await;
    let (text, json) = (tour.text(false), tour.to_json());
    assert!(!tour.is_success() && text.contains("failed") && text.contains("Something above failed"), "{text}");
    assert_eq!(json["s3"]["steps"].as_array().map(Vec::len), Some(1), "the first failure is the last step");
    assert!(json["other"]["result"].is_string(), "another service has no part in it: {json:#}");

    sandbox.set_fault(Service::S3, None);
    sandbox.set_fault(Service::Imds, Some(Fault::ServerError));
    let tour = Tour::take(&sandbox, helper()).await;
    let json = tour.to_json();
    assert!(!tour.is_success());
    let (last, before) = (SOURCES.len() - 1, SOURCES.len() - 2);
    assert!(json["sources"][last]["error"].is_string() && json["sources"][before]["error"].is_null(), "{json:#}");
    assert_eq!(json["s3"]["credentials_of"], "EKS Pod Identity", "the steps use the last source that answered");
}

/// The program, without anything of this machine's environment; killed when the test ends.
struct Program(Child);

impl Program {
    #[expect(clippy::disallowed_methods, reason = "a program that runs on while the test talks to it")]
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tucuxi-sandbox"));
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// Exit code, standard output, standard error.
    fn end(mut self) -> (Option<i32>, String, String) {
        let read = |pipe: &mut dyn std::io::Read| {
            let mut text = String::new();
            pipe.read_to_string(&mut text).unwrap();
            text
        };
        let stdout = self.0.stdout.take().map(|mut pipe| read(&mut pipe)).unwrap_or_default();
        let stderr = self.0.stderr.take().map(|mut pipe| read(&mut pipe)).unwrap_or_default();
        (self.0.wait().unwrap().code(), stdout, stderr)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_program_takes_the_tour() {
    let (code, stdout, stderr) = Program::start(&["tour"]).end();
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(SOURCES.iter().all(|(source, _)| stdout.contains(source)) && !stdout.contains('\u{1b}'), "{stdout}");
    let (code, stdout, _) = Program::start(&["tour", "--json"]).end();
    assert_eq!(code, Some(0));
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["success"], true);
}

#[test]
fn wrong_usage_ends_with_252() {
    for arguments in [&[][..], &["nothing"], &["serve", "--shell", "csh"], &["serve", "--json", "--shell", "fish"]] {
        let (code, stdout, stderr) = Program::start(arguments).end();
        assert_eq!((code, stdout.as_str()), (Some(252), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains("--help") || stderr.contains("Usage"), "{arguments:?}: {stderr}");
    }
    let (code, stdout, _) = Program::start(&["--help"]).end();
    assert_eq!(code, Some(0));
    assert!(stdout.contains("tour") && stdout.contains("serve"));
    let (code, _, stderr) = Program::start(&["serve", "--region", "not a region"]).end();
    assert_eq!(code, Some(252));
    assert!(stderr.contains("\"not a region\" is not a region name"), "{stderr}");
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "a directory that goes while a program is in it")]
fn a_directory_that_is_gone_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "mkdir gone; cd gone; rmdir ../gone; exec \"$0\" tour", env!("CARGO_BIN_EXE_tucuxi-sandbox")]);
    let output = shell.current_dir(directory.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(255), "{stderr}");
    assert!(stderr.starts_with("tucuxi-sandbox: the current directory cannot be found\n"), "{stderr}");
    assert!(!stderr.contains('{'), "{stderr}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_serves_until_it_is_told_to_end() {
    use std::io::{BufRead, BufReader};

    let mut program = Program::start(&["serve", "--json", "--region", "eu-west-1"]);
    let mut stderr = BufReader::new(program.0.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("until Ctrl-C"), "{line}");
    let mut stdout = BufReader::new(program.0.stdout.take().unwrap());
    let environment = serde_json::Deserializer::from_reader(&mut stdout).into_iter::<Value>().next().unwrap().unwrap();
    let variable = |name: &str| environment[name].as_str().unwrap();
    assert_eq!((variable("AWS_REGION"), &environment["AWS_SESSION_TOKEN"]), ("eu-west-1", &Value::Null));
    assert_eq!(environment["AWS_ACCOUNT_ID"], Value::Null);
    let config = Path::new(variable("AWS_CONFIG_FILE"));
    let text = tucuxi_transport::system().fs().read(config, 1 << 16).await.unwrap();
    assert!(String::from_utf8_lossy(&text).starts_with("[profile sso]\n"), "{config:?}");
    let credentials = Credentials::new(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    let list = Request::get(format!("{}/", variable("AWS_ENDPOINT_URL_S3")));
    let answer = send_to(&http(), signed(&Signer::s3("eu-west-1"), list, "", &credentials, now())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let page = send(Request::get(format!("{}/v1/authorize", variable("AWS_ENDPOINT_URL_SIGNIN"))), "").await;
    assert!(page.status == 400 && page.body.contains("client_id"), "{}", page.body);

    let signal = format!("kill -TERM {}", program.0.id());
    let mut kill = tucuxi_core::Command::new("sh", ["-c", &signal]);
    kill.limit = Duration::from_secs(10);
    let context = tucuxi_transport::system();
    assert_eq!(context.commands().run(kill).await.unwrap().code, Some(0));
    let config = config.to_owned();
    let (code, _, _) = program.end();
    assert_eq!(code, Some(0));
    assert!(!config.exists(), "what was written goes as well");
}

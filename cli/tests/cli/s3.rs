//! `tucuxi s3` and `whoami --verify` against a loopback AWS that checks signatures.

use crate::support::{Home, Run};
use serde_json::Value;
use tokio::runtime::Runtime;
use tucuxi_sandbox::Sandbox;

/// A loopback AWS, a home that points at it, and one bucket.
pub(crate) struct World {
    // Dropped before the runtime that it runs on.
    sandbox: Sandbox,
    pub(crate) home: Home,
    _runtime: Runtime,
}

impl World {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start()).unwrap();
        let home = sandbox.environment().into_iter().fold(Home::new(), |home, (name, value)| home.var(&name, value));
        let world = Self { sandbox, home, _runtime: runtime };
        world.done(&["mb", "s3://bucket"]);
        world
    }

    pub(crate) fn s3(&self, arguments: &[&str]) -> Run {
        let arguments: Vec<&str> = ["s3"].iter().chain(arguments).copied().collect();
        self.home.run(&arguments)
    }

    /// Runs a command that must succeed, and gives what it printed.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let run = self.s3(arguments);
        run.expect(0, &[]);
        run.stdout
    }

    pub(crate) fn write(&self, path: &str, contents: &[u8]) {
        let path = self.home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.home.join(path)).unwrap()
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_file_goes_there_and_back() {
    let world = World::new();
    let contents: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    world.write("up.bin", &contents);
    world.done(&["cp", "up.bin", "s3://bucket/deep/"]);
    world.done(&["cp", "s3://bucket/deep/up.bin", "down/"]);
    assert_eq!(world.read("down/up.bin"), contents);
    assert!(world.done(&["ls", "s3://bucket/"]).contains("deep/"));
    assert!(world.done(&["ls", "s3://bucket/deep/"]).contains("1000000  deep/up.bin"));
    world.done(&["cp", "s3://bucket/deep/up.bin", "s3://bucket/copy"]);
    world.done(&["cp", "s3://bucket/copy", "again"]);
    assert_eq!(world.read("again"), contents);
}

#[test]
fn standard_input_and_output() {
    let world = World::new();
    let mut command = world.home.command(&["s3", "cp", "-", "s3://bucket/piped"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"0123456789").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(world.done(&["cp", "s3://bucket/piped", "-"]), "0123456789");
    assert_eq!(world.done(&["cat", "s3://bucket/piped"]), "0123456789");
    assert_eq!(world.done(&["cat", "s3://bucket/piped", "--range", "2-4"]), "234");
    assert_eq!(world.done(&["cat", "s3://bucket/piped", "--range", "-3"]), "789");
    assert_eq!(world.done(&["cat", "s3://bucket/piped", "--range", "7-"]), "789");
}

#[test]
fn odd_keys_are_typed_as_they_are() {
    let world = World::new();
    world.write("file", b"x");
    for key in ["a//b", "./x", "a/../b", "+%20 &?#", "é", "a\tb"] {
        let place = format!("s3://bucket/{key}");
        world.done(&["cp", "file", &place]);
        assert_eq!(world.done(&["cat", &place]), "x", "{key}");
    }
    let listed = lines(&world.done(&["ls", "s3://bucket", "--recursive", "--json"]));
    let mut keys: Vec<&str> = listed.iter().map(|line| line["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["+%20 &?#", "./x", "a\tb", "a/../b", "a//b", "é"]);
    assert!(!world.done(&["ls", "s3://bucket", "--recursive"]).contains("a\tb"), "a control character on the terminal");
}

#[test]
fn a_tree_goes_there_and_back_and_never_outside() {
    let world = World::new();
    for (path, contents) in [("tree/a", "1"), ("tree/b/c", "2"), ("tree/b/d e", "3")] {
        world.write(path, contents.as_bytes());
    }
    let copied = lines(&world.done(&["cp", "tree", "s3://bucket/root", "--recursive", "--json"]));
    assert_eq!(copied.len(), 3);
    world.done(&["cp", "s3://bucket/root", "back", "--recursive"]);
    assert_eq!(world.read("back/b/d e"), b"3");
    world.done(&["cp", "tree/a", "s3://bucket/root/../../outside"]);
    let run = world.s3(&["cp", "s3://bucket/root", "inner/back", "--recursive"]);
    run.expect(1, &["root/../../outside", "1 copies failed"]);
    assert_eq!(world.read("inner/back/a"), b"1");
    assert!(!world.home.join("outside").exists() && !world.home.join("inner/outside").exists());
}

#[test]
fn removing() {
    let world = World::new();
    world.write("file", b"x");
    for key in ["p/1", "p/2", "q"] {
        world.done(&["cp", "file", &format!("s3://bucket/{key}")]);
    }
    world.s3(&["rb", "s3://bucket"]).expect(254, &["BucketNotEmpty"]);
    assert_eq!(lines(&world.done(&["rm", "s3://bucket/p/", "--recursive", "--json"])).len(), 2);
    world.done(&["rm", "s3://bucket/q"]);
    assert_eq!(world.done(&["ls", "s3://bucket"]), "");
    world.done(&["cp", "file", "s3://bucket/last"]);
    world.done(&["rb", "s3://bucket", "--force"]);
    assert!(!world.done(&["ls"]).contains("bucket"));
}

#[test]
fn a_presigned_url_works_without_credentials() {
    let world = World::new();
    world.write("file", b"signed");
    world.done(&["cp", "file", "s3://bucket/a b+c"]);
    let url = world.done(&["presign", "s3://bucket/a b+c", "--expires-in", "5m"]);
    assert_eq!(fetch(url.trim(), "GET", ""), "signed");
    let url = world.done(&["presign", "s3://bucket/put", "--put"]);
    fetch(url.trim(), "PUT", "by url");
    assert_eq!(world.done(&["cat", "s3://bucket/put"]), "by url");
    world.s3(&["presign", "s3://bucket/x", "--expires-in", "8d"]).expect(252, &["7 days"]);
}

/// A request as anybody may send it: no library, no credentials.
fn fetch(url: &str, method: &str, body: &str) -> String {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn what_is_not_there() {
    let world = World::new();
    world.s3(&["cat", "s3://bucket/absent"]).expect(254, &["NoSuchKey", "bucket"]);
    world.s3(&["ls", "s3://absent"]).expect(254, &["NoSuchBucket", "absent"]);
    world.s3(&["cp", "absent", "s3://bucket/"]).expect(255, &["absent"]);
}

#[test]
fn a_wrong_secret_is_refused_and_its_source_named() {
    let world = World::new();
    let mut command = world.home.command(&["s3", "ls"]);
    command.env("AWS_SECRET_ACCESS_KEY", crate::support::SECRET);
    Run::of(command.output().unwrap()).expect(254, &["SignatureDoesNotMatch", "environment"]);
}

#[test]
fn who_am_i_says_the_service() {
    let world = World::new();
    let run = world.home.run(&["whoami", "--verify", "--json"]);
    run.expect(0, &[]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["account_id"], world.sandbox.account_id());
    assert!(document["arn"].as_str().unwrap().starts_with("arn:aws:"), "{document:#}");
    let mut command = world.home.command(&["whoami", "--verify"]);
    command.env("AWS_SECRET_ACCESS_KEY", crate::support::SECRET);
    Run::of(command.output().unwrap()).expect(254, &["SignatureDoesNotMatch"]);
}

#[test]
fn credentials_of_an_instance() {
    let world = World::new();
    let home = Home::new()
        .var("AWS_EC2_METADATA_DISABLED", "false")
        .var("AWS_EC2_METADATA_SERVICE_ENDPOINT", world.sandbox.imds_endpoint())
        .var("AWS_ENDPOINT_URL_S3", world.sandbox.s3_endpoint())
        .var("AWS_REGION", "us-east-1");
    home.run(&["s3", "ls"]).expect(0, &[]);
    let run = home.run(&["explain", "--probe", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(document["identity"]["provenance"][0]["source"].as_str().unwrap().starts_with("iam-role"), "{document:#}");
    assert!(document["identity"]["expires_at"].is_string());
}

#[test]
fn nothing_is_signed_when_told_so() {
    let world = World::new();
    let home = Home::new().var("AWS_ENDPOINT_URL_S3", world.sandbox.s3_endpoint()).var("AWS_REGION", "us-east-1");
    for arguments in [&["ls"][..], &["ls", "s3://bucket"], &["cat", "s3://bucket/a"], &["cp", "s3://bucket/a", "a"]] {
        let mut arguments = [&["s3"], arguments].concat();
        home.run(&arguments).expect(253, &["AWS_ACCESS_KEY_ID is not set"]);
        arguments.push("--no-sign-request");
        home.run(&arguments).expect(254, &["AccessDenied"]);
    }
}

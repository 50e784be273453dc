//! What we wrote, boto3 and the AWS CLI read; what they wrote, we read. On SeaweedFS.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::given::{Server, given};
use crate::keys::odd_keys;
use crate::on_seaweedfs::{holdable, shown};
use crate::python::{aws, foreign, python, text};
use crate::round_trip::{content, listed, read};

fn keys(seed: u64, count: usize) -> Vec<String> {
    let (mut keys, _) = holdable(odd_keys(seed, 2 * count));
    keys.truncate(count);
    keys
}

fn content_text(key: &str) -> String {
    String::from_utf8(content(key)).unwrap()
}

fn pairs(keys: &[String]) -> Value {
    keys.iter().map(|key| json!([key, content_text(key)])).collect()
}

#[tokio::test]
async fn boto3_reads_what_we_wrote() {
    let server = Server::seaweedfs();
    let s3 = server.bucket("ours-for-boto3").await;
    let keys = keys(3, 300);
    for key in &keys {
        s3.put_object("ours-for-boto3", key).body(content(key)).await.unwrap();
    }
    let script = r#"
import sys, json, boto3
s3, bucket, wrong = boto3.client("s3"), "ours-for-boto3", []
wanted = dict(json.load(sys.stdin))
for key, content in wanted.items():
    found = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    if found != content: wrong.append([key, found])
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
listed = [entry["Key"] for page in pages for entry in page["Contents"]]
print(json.dumps({"wrong": wrong, "listed": listed}))
"#;
    let said = python(&server, script, &pairs(&keys), &[]);
    assert_eq!(said["wrong"], json!([]));
    let boto3_listed: BTreeSet<String> = serde_json::from_value(said["listed"].clone()).unwrap();
    assert_eq!(boto3_listed, listed(&s3, "ours-for-boto3").await);
    assert_eq!(boto3_listed.len(), keys.len());
}

#[tokio::test]
async fn we_read_what_boto3_wrote() {
    let server = Server::seaweedfs();
    let s3 = server.bucket("boto3-for-us").await;
    let keys = keys(4, 300);
    let script = r#"
import sys, json, boto3
s3 = boto3.client("s3")
for key, content in json.load(sys.stdin):
    s3.put_object(Bucket="boto3-for-us", Key=key, Body=content.encode())
print("{}")
"#;
    python(&server, script, &pairs(&keys), &[]);
    for key in &keys {
        assert_eq!(read(&s3, "boto3-for-us", key).await, content(key), "{key:?}");
    }
    assert_eq!(listed(&s3, "boto3-for-us").await, keys.iter().map(|key| shown(key)).collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn the_aws_cli_reads_what_we_wrote_and_we_read_what_it_wrote() {
    let server = Server::seaweedfs();
    let s3 = server.bucket("aws-cli").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("object");
    let keys: Vec<String> =
        ["plain", "a b", "a+b", "p%20q", "x//y", "ü/日本", "a?x=1&y", "~-_.!*'()"].map(str::to_owned).into();
    for key in &keys {
        s3.put_object("aws-cli", key).body(content(key)).await.unwrap();
        aws(&server, &["s3api", "get-object", "--bucket", "aws-cli", "--key", key, text(&file)]);
        assert_eq!(tokio::fs::read(&file).await.unwrap(), content(key), "{key:?}");

        let theirs = format!("theirs/{key}");
        tokio::fs::write(&file, content(&theirs)).await.unwrap();
        aws(&server, &["s3api", "put-object", "--bucket", "aws-cli", "--key", &theirs, "--body", text(&file)]);
        assert_eq!(read(&s3, "aws-cli", &theirs).await, content(&theirs), "{theirs:?}");
    }
    let said = aws(
        &server,
        &["s3api", "list-objects-v2", "--bucket", "aws-cli", "--query", "Contents[].Key", "--output", "json"],
    );
    let cli_listed: BTreeSet<String> = serde_json::from_str(&said).unwrap();
    assert_eq!(cli_listed, listed(&s3, "aws-cli").await);
    assert_eq!(cli_listed.len(), 2 * keys.len());
}

#[tokio::test]
async fn boto3_takes_credentials_from_our_command() {
    let server = Server::seaweedfs();
    server.bucket("by-credential-process").await;
    let command = given("TUCUXI_TEST_COMMAND");
    assert!(std::path::Path::new(&command).exists(), "{command} is not built: cargo build -p tucuxi-cli");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let (key, secret) = (&server.key, &server.secret);
    let text_of_config = format!(
        "[profile source]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n\
         [profile helped]\ncredential_process = \"{command}\" --profile source export --format process\n"
    );
    tokio::fs::write(&config, text_of_config).await.unwrap();
    let script = r#"
import sys, json, boto3
session = boto3.Session(profile_name="helped")
names = [bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]]
print(json.dumps({"method": session.get_credentials().method, "names": names}))
"#;
    let mut python = foreign(&server, &given("TUCUXI_TEST_PYTHON"));
    python.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env("AWS_CONFIG_FILE", &config);
    python.env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none")).args(["-c", script]);
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["method"], "custom-process");
    assert!(said["names"].as_array().unwrap().contains(&json!("by-credential-process")), "{said}");
}

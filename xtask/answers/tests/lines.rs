//! A case a line in, an answer a line out.
#![expect(clippy::disallowed_methods, reason = "runs the program that is tested")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// The answers to these lines, in order.
fn answers(lines: &[&str]) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tucuxi-answers"));
    let mut child = command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

#[test]
fn a_line_is_answered_by_a_line() {
    let file = "[default]\naws_access_key_id = AKID\naws_secret_access_key = s\nregion = eu-west-1\n";
    let found = json!({ "id": "file", "files": { "~/.aws/credentials": file } });
    let wrong = json!({ "id": "wrong", "env": { "AWS_SECRET_ACCESS_KEY": "s" } });
    let none = json!({ "id": "none", "env": { "AWS_EC2_METADATA_DISABLED": "true" } });
    let lines = [found.to_string(), wrong.to_string(), "no JSON".to_owned(), String::new(), none.to_string()];
    let answers = answers(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let [found, wrong, broken, none] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((&found["id"], &found["load"]["found"]["method"]), (&json!("file"), &json!("shared-credentials-file")));
    assert_eq!((&found["creds"]["access_key"], &found["region"]["value"]), (&json!("AKID"), &json!("eu-west-1")));
    assert_eq!(
        (&wrong["load"]["error"]["kind"], &wrong["load"]["error"]["link"]),
        (&json!("invalid_config"), &json!("env"))
    );
    assert!(broken["broken"].is_string());
    assert_eq!((&none["load"]["found"], &none["creds"]), (&Value::Null, &Value::Null));
}

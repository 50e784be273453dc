//! What a role's session is kept under: the AWS CLI's own naming. Pure.

use serde_json::Value;
use sha1::{Digest, Sha1};
use tucuxi_core::encode::hex;
use tucuxi_core::json::push_python;
use tucuxi_core::trimmed;

use crate::AssumeRole;

/// The name of the file for sessions of this role: the SHA-1 of the call's arguments, written as Python writes JSON.
/// `None` for a role that asks for what no file shall remember.
///
/// A session name that nobody chose does not count, and neither does whose credentials ask.
pub(crate) fn file_name(role: &AssumeRole) -> Option<String> {
    let digest = Sha1::digest(arguments(role)?.as_bytes());
    Some(format!("{}.json", hex(&digest)))
}

/// `json.dumps(arguments, sort_keys=True)`: a blank after each comma and colon, nothing but ASCII.
fn arguments(role: &AssumeRole) -> Option<String> {
    if role.token_code.is_some() || !role.provided_contexts.is_empty() {
        return None;
    }
    let duration = role.duration.map(|duration| duration.as_secs().to_string());
    let minimum = role.minimum_token_size.map(|bytes| bytes.to_string());
    let arguments = [
        ("DurationSeconds", duration.as_deref().map(Json::Written)),
        ("ExternalId", role.external_id.as_deref().map(Json::Text)),
        ("MinimumSessionTokenSize", minimum.as_deref().map(Json::Written)),
        ("Policy", role.policy_in_python.as_deref().map(Json::Written)),
        ("PolicyArns", (!role.policy_arns.is_empty()).then_some(Json::Arns(&role.policy_arns))),
        ("RoleArn", Some(Json::Text(trimmed(role.role_arn())))),
        ("RoleSessionName", role.session_name.as_deref().map(Json::Text)),
        ("SerialNumber", role.mfa_serial.as_deref().map(Json::Text)),
        ("SourceIdentity", role.source_identity.as_deref().map(Json::Text)),
        ("Tags", (!role.tags.is_empty()).then_some(Json::Tags(&role.tags))),
        ("TransitiveTagKeys", (!role.transitive_tag_keys.is_empty()).then_some(Json::Texts(&role.transitive_tag_keys))),
    ];
    let mut out = String::new();
    for (name, json) in arguments {
        let Some(json) = json else { continue };
        let before = if out.is_empty() { "{" } else { ", " };
        push(&mut out, before);
        push_python(&mut out, name);
        push(&mut out, ": ");
        json.write(&mut out);
    }
    push(&mut out, "}");
    Some(out)
}

/// An argument.
enum Json<'a> {
    Arns(&'a [String]),
    Tags(&'a [(String, String)]),
    Text(&'a str),
    Texts(&'a [String]),
    Written(&'a str),
}

impl Json<'_> {
    fn write(&self, out: &mut String) {
        match *self {
            Self::Written(json) => push(out, json),
            Self::Text(text) => push_python(out, text),
            Self::Arns(arns) => {
                push_all(out, arns, "[{\"arn\": ", "}, {\"arn\": ");
                push(out, "}]");
            }
            Self::Tags(tags) => {
                for (index, (key, value)) in tags.iter().enumerate() {
                    push(out, if index > 0 { "}, {\"Key\": " } else { "[{\"Key\": " });
                    push_python(out, key);
                    push(out, ", \"Value\": ");
                    push_python(out, value);
                }
                push(out, "}]");
            }
            Self::Texts(texts) => {
                push_all(out, texts, "[", ", ");
                push(out, "]");
            }
        }
    }
}

fn push_all(out: &mut String, texts: &[String], first: &str, between: &str) {
    for (index, text) in texts.iter().enumerate() {
        push(out, if index > 0 { between } else { first });
        push_python(out, text);
    }
}

// Growing a string is more code than calling what does: this is called in twenty places.
#[inline(never)]
fn push(out: &mut String, text: &str) {
    out.push_str(text);
}

/// A policy as Python writes what it read. One that is no JSON is the service's to refuse.
pub(crate) fn in_python(policy: &str) -> String {
    let mut out = String::new();
    match policy.parse() {
        Ok(policy) => write_value(&mut out, &policy),
        Err(_no_json) => push_python(&mut out, policy),
    }
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => push(out, &value.to_string()),
        Value::String(text) => push_python(out, text),
        Value::Array(items) => {
            push(out, "[");
            for (index, item) in items.iter().enumerate() {
                push(out, if index > 0 { ", " } else { "" });
                write_value(out, item);
            }
            push(out, "]");
        }
        Value::Object(fields) => {
            // Whether they are sorted already depends on a feature that any crate may switch on.
            let mut sorted: Vec<(&String, &Value)> = Vec::with_capacity(fields.len());
            for field in fields {
                sorted.insert(sorted.partition_point(|known| known.0 < field.0), field);
            }
            push(out, "{");
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                push(out, if index > 0 { ", " } else { "" });
                push_python(out, name);
                push(out, ": ");
                write_value(out, value);
            }
            push(out, "}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/x";

    #[track_caller]
    fn check(role: AssumeRole, expected: &str) {
        assert_eq!(file_name(&role), Some(format!("{expected}.json")), "{:?}", arguments(&role));
    }

    /// Names that botocore chose.
    #[test]
    fn the_name_is_the_one_that_the_aws_cli_chooses() {
        check(AssumeRole::new(ROLE), "f84d75ff2dd3e8682912dae5e7be77540d9d68d0");
        check(AssumeRole::new("arn:aws:iam::123456789012:role/R"), "c03ce438bc208f6214854d85d3ca930ff73e3004");
        let longer = AssumeRole::new(ROLE).duration(Duration::from_secs(1800)).session_name("rsn");
        check(longer, "6f35c0ee1adc130279d00ed946c29521f1365d5e");
        check(AssumeRole::new(ROLE).external_id("é"), "ccccb6f329f1142afed725fa81743405dd87d471");
    }

    #[track_caller]
    fn check_text(role: AssumeRole, expected: impl AsRef<str>) {
        assert_eq!(arguments(&role).as_deref(), Some(expected.as_ref()));
    }

    #[test]
    fn arguments_are_written_as_python_writes_them() {
        check_text(
            AssumeRole::new(ROLE).external_id("\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}/😀"),
            r#"{"ExternalId": "\"\\\n\r\t\b\f\u0001\u007f/\ud83d\ude00", "RoleArn": "arn:aws:iam::123456789012:role/x"}"#,
        );
        check_text(
            AssumeRole::new(" R ")
                .minimum_session_token_size(4096)
                .policy(r#"{"b":[1,true,null],"a":{"d":1,"c":"x"}}"#),
            r#"{"MinimumSessionTokenSize": 4096, "Policy": {"a": {"c": "x", "d": 1}, "b": [1, true, null]}, "RoleArn": "R"}"#,
        );
        check_text(
            AssumeRole::new("R")
                .policy_arn("p")
                .policy_arn("q")
                .tag("k", "v")
                .tag("l", "w")
                .transitive_tag_key("k")
                .transitive_tag_key("l")
                .source_identity("me")
                .mfa_serial("m"),
            r#"{"PolicyArns": [{"arn": "p"}, {"arn": "q"}], "RoleArn": "R", "SerialNumber": "m", "#.to_owned()
                + r#""SourceIdentity": "me", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}], "#
                + r#""TransitiveTagKeys": ["k", "l"]}"#,
        );
    }

    #[test]
    fn what_is_good_for_one_call_is_not_kept() {
        assert_eq!(file_name(&AssumeRole::new("R").mfa_serial("m").token_code("123456")), None);
        assert_eq!(file_name(&AssumeRole::new("R").provided_context("arn:p", "assertion")), None);
    }
}

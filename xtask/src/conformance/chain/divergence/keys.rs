//! Keys that are incomplete or cannot be right.

use serde_json::Value;

use super::ours::{INVALID, UNAVAILABLE};
use super::{Divergence, How, OUTCOME, asked};
use crate::conformance::chain::case::{Case, listed};
use crate::conformance::chain::grammar::Section;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "half-pair-in-code",
        decision: "D7",
        says: "half a key pair, or a token or account without a pair, given in code is an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| has_half_in_code(case),
            promise: |ours| ours.is_invalid(&[""], &["given in code"]),
        },
    },
    Divergence {
        id: "half-pair-in-variables",
        decision: "D7",
        says: "a secret without a key id in the environment is an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_half_in_variables(case) && !is_explicit(theirs),
            promise: |ours| ours.is_invalid(&["env"], &["AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID"]),
        },
    },
    Divergence {
        id: "pair-in-two-files",
        decision: "D13",
        says: "a key pair whose halves stand in the two files is an error that names both lines",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_split_pair(case) && asked_files(theirs),
            promise: |ours| ours.is_invalid(FILES, &[" but aws_access_key_id at ", " but aws_secret_access_key at "]),
        },
    },
    Divergence {
        id: "half-pair-in-file",
        decision: "D7",
        says: "a secret without a key id in a profile is an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_half_in_file(case) && asked_files(theirs),
            promise: |ours| ours.is_invalid(FILES, &["without aws_access_key_id", "without aws_secret_access_key"]),
        },
    },
    Divergence {
        id: "half-pair-in-legacy-file",
        decision: "D7",
        says: "half a key pair in the file of the EC2 tools or of Boto 2 is an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_half_in_legacy_file(case) && asked(theirs, "ec2-credentials-file"),
            promise: |ours| {
                ours.is_invalid(&["ec2-credentials-file", "boto-config"], &["without aws_", "without AWS", "is empty"])
            },
        },
    },
    Divergence {
        id: "impossible-keys",
        decision: "D21",
        says: "keys that are empty, quoted, of several lines, or hold blanks, control characters or more than ASCII are an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_impossible_keys(case, theirs),
            promise: |ours| ours.fails(&[INVALID, UNAVAILABLE], KEYED, FAULTS),
        },
    },
];

fn has_half_in_code(case: &Case) -> bool {
    let said = |name: &str| case.explicit(name).is_some();
    let (id, secret) = (said("aws_access_key_id"), said("aws_secret_access_key"));
    id != secret || !id && (said("aws_session_token") || said("aws_account_id"))
}

fn has_half_in_variables(case: &Case) -> bool {
    case.code("profile").is_none()
        && case.env("AWS_SECRET_ACCESS_KEY").is_some()
        && case.env("AWS_ACCESS_KEY_ID").is_none()
}

fn is_half(section: &Section) -> bool {
    section.value("aws_access_key_id").is_some() != section.value("aws_secret_access_key").is_some()
}

fn has_half_in_file(case: &Case) -> bool {
    case.profiles().any(|profile| is_half(&profile))
}

fn has_split_pair(case: &Case) -> bool {
    case.profiles().any(|profile| {
        let [config, credentials] = case.profile(&profile.name);
        let (Some(config), Some(credentials)) = (config, credentials) else { return false };
        let lacks =
            |half: &Section, other: &Section, key: &str| half.value(key).is_none() && other.value(key).is_some();
        ["aws_access_key_id", "aws_secret_access_key"].iter().any(|key| {
            is_half(&config) && lacks(&config, &credentials, key)
                || is_half(&credentials) && lacks(&credentials, &config, key)
        })
    })
}

fn has_half_in_legacy_file(case: &Case) -> bool {
    let boto = case.env("BOTO_CONFIG").map(listed);
    let boto = boto.map_or_else(|| vec!["/etc/boto.cfg".to_owned(), "~/.boto".to_owned()], |path| vec![path]);
    let files = boto.into_iter().map(|path| (path, "aws_access_key_id", "aws_secret_access_key"));
    let ec2 = case.env("AWS_CREDENTIAL_FILE").map(|path| (listed(path), "AWSAccessKeyId", "AWSSecretKey"));
    files.chain(ec2).any(|(path, id, secret)| {
        let text = case.file(&path).and_then(Value::as_str).unwrap_or_default();
        // Boto 2 does not mind the case of a key, the EC2 tools do.
        let text = if id.starts_with("AWS") { text.to_owned() } else { text.to_lowercase() };
        let filled = |key: &str| {
            let value =
                |line: &str| Some(line.trim().strip_prefix(key)?.trim_start().strip_prefix(['=', ':'])?.trim() != "");
            text.lines().any(|line| value(line) == Some(true))
        };
        filled(id) != filled(secret)
    })
}

fn has_impossible_keys(case: &Case, theirs: &Value) -> bool {
    let variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];
    let answered = ["access_key", "secret_key", "token"].iter().any(|field| match &theirs["creds"][field] {
        Value::Null => false,
        Value::String(text) => is_impossible(text) || text.is_empty() && *field != "token",
        _ => true,
    });
    // As the source of a role they are not seen in the answer.
    answered || variables.iter().filter_map(|name| case.env(name)).any(is_impossible)
}

fn is_impossible(text: &str) -> bool {
    let quoted = ['"', '\''].iter().any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote));
    quoted || text.contains(|c: char| c.is_whitespace() || c.is_control() || !c.is_ascii())
}

fn is_explicit(theirs: &Value) -> bool {
    theirs["load"]["found"]["method"] == "explicit"
}

fn asked_files(theirs: &Value) -> bool {
    asked(theirs, "shared-credentials-file")
}

/// The links that read the shared files' keys.
const FILES: &[&str] = &["shared-credentials-file", "config-file"];
/// The links whose keys are looked at.
const KEYED: &[&str] = &[
    "env",
    "shared-credentials-file",
    "config-file",
    "ec2-credentials-file",
    "boto-config",
    "custom-process",
    "container-role",
    "iam-role",
    "sso",
    "login",
    "assume-role-with-web-identity",
];
/// How a key that cannot be right is described.
const FAULTS: &[&str] = &[
    "is empty",
    "wrapped in quotes",
    "white space",
    "holds a blank",
    "control character",
    "not ASCII",
    "goes on in the next line",
    "line break",
    "wrong type",
    "has no AccessKeyId",
    "has no SecretAccessKey",
];

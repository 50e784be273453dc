//! What single sources do otherwise.

use serde_json::Value;

use super::ours::{DENIED, INVALID, UNAVAILABLE};
use super::{Divergence, How, OUTCOME, facts, kind};
use crate::conformance::chain::case::Case;
use crate::conformance::chain::grammar::Kind;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "empty-key",
        decision: "D22",
        says: "a key of a profile that decides about credentials and is there but empty is an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| has_empty_key(case),
            promise: |ours| ours.is_invalid(PROFILED, &["is empty"]),
        },
    },
    Divergence {
        id: "duration-checked",
        decision: "D22",
        says: "a duration_seconds that is no number is an error instead of being dropped",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| has_odd_duration(case) && super::asked(theirs, "assume-role"),
            promise: |ours| ours.is_invalid(&[], &["duration_seconds"]),
        },
    },
    Divergence {
        id: "mfa-after-source",
        decision: "D12",
        says: "the code of an MFA device is asked for when the source's credentials are there, since it ends soon",
        how: How::Except {
            fields: &["kind", "requests"],
            applies: |case, theirs| kind(theirs) == Some("mfa_prompt") && facts::wants_code(case),
            promise: |ours| {
                ours.fails(&[DENIED], &[], &["nobody is there to read the code"])
                    || ours.fails(&[INVALID, DENIED, UNAVAILABLE], &[], SOURCELESS)
            },
        },
    },
    Divergence {
        id: "lengths-left-to-service",
        decision: "D23",
        says: "the service judges the length of a token or a name, not the client",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| kind(theirs) == Some("param_validation") && facts::is_short_for_sts(case),
            promise: |ours| ours.went_to_service(&["assume-role-with-web-identity"]),
        },
    },
    Divergence {
        id: "timestamp-format",
        decision: "D24",
        says: "a time is one of RFC 3339 with a zone",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| times(case).iter().any(|time| !is_rfc3339(time)),
            promise: |ours| {
                ours.is_invalid(&["env"], &["AWS_CREDENTIAL_EXPIRATION"])
                    || ours.fails(&[UNAVAILABLE], DOCUMENTED, &["Expiration is not an RFC 3339 time"])
            },
        },
    },
    Divergence {
        id: "document-types",
        decision: "D16",
        says: "fields of the credential document that have another type than specified are an error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| documents(case).iter().any(has_wrong_types),
            promise: |ours| {
                ours.fails(&[UNAVAILABLE], DOCUMENTED, &["wrong type", "has no ", "another Version", "is not JSON"])
            },
        },
    },
    Divergence {
        id: "document-mark",
        decision: "D25",
        says: "a byte order mark in front of what a helper prints is skipped",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| case.texts().iter().any(|text| text.starts_with('\u{feff}')),
            promise: |ours| ours.found().is_some_and(|method| DOCUMENTED.contains(&method) || method == "assume-role"),
        },
    },
    Divergence {
        id: "document-json",
        decision: "D25",
        says: "a field twice, and NaN, are no JSON",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, _| case.texts().iter().any(|text| is_odd_json(text)),
            promise: |ours| ours.fails(&[UNAVAILABLE], DOCUMENTED, &["a field twice", "is not JSON"]),
        },
    },
    Divergence {
        id: "boto-file-lenient",
        decision: "D26",
        says: "a Boto 2 file without sections has no keys, and is no error",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| {
                kind(theirs) == Some("config_parse")
                    && super::asked(theirs, "boto-config")
                    && facts::has_boto_file_without_section(case)
            },
            promise: |ours| ours.is_none() || ours.went_to_service(&["container-role", "iam-role"]),
        },
    },
    Divergence {
        id: "sts-without-region",
        decision: "D15",
        says: "without a region STS is asked all the same, signed for us-east-1",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| kind(theirs) == Some("no_region") && facts::region(case).is_none(),
            promise: |ours| ours.went_to_service(&["assume-role-with-web-identity"]),
        },
    },
    Divergence {
        id: "expired-on-the-way",
        decision: "D9",
        says: "whether credentials have expired is judged once, for the last of a chain of roles",
        how: How::Except {
            fields: &["requests"],
            applies: |case, theirs| kind(theirs) == Some("still_expired") && facts::has_past_expiry(case),
            promise: |ours| ours.fails(&[UNAVAILABLE, INVALID], &["", "env"], &["expired"]),
        },
    },
    Divergence {
        id: "sign-in-window",
        decision: "D9",
        says: "a sign-in is refreshed in its last 5 minutes, not 15",
        how: How::Except {
            fields: &["requests"],
            applies: |case, theirs| requested(theirs, "/token") && has_sign_in_of_last_quarter(case),
            promise: |ours| ours.found() == Some("sso") && !ours.asked_for("/token"),
        },
    },
    Divergence {
        id: "sign-in-in-profile",
        decision: "D27",
        says: "the start URL and region of a session may stand in the profile that names it",
        how: How::Except {
            fields: &["kind", "requests"],
            applies: |case, _| has_session_in_profile(case),
            promise: |ours| ours.went_to_service(&["sso"]),
        },
    },
    Divergence {
        id: "sign-in-forgotten",
        decision: "D28",
        says: "a sign-in that the portal does not know any more is refreshed once before that counts",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| says_unauthorized(case) && kind(theirs) == Some("sso_unauthorized"),
            promise: |ours| ours.went_to_service(&["sso"]),
        },
    },
];

/// Whether a file says that something ends in 5 to 15 minutes, as the cases write it.
fn has_sign_in_of_last_quarter(case: &Case) -> bool {
    let texts = case.texts();
    let mut ends = texts.iter().flat_map(|text| text.split("{NOW+").skip(1)).filter_map(|rest| rest.split('}').next());
    ends.any(|seconds| seconds.parse().is_ok_and(|seconds: u32| (300..=900).contains(&seconds)))
}

/// Whether the scripted server answers somewhere that whoever asks is not signed in.
fn says_unauthorized(case: &Case) -> bool {
    let routes = case.json()["http"].as_array().into_iter().flatten();
    routes.flat_map(super::metadata::responses).any(|response| response["status"] == 401)
}

fn has_empty_key(case: &Case) -> bool {
    const KEYS: [&str; 14] = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "role_arn",
        "source_profile",
        "credential_source",
        "role_session_name",
        "external_id",
        "mfa_serial",
        "duration_seconds",
        "web_identity_token_file",
        "sso_session",
        "login_session",
        "credential_process",
        "sso_account_id",
    ];
    case.profiles().any(|profile| KEYS.iter().any(|key| profile.value(key) == Some("")))
}

fn has_odd_duration(case: &Case) -> bool {
    case.profiles().any(|profile| {
        profile.value("duration_seconds").is_some_and(|text| !text.parse::<u32>().is_ok_and(|seconds| seconds > 0))
    })
}

fn has_session_in_profile(case: &Case) -> bool {
    let sections = case.sections(Kind::Config).unwrap_or_default();
    case.profiles().any(|profile| {
        let named = profile.value("sso_session").unwrap_or_default();
        let session = sections.iter().find(|section| section.sort == "sso-session" && section.name == named);
        let lent = |key: &&str| session.is_some_and(|s| s.value(key).is_none()) && profile.value(key).is_some();
        ["sso_start_url", "sso_region"].iter().any(lent)
    })
}

/// JSON objects with keys in files and answers; the last of several wins.
fn documents(case: &Case) -> Vec<Value> {
    let texts = case.texts().into_iter();
    let parsed = texts.filter_map(|text| serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).ok());
    parsed.filter(|json| json.get("AccessKeyId").is_some() || json.get("SecretAccessKey").is_some()).collect()
}

fn times(case: &Case) -> Vec<String> {
    let documents = documents(case);
    let in_documents = documents.iter().filter_map(|document| document["Expiration"].as_str());
    case.env("AWS_CREDENTIAL_EXPIRATION").into_iter().chain(in_documents).map(str::to_owned).collect()
}

fn has_wrong_types(document: &Value) -> bool {
    const TEXTS: [&str; 6] = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Token", "AccountId", "Expiration"];
    let text = |field: &&str| !matches!(document[*field], Value::Null | Value::String(_));
    let nothing = |field: &&str| document.get(field) == Some(&Value::Null);
    TEXTS.iter().any(text)
        || ["AccessKeyId", "SecretAccessKey", "Token"].iter().any(nothing)
        || document["Version"].is_boolean()
}

/// `2099-01-01T00:00:00Z`, with or without a fraction, and with any zone; also placeholders of the case.
fn is_rfc3339(text: &str) -> bool {
    let text = text.trim();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c.to_ascii_uppercase() }).collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else { return shape.starts_with("{NOW") };
    let rest = rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches('0'));
    matches!(rest, "Z" | "+00:00" | "-00:00") && !text.contains("-13-") && !text.contains("T24")
}

/// A field of the document twice, or a number that JSON does not have.
fn is_odd_json(text: &str) -> bool {
    let twice = |field: &str| text.matches(&format!("\"{field}\":")).count() > 1;
    text.starts_with('{') && (text.contains("NaN") || twice("Version") || twice("AccessKeyId"))
}

/// Whether botocore asked the scripted server for this.
pub(super) fn requested(theirs: &Value, target: &str) -> bool {
    let requests = theirs["requests"].as_array().into_iter().flatten();
    requests.into_iter().any(|request| request["target"].as_str().is_some_and(|asked| asked.starts_with(target)))
}

/// Why the source of a role has nothing, before anybody is asked for a code.
const SOURCELESS: &[&str] = &[
    "cannot be reached",
    "is cut off",
    "nobody is signed in",
    "cannot be read",
    "refused AssumeRole",
    "answered AssumeRole",
    "to AssumeRole",
];
/// The links that read a profile.
const PROFILED: &[&str] =
    &["assume-role-with-web-identity", "sso", "shared-credentials-file", "login", "custom-process", "config-file"];
/// The links that read a credential document.
const DOCUMENTED: &[&str] = &["custom-process", "container-role", "iam-role"];

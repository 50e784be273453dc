//! What the container endpoint and EC2 instance metadata do otherwise.

use serde_json::Value;

use super::ours::{DENIED, INVALID, Ours, UNAVAILABLE};
use super::sources::requested;
use super::{Divergence, How, OUTCOME, asked, facts, kind};
use crate::conformance::chain::case::Case;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "container-window",
        decision: "D9",
        says: "keys of a container that last a few minutes are used, not fetched twice",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| {
                let found = &theirs["load"]["found"]["method"];
                names_container(case) && !theirs["freeze"].is_null() && found == "container-role"
            },
            promise: |ours| ours.found() == Some("container-role"),
        },
    },
    Divergence {
        id: "container-name",
        decision: "D29",
        says: "a name in AWS_CONTAINER_CREDENTIALS_FULL_URI is looked up, and its addresses are judged",
        how: How::Except {
            fields: &["kind"],
            applies: |case, theirs| names_container(case) && kind(theirs) == Some("container_host"),
            promise: |ours| ours.fails(&[INVALID, UNAVAILABLE], &["container-role"], &[""]),
        },
    },
    Divergence {
        id: "imds-version-2-only",
        decision: "D8",
        says: "instance metadata that gives no session token is not asked without one",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| is_asked(theirs) && !serves_tokens(case),
            promise: |ours| {
                never_without_token(ours)
                    && (ours.is_none() || ours.fails(&[INVALID, DENIED, UNAVAILABLE], &["iam-role"], TOKENLESS))
            },
        },
    },
    Divergence {
        id: "imds-version-1-disabled",
        decision: "D8",
        says: "that version 1 is disabled changes nothing where version 2 is not there",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| kind(theirs) == Some("metadata") && facts::disables_version_1(case),
            promise: |ours| ours.is_none() || ours.fails(&[INVALID, DENIED, UNAVAILABLE], &["iam-role"], TOKENLESS),
        },
    },
    Divergence {
        id: "imds-expiry",
        decision: "D9",
        says: "an expiry is what the answer says, and an answer that has expired is a failure",
        how: How::Except {
            fields: &["outcome", "kind", "link", "expiry"],
            applies: |case, theirs| {
                let expiry = theirs["creds"]["expiry"].as_str().unwrap_or_default();
                // 15 minutes and the jitter, which the oracle holds at 6.
                let found = &theirs["load"]["found"]["method"];
                routes(case).next().is_some() && found == "iam-role" && expiry == "NOW+1260"
            },
            promise: |ours| {
                // Not longer than the service said: botocore adds to what ends within a quarter of an hour.
                ours.found() == Some("iam-role") && ours.ends_in().is_some_and(|seconds| seconds <= 900)
                    || ours.fails(&[UNAVAILABLE], &[""], &["already expired"])
            },
        },
    },
    Divergence {
        id: "imds-says-no",
        decision: "D30",
        says: "a bad answer of instance metadata is a refusal or an outage that stops the chain, not the absence of a source",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| {
                !turns_metadata_off(case)
                    && theirs["load"]["found"].is_null()
                    && is_asked(theirs)
                    && requested(theirs, "/")
            },
            promise: |ours| {
                ours.fails(&[DENIED], &["iam-role"], REFUSED) || ours.fails(&[UNAVAILABLE], &["iam-role"], BROKEN)
            },
        },
    },
    Divergence {
        id: "imds-code",
        decision: "D30",
        says: "a document of instance metadata whose Code is not Success is a refusal",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| is_asked(theirs) && has_other_code(case),
            promise: |ours| ours.fails(&[DENIED, UNAVAILABLE], &["iam-role"], &["has no credentials of role"]),
        },
    },
    Divergence {
        id: "imds-chosen-endpoint",
        decision: "D30",
        says: "an endpoint of instance metadata that somebody chose must answer",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| {
                theirs["load"]["found"].is_null()
                    && is_asked(theirs)
                    && case.env("AWS_EC2_METADATA_SERVICE_ENDPOINT").is_some()
            },
            promise: |ours| ours.fails(&[DENIED, UNAVAILABLE], &["iam-role"], TOKENLESS),
        },
    },
    Divergence {
        id: "imds-first-role",
        decision: "D31",
        says: "of several lines where instance metadata names the role, the first one counts",
        how: How::Except {
            fields: &["requests"],
            applies: |case, theirs| is_asked(theirs) && names_several_roles(case),
            promise: |ours| ours.went_to_service(&["iam-role"]) && asks_first_roles(ours),
        },
    },
];

fn names_container(case: &Case) -> bool {
    ["RELATIVE", "FULL"].iter().any(|sort| case.env(&format!("AWS_CONTAINER_CREDENTIALS_{sort}_URI")).is_some())
}

fn turns_metadata_off(case: &Case) -> bool {
    case.env("AWS_EC2_METADATA_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn is_asked(theirs: &Value) -> bool {
    asked(theirs, "iam-role") || requested(theirs, "/latest/")
}

pub(super) fn routes(case: &Case) -> impl Iterator<Item = &Value> {
    let of_metadata = |route: &&Value| {
        let path = route["path"].as_str().or_else(|| route["prefix"].as_str()).unwrap_or_default();
        path.starts_with("/latest/")
    };
    case.json()["http"].as_array().into_iter().flatten().filter(of_metadata)
}

pub(super) fn responses(route: &Value) -> impl Iterator<Item = &Value> {
    route["responses"].as_array().into_iter().flatten()
}

fn serves_tokens(case: &Case) -> bool {
    routes(case).any(|route| {
        let good = |response: &Value| {
            response["status"].as_u64().is_none_or(|status| status == 200)
                && response["body"].as_str().is_some_and(|token| !token.is_empty())
                && response["close"] != true
                && response["delay"].as_f64().is_none_or(|delay| delay < 1.0)
        };
        route["method"] == "PUT" && responses(route).next().is_some_and(good)
    })
}

fn has_other_code(case: &Case) -> bool {
    let bodies = routes(case).flat_map(responses).map(|response| &response["body"]["Code"]);
    bodies.filter_map(Value::as_str).any(|code| code != "Success")
}

fn names_several_roles(case: &Case) -> bool {
    texts(case).any(|body| body.trim().contains('\n'))
}

fn texts(case: &Case) -> impl Iterator<Item = &str> {
    routes(case).flat_map(responses).filter_map(|response| response["body"].as_str())
}

/// Whether the roles whose keys were asked for are each the first line of an answer.
fn asks_first_roles(ours: &Ours<'_>) -> bool {
    let targets = ours.requests().filter_map(|request| request["target"].as_str());
    let mut roles = targets.filter_map(|target| target.strip_prefix(ROLES)).filter(|role| !role.is_empty());
    roles.all(|role| texts(ours.case).any(|body| body.trim().lines().next().map(str::trim) == Some(role)))
}

/// Whether no metadata was asked for without a session token.
fn never_without_token(ours: &Ours<'_>) -> bool {
    ours.requests().filter(|request| request["method"] == "GET").all(|request| {
        !request["target"].as_str().unwrap_or_default().starts_with("/latest/")
            || request["headers"]["x-aws-ec2-metadata-token"].is_string()
    })
}

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
/// How instance metadata says no.
const REFUSED: &[&str] = &["refused the credentials of role", "has no credentials of role", "gives no session token"];
/// How a bad answer is described.
const BROKEN: &[&str] = &["answered status", "the answer has", "the answer is not JSON"];
/// How it is said that there is no session token.
const TOKENLESS: &[&str] = &["session token", "no answer from", "closed the connection", "cannot be reached"];

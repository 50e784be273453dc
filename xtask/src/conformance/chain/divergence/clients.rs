//! What clients make of settings: where they send a request.

use serde_json::Value;

use super::{Divergence, How, facts};
use crate::conformance::chain::case::Case;
use crate::conformance::chain::grammar::Kind;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "endpoint-and-options",
        decision: "D32",
        says: "FIPS or dual-stack together with an endpoint URL is an error instead of being dropped",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| asks_for_options(case) && has_own_endpoint(theirs),
            promise: |ours| ours.client_fails(),
        },
    },
    Divergence {
        id: "s3-regional",
        decision: "D33",
        says: "S3 in us-east-1 is asked at s3.us-east-1.amazonaws.com, not at the global endpoint",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| {
                let url = theirs["client"]["endpoint_url"].as_str().unwrap_or_default();
                let region = facts::region(case);
                let is_first = region.is_none_or(|region| ["us-east-1", "aws-global"].contains(&&*region));
                is_first && (url == "https://s3.amazonaws.com" || url.contains("aws-global"))
            },
            promise: |ours| ours.client_url().is_some_and(|url| url.contains(".us-east-1.")),
        },
    },
    Divergence {
        id: "services-without-keys",
        decision: "D34",
        says: "a services section without keys is there",
        how: How::Except {
            fields: &["client"],
            applies: |case, _| has_empty_services(case),
            promise: |ours| ours.client_url().is_some_and(|url| facts::names_host(ours.case, url)),
        },
    },
    Divergence {
        id: "python-errors-of-clients",
        decision: "D16",
        says: "a setting that makes Python raise an error of its own is left out",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| {
                let kind = theirs["client"]["error"]["kind"].as_str();
                kind.is_some_and(|kind| kind.starts_with("py:")) && facts::has_value_for_settings(case)
            },
            promise: |ours| ours.client_url().is_some_and(|url| facts::names_host(ours.case, url)),
        },
    },
    Divergence {
        id: "bearer-tokens",
        decision: "D35",
        says: "a client with keys needs no sign-in, so that a session which is not there does no harm",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| {
                let message = theirs["client"]["error"]["msg"].as_str();
                message.is_some_and(|message| message.contains("SSO token provider")) && facts::lacks_session(case)
            },
            promise: |ours| ours.client_url().is_some_and(|url| facts::names_host(ours.case, url)),
        },
    },
    Divergence {
        id: "defaults-mode",
        decision: "D36",
        says: "defaults_mode is not read",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| {
                theirs["client"]["error"]["kind"] == "invalid_defaults_mode" && facts::has_odd_defaults_mode(case)
            },
            promise: |ours| ours.client_url().is_some_and(|url| facts::names_host(ours.case, url)),
        },
    },
    Divergence {
        id: "s3-section-first",
        decision: "D37",
        says: "use_dualstack_endpoint of the s3 section beats the general one",
        how: How::Except {
            fields: &["client"],
            applies: |case, _| {
                case.setting("s3").is_some_and(|s3| s3.replace(' ', "").contains("use_dualstack_endpoint=false"))
            },
            promise: |ours| ours.client_url().is_some_and(|url| !url.contains("dualstack")),
        },
    },
    Divergence {
        id: "fips-in-region-name",
        decision: "D38",
        says: "a region name says nothing about FIPS",
        how: How::Except {
            fields: &["client"],
            applies: |case, _| {
                case.code("region").is_some_and(|region| region.starts_with("fips-") || region.ends_with("-fips"))
            },
            promise: |ours| ours.client_url().is_some_and(|url| facts::names_host(ours.case, url)),
        },
    },
];

fn asks_for_options(case: &Case) -> bool {
    let on = |(variable, key): (&str, &str)| {
        case.env(variable).map(str::to_owned).or_else(|| case.setting(key)).is_some_and(|text| text == "true")
    };
    let s3 = case.setting("s3").unwrap_or_default();
    on(("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"))
        || on(("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"))
        || s3.lines().any(|line| {
            line.split_once('=').is_some_and(|(key, value)| {
                ["use_dualstack_endpoint", "use_accelerate_endpoint"].contains(&key.trim()) && value.trim() == "true"
            })
        })
}

fn has_empty_services(case: &Case) -> bool {
    let Some(name) = case.setting("services") else { return false };
    let sections = case.sections(Kind::Config).unwrap_or_default();
    sections.iter().any(|section| section.sort == "services" && section.name == name && section.keys.is_empty())
}

fn has_own_endpoint(theirs: &Value) -> bool {
    theirs["client"]["endpoint_url"].as_str().is_some_and(|url| !url.contains(".amazonaws.com"))
}

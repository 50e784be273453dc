//! Settings: their text, and when it is looked at.

use super::as_if::changed;
use super::{Divergence, How, OUTCOME};
use crate::conformance::chain::case::Case;
use crate::conformance::chain::grammar::Kind;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "setting-checked",
        decision: "D20",
        says: "a setting that cannot be used is an error when the session is loaded, which names the variable or line",
        how: How::Except {
            fields: &["outcome", "kind", "link", "client"],
            applies: |case, _| !wrong_names(case).is_empty(),
            promise: |ours| match ours.field {
                "client" => ours.client_fails(),
                "outcome" | "kind" | "link" => ours.is_invalid(&[""], &wrong_names(ours.case)),
                _ => false,
            },
        },
    },
    Divergence {
        id: "region-checked",
        decision: "D20",
        says: "a region given in code that is no region name is an error when the session is loaded",
        how: How::Except {
            fields: &["outcome", "kind", "link"],
            applies: |case, _| case.code("region").is_some_and(|region| !is_region(region.trim())),
            promise: |ours| ours.is_invalid(&[""], &["is not a region name"]),
        },
    },
    Divergence {
        id: "imds-setting-wrong",
        decision: "D16",
        says: "a setting of instance metadata that cannot be used is an error when it is asked",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| case.has_mark(WRONG_IMDS) && super::asked(theirs, "iam-role"),
            promise: |ours| ours.is_invalid(&["iam-role"], &["AWS_", "metadata"]),
        },
    },
    Divergence {
        id: "settings-of-no-profile",
        decision: "D5",
        says: "with keys of code or environment and a broken file or an unknown AWS_PROFILE, settings of files are unknown",
        how: How::Except {
            fields: &["profile", "profiles", "client"],
            applies: |case, _| case.has_mark("keys-without-profile"),
            promise: |ours| match ours.field {
                // The name that was chosen, although nothing goes by it.
                "profile" => ours.answer["profile"]["value"].is_string(),
                "profiles" => ours.answer["profiles"]["value"] == serde_json::json!([]),
                "client" => ours.client_fails(),
                _ => false,
            },
        },
    },
];

/// Variable, key of a profile, and what may be said.
type Known = (&'static str, &'static str, fn(&str) -> bool);

const KNOWN: &[Known] = &[
    ("AWS_RETRY_MODE", "retry_mode", |text| ["legacy", "standard", "adaptive"].contains(&text)),
    ("AWS_MAX_ATTEMPTS", "max_attempts", |text| text.parse::<u32>().is_ok_and(|attempts| attempts > 0)),
    ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", is_flag),
    ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", is_flag),
    ("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", |text| ["legacy", "regional"].contains(&text)),
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", is_flag),
    ("AWS_DEFAULT_REGION", "region", is_region),
    ("AWS_CA_BUNDLE", "ca_bundle", |_| true),
];

const IMDS: &[Known] = &[
    ("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", is_count),
    ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", is_count),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint", is_url),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode", |text| {
        ["ipv4", "ipv6"].contains(&text.to_ascii_lowercase().as_str())
    }),
    ("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled", |text| is_flag(&text.to_ascii_lowercase())),
];

/// The variable wins over the key; blank variables are gone by now.
fn wrong(case: &Case, (variable, key, fits): Known) -> bool {
    let said = case.env(variable).map(str::to_owned).or_else(|| case.setting(key));
    said.is_some_and(|text| !fits(&text))
}

/// The names of the settings that cannot be used: of the variable and of the key.
fn wrong_names(case: &Case) -> Vec<&'static str> {
    let known = KNOWN.iter().filter(|known| wrong(case, **known)).flat_map(|(variable, key, _)| [*variable, *key]);
    let s3 = case.setting("s3").unwrap_or_default();
    let said = |name: &str| s3.lines().filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim() == name);
    let nested = NESTED.iter().filter(|(name, fits)| said(name).is_some_and(|(_, value)| !fits(value.trim())));
    known.chain(nested.map(|(name, _)| *name)).collect()
}

/// Key of the s3 section, and what may be said.
type Nested = (&'static str, fn(&str) -> bool);

const NESTED: &[Nested] = &[
    ("addressing_style", |text| ["auto", "virtual", "path"].contains(&text)),
    ("use_accelerate_endpoint", is_flag),
    ("use_dualstack_endpoint", is_flag),
];

/// Case and blanks of settings as they are understood; empty ones of profiles left out.
pub(super) fn tidied(case: &Case) -> Option<Case> {
    let tidy = |name: &str, text: &str| match name {
        "AWS_CA_BUNDLE" | "ca_bundle" => text.to_owned(),
        "AWS_DEFAULT_REGION" | "region" => text.trim().to_owned(),
        _ => text.trim().to_ascii_lowercase(),
    };
    let variables = KNOWN.iter().map(|(variable, ..)| *variable);
    let other = variables.fold(case.clone(), |other, variable| match case.env(variable) {
        Some(text) => other.with_env(variable, &tidy(variable, text)),
        None => other,
    });
    // What the credentials file says hides the config file's, also when it is nothing.
    let other = [Kind::Config, Kind::Credentials].into_iter().fold(other, |other, kind| {
        other.with_sections(kind, |sections| {
            for section in sections.iter_mut().filter(|section| section.sort == "profile") {
                let said = |key: &str| {
                    case.profile(&section.name).iter().rev().flatten().find_map(|s| s.value(key).map(str::to_owned))
                };
                section.keys.retain(|(key, _)| !(is_known(key) && said(key).is_some_and(|value| value.is_empty())));
                let known = section.keys.iter_mut().filter(|(key, _)| KNOWN.iter().any(|(_, known, _)| known == key));
                known.for_each(|(key, value)| *value = tidy(key, value));
            }
        })
    });
    changed(case, other)
}

fn is_known(key: &str) -> bool {
    KNOWN.iter().chain(IMDS).any(|(_, known, _)| *known == key)
}

pub(super) fn without_wrong_imds_settings(case: &Case) -> Option<Case> {
    let wrong: Vec<_> = IMDS.iter().filter(|known| wrong(case, **known)).collect();
    let other = wrong.into_iter().fold(case.clone(), |other, (variable, key, _)| {
        [Kind::Config, Kind::Credentials].into_iter().fold(other.without_env(variable), |other, kind| {
            other.with_sections(kind, |sections| {
                sections.iter_mut().for_each(|s| s.keys.retain(|(name, _)| name != key))
            })
        })
    });
    changed(case, other).map(|other| other.marked(WRONG_IMDS))
}

fn is_flag(text: &str) -> bool {
    text == "true" || text == "false"
}

fn is_count(text: &str) -> bool {
    text.trim().parse::<u32>().is_ok_and(|count| (1..=60).contains(&count))
}

fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:/[]{}".contains(c))
    })
}

fn is_region(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.chars().all(|c| c.is_ascii_digit())
}

const WRONG_IMDS: &str = "wrong-imds-setting";

//! Settings: their text, and when it is looked at.

use super::as_if::changed;
use super::{Divergence, How, OUTCOME};
use crate::conformance::chain::case::Case;
use crate::conformance::chain::grammar::Kind;

pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "setting-checked",
        decision: "new",
        says: "a setting that cannot be used is an error when the session is loaded, which names the variable or line",
        how: How::Except {
            fields: &["outcome", "kind", "link", "client", "probe"],
            applies: |case, _| has_wrong_setting(case),
        },
    },
    Divergence {
        id: "region-checked",
        decision: "new",
        says: "a region given in code that is no region name is an error when the session is loaded",
        how: How::Except {
            fields: &["outcome", "kind", "link"],
            applies: |case, _| case.code("region").is_some_and(|region| !is_region(region.trim())),
        },
    },
    Divergence {
        id: "imds-setting-wrong",
        decision: "D16",
        says: "a setting of instance metadata that cannot be used is an error when it is asked",
        how: How::Except {
            fields: OUTCOME,
            applies: |case, theirs| case.has_mark(WRONG_IMDS) && super::asked(theirs, "iam-role"),
        },
    },
    Divergence {
        id: "settings-of-no-profile",
        decision: "D5",
        says: "with keys of code or environment and a broken file or an unknown AWS_PROFILE, settings of files are unknown",
        how: How::Except {
            fields: &["profile", "profiles", "region", "probe", "client"],
            applies: |case, _| case.has_mark("keys-without-profile"),
        },
    },
    Divergence {
        id: "endpoint-and-options",
        decision: "new",
        says: "FIPS or dual-stack together with an endpoint URL is an error instead of being dropped",
        how: How::Except {
            fields: &["client"],
            applies: |case, theirs| asks_for_options(case) && has_own_endpoint(theirs),
        },
    },
    Divergence {
        id: "s3-regional",
        decision: "new",
        says: "S3 in us-east-1 is asked at s3.us-east-1.amazonaws.com, not at the global endpoint",
        how: How::Except {
            fields: &["client"],
            applies: |_, theirs| {
                let url = theirs["client"]["endpoint_url"].as_str().unwrap_or_default();
                url == "https://s3.amazonaws.com" || url.contains("aws-global")
            },
        },
    },
    Divergence {
        id: "services-without-keys",
        decision: "new",
        says: "a services section without keys is there",
        how: How::Except { fields: &["client"], applies: |case, _| has_empty_services(case) },
    },
    Divergence {
        id: "python-errors-of-clients",
        decision: "D16",
        says: "a setting that makes Python raise an error of its own is left out",
        how: How::Except {
            fields: &["client"],
            applies: |_, theirs| theirs["client"]["error"]["kind"].as_str().is_some_and(|kind| kind.starts_with("py:")),
        },
    },
    Divergence {
        id: "bearer-tokens",
        decision: "new",
        says: "a client with keys needs no sign-in, so that a session which is not there does no harm",
        how: How::Except {
            fields: &["client"],
            applies: |_, theirs| {
                let message = theirs["client"]["error"]["msg"].as_str();
                message.is_some_and(|message| message.contains("SSO token provider"))
            },
        },
    },
    Divergence {
        id: "defaults-mode",
        decision: "new",
        says: "defaults_mode is not read",
        how: How::Except {
            fields: &["client"],
            applies: |_, theirs| theirs["client"]["error"]["kind"] == "invalid_defaults_mode",
        },
    },
    Divergence {
        id: "s3-section-first",
        decision: "new",
        says: "use_dualstack_endpoint of the s3 section beats the general one",
        how: How::Except {
            fields: &["client"],
            applies: |case, _| {
                case.setting("s3").is_some_and(|s3| s3.replace(' ', "").contains("use_dualstack_endpoint=false"))
            },
        },
    },
    Divergence {
        id: "fips-in-region-name",
        decision: "new",
        says: "a region name says nothing about FIPS",
        how: How::Except {
            fields: &["client"],
            applies: |case, _| {
                case.code("region").is_some_and(|region| region.starts_with("fips-") || region.ends_with("-fips"))
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

fn has_wrong_setting(case: &Case) -> bool {
    let s3 = case.setting("s3").unwrap_or_default();
    let mut nested = s3.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim()));
    KNOWN.iter().any(|known| wrong(case, *known))
        || nested.any(|(key, value)| match key {
            "addressing_style" => !["auto", "virtual", "path"].contains(&value),
            "use_accelerate_endpoint" | "use_dualstack_endpoint" => !is_flag(value),
            _ => false,
        })
}

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

fn has_own_endpoint(theirs: &serde_json::Value) -> bool {
    theirs["client"]["endpoint_url"].as_str().is_some_and(|url| !url.contains(".amazonaws.com"))
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

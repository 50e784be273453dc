//! Divergences that are another question: what tucuxi answers is what botocore answers to that one.

use serde_json::Value;

use super::{Divergence, How};
use super::{metadata, settings};
use crate::conformance::chain::case::{Case, listed};
use crate::conformance::chain::grammar::{self, BROKEN, Kind, STAND_IN};

/// In the order in which the question is changed.
pub(super) const TABLE: &[Divergence] = &[
    Divergence {
        id: "blank-variable",
        decision: "D6",
        says: "a variable that is empty or blank counts as unset",
        how: How::AsIf(blank_variables),
    },
    Divergence {
        id: "profile-variable",
        decision: "D2",
        says: "AWS_PROFILE beats AWS_DEFAULT_PROFILE",
        how: How::AsIf(profile_variable),
    },
    Divergence {
        id: "region-variable",
        decision: "D3",
        says: "AWS_REGION is read, before AWS_DEFAULT_REGION",
        how: How::AsIf(region_variable),
    },
    Divergence {
        id: "token-variable",
        decision: "D4",
        says: "AWS_SESSION_TOKEN is read before AWS_SECURITY_TOKEN",
        how: How::AsIf(token_variable),
    },
    Divergence {
        id: "path-variable",
        decision: "D19",
        says: "~ and variables are understood in AWS_CREDENTIAL_FILE too",
        how: How::AsIf(path_variable),
    },
    Divergence {
        id: "file-grammar",
        decision: "D1",
        says: "the shared files are read by the grammar of the AWS SDKs",
        how: How::AsIf(file_grammar),
    },
    Divergence {
        id: "token-key",
        decision: "D4",
        says: "aws_session_token is read before aws_security_token",
        how: How::AsIf(token_keys),
    },
    Divergence {
        id: "setting-text",
        decision: "D20",
        says: "case and surrounding blanks of a setting do not matter, and an empty one in a file counts as unset",
        how: How::AsIf(settings::tidied),
    },
    Divergence {
        id: "imds-settings-late",
        decision: "D5",
        says: "settings of instance metadata are looked at when it is asked, not before other sources",
        how: How::AsIf(settings::without_wrong_imds_settings),
    },
    Divergence {
        id: "container-token-file",
        decision: "D10",
        says: "white space around the container's token in its file is trimmed",
        how: How::AsIf(container_token_file),
    },
    Divergence {
        id: "web-token-file",
        decision: "D10",
        says: "white space around a web identity token in its file is trimmed",
        how: How::AsIf(web_token_files),
    },
    Divergence {
        id: "imds-retries",
        decision: "D9",
        says: "instance metadata that has answered is asked up to 3 times",
        how: How::AsIf(metadata_asked_again),
    },
    Divergence {
        id: "imds-proxy",
        decision: "D14",
        says: "instance metadata is never asked through a proxy",
        how: How::AsIf(metadata_without_proxy),
    },
    Divergence {
        id: "keys-without-profile",
        decision: "D5",
        says: "keys of code or environment work with a broken file or an unknown AWS_PROFILE",
        how: How::AsIf(keys_without_profile),
    },
];

pub(super) fn changed(case: &Case, other: Case) -> Option<Case> {
    (other != *case).then_some(other)
}

fn blank_variables(case: &Case) -> Option<Case> {
    let blank: Vec<&str> =
        case.variables().filter(|(_, value)| value.trim().is_empty()).map(|(name, _)| name).collect();
    changed(case, blank.into_iter().fold(case.clone(), Case::without_env))
}

fn profile_variable(case: &Case) -> Option<Case> {
    case.env("AWS_PROFILE")?;
    changed(case, case.clone().without_env("AWS_DEFAULT_PROFILE"))
}

fn region_variable(case: &Case) -> Option<Case> {
    let region = case.env("AWS_REGION")?.to_owned();
    changed(case, case.clone().without_env("AWS_REGION").with_env("AWS_DEFAULT_REGION", &region))
}

fn token_variable(case: &Case) -> Option<Case> {
    case.env("AWS_SESSION_TOKEN")?;
    changed(case, case.clone().without_env("AWS_SECURITY_TOKEN"))
}

fn path_variable(case: &Case) -> Option<Case> {
    let path = case.env("AWS_CREDENTIAL_FILE")?;
    let below = ["~/", "$HOME/", "${HOME}/"].into_iter().find_map(|home| path.strip_prefix(home))?;
    changed(case, case.clone().with_env("AWS_CREDENTIAL_FILE", &format!("{{HOME}}/{below}")))
}

fn file_grammar(case: &Case) -> Option<Case> {
    let mut other = case.clone();
    for kind in KINDS {
        let path = case.path(kind);
        if case.file(&path).is_none() {
            continue;
        }
        let plain = case.sections(kind).map(|sections| grammar::plain(kind, &sections));
        other = other.with_file(&path, plain.as_deref().unwrap_or(BROKEN));
    }
    let inherited = case.sections(Kind::Credentials).unwrap_or_default();
    if inherited.iter().any(|section| section.name == "DEFAULT") {
        other = with_stand_in(other);
    }
    changed(case, other)
}

/// A profile called `DEFAULT` under another name.
fn with_stand_in(case: Case) -> Case {
    let rename = |name: &mut String| {
        if name == "DEFAULT" {
            *name = STAND_IN.to_owned();
        }
    };
    let mut other = KINDS.into_iter().fold(case, |case, kind| {
        case.with_sections(kind, |sections| {
            for section in sections {
                rename(&mut section.name);
                section.keys.iter_mut().filter(|(key, _)| key == "source_profile").for_each(|(_, value)| rename(value));
            }
        })
    });
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if other.env(variable) == Some("DEFAULT") {
            other = other.with_env(variable, STAND_IN);
        }
    }
    match other.code("profile") {
        Some("DEFAULT") => other.with_code("profile", Some(STAND_IN)),
        _ => other,
    }
}

fn token_keys(case: &Case) -> Option<Case> {
    let other = KINDS.into_iter().fold(case.clone(), |case, kind| {
        case.with_sections(kind, |sections| {
            let both =
                sections.iter_mut().filter(|section| section.value("aws_session_token").is_some_and(|t| !t.is_empty()));
            both.for_each(|section| section.keys.retain(|(key, _)| key != "aws_security_token"));
        })
    });
    changed(case, other)
}

fn container_token_file(case: &Case) -> Option<Case> {
    let path = listed(case.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")?);
    let text = case.file(&path).and_then(Value::as_str)?;
    changed(case, case.clone().with_file(&path, text.trim()))
}

fn web_token_files(case: &Case) -> Option<Case> {
    let named = case.profiles().filter_map(|profile| profile.value("web_identity_token_file").map(listed));
    let files = case.env("AWS_WEB_IDENTITY_TOKEN_FILE").map(listed).into_iter().chain(named);
    let other = files.fold(case.clone(), |other, path| match other.file(&path).and_then(Value::as_str) {
        Some(text) if text.trim() != text => other.clone().with_file(&path, text.trim()),
        _ => other,
    });
    changed(case, other)
}

fn metadata_asked_again(case: &Case) -> Option<Case> {
    let (variable, key) = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts");
    let said = case.env(variable).is_some() || case.setting(key).is_some();
    let changes = metadata::routes(case).any(|route| metadata::responses(route).count() > 1);
    (changes && !said).then(|| case.clone().with_env(variable, "3"))
}

fn metadata_without_proxy(case: &Case) -> Option<Case> {
    metadata::routes(case).next()?;
    changed(case, ["HTTP_PROXY", "http_proxy"].into_iter().fold(case.clone(), Case::without_env))
}

fn keys_without_profile(case: &Case) -> Option<Case> {
    if !case.has_keys_outside_files() {
        return None;
    }
    let mut other = case.clone();
    for kind in KINDS {
        if case.sections(kind).is_none() {
            other = other.without_file(&case.path(kind));
        }
    }
    let broken = other != *case;
    let (name, chosen) = case.selected();
    if chosen && case.code("profile").is_none() && other.profile(name).iter().all(Option::is_none) {
        other = other.without_env("AWS_PROFILE").without_env("AWS_DEFAULT_PROFILE");
    } else if broken {
        // Nobody can tell whether the profile is in a file that cannot be read.
        other = other.with_code("profile", None);
    }
    changed(case, other).map(|other| other.marked("keys-without-profile"))
}

const KINDS: [Kind; 2] = [Kind::Config, Kind::Credentials];

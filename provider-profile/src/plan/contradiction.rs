//! Keys of one profile of which one counts and another does not, as botocore silently decides too. Pure.

use super::{Asked, Plan};
use crate::static_keys::{KEY_ID, SECRET, TOKENS, filled};
use crate::{Profile, ProfileSet, Value, Warning, WarningKind};

/// What does not count in the profiles that a plan goes through, with the line of what counts instead.
pub(super) fn in_plan(set: &ProfileSet, plan: &Plan<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let last = plan.asked_by;
    let mut is_role = false;
    for role in plan.roles.iter().rev() {
        // What assumes the last role may stand in its own profile.
        if role.asked_by.profile() == last.profile() {
            is_role = true;
        } else {
            in_profile(set, role.asked_by, true, &mut warnings);
        }
    }
    in_profile(set, last, is_role, &mut warnings);
    warnings
}

fn in_profile(set: &ProfileSet, asked: Asked<'_>, is_role: bool, warnings: &mut Vec<Warning>) {
    let (Some(profile), Some(source)) = (set.profile(asked.profile()), asked.value()) else { return };
    other_sources(profile, source, is_role, warnings);
    key_pairs(profile, source, warnings);
    both_files(profile, profile.name() == set.selected().name(), warnings);
}

/// Sources that come later in botocore's order, and what of a role does not go with a token.
fn other_sources(profile: Profile<'_>, source: &Value, is_role: bool, warnings: &mut Vec<Warning>) {
    let by_token = source.key() == "web_identity_token_file";
    for (key, against, why) in OTHERS {
        let is_other = match against {
            Against::Any => true,
            // An account and a role ask for the same sign-in.
            Against::AnyOther => set_value(profile, "sso_role_name").is_none(),
            Against::Token => by_token,
            // The keys of a source profile come before its role.
            Against::NoRole => !is_role && !by_token,
        };
        if is_other
            && *key != source.key()
            && let Some(value) = set_value(profile, key)
        {
            beaten(warnings, value, source, why);
        }
    }
}

/// A key without a value asks for nothing.
fn set_value<'a>(profile: Profile<'a>, key: &str) -> Option<&'a Value> {
    profile.value(key).filter(|value| !value.text().is_empty())
}

/// Key pairs, each of which is read with its token from one file alone.
fn key_pairs(profile: Profile<'_>, source: &Value, warnings: &mut Vec<Warning>) {
    for section in [profile.credentials(), profile.config()].into_iter().flatten() {
        if section.value(KEY_ID).is_some_and(|id| std::ptr::eq(id, source)) {
            if let (Some(new), Some(old)) = (filled(section, TOKENS[0]), filled(section, TOKENS[1]))
                && new.text() != old.text()
            {
                beaten(warnings, old, new, LATER);
            }
            continue;
        }
        for key in PAIR {
            if let (Some(value), Some(counts)) = (filled(section, key), profile.value(key))
                // The same text at another place is no other key.
                && (std::ptr::eq(counts, value) || counts.text() != value.text())
            {
                beaten(warnings, value, source, LATER);
                break;
            }
        }
    }
}

/// Keys on which the two files disagree.
fn both_files(profile: Profile<'_>, is_selected: bool, warnings: &mut Vec<Warning>) {
    let (Some(config), Some(credentials)) = (profile.config(), profile.credentials()) else { return };
    for key in ONCE {
        if let (Some(own), Some(counts)) = (config.value(key), credentials.value(key))
            && own.text() != counts.text()
            // Nobody asks for the region of a profile on the way.
            && (is_selected || *key != "region")
        {
            beaten(warnings, own, counts, LATER);
        }
    }
}

#[cold]
fn beaten(warnings: &mut Vec<Warning>, value: &Value, by: &Value, why: &str) {
    Warning::add(
        warnings,
        WarningKind::Contradiction,
        Some(value.location()),
        format_args!("{} does not count: {by} {why}", value.key()),
        None,
    );
}

/// What a key does not count against.
enum Against {
    Any,
    AnyOther,
    Token,
    NoRole,
}

const LATER: &str = "comes first";
const NONE: &str = "takes none";
/// Each key with what it loses against, and why.
const OTHERS: &[(&str, Against, &str)] = &[
    ("role_arn", Against::NoRole, LATER),
    ("source_profile", Against::Token, LATER),
    ("credential_source", Against::Token, LATER),
    ("external_id", Against::Token, NONE),
    ("mfa_serial", Against::Token, NONE),
    ("duration_seconds", Against::Token, NONE),
    ("sso_role_name", Against::Any, LATER),
    ("sso_account_id", Against::AnyOther, LATER),
    ("login_session", Against::Any, LATER),
    ("credential_process", Against::Any, LATER),
];
const PAIR: &[&str] = &[KEY_ID, SECRET, TOKENS[0], TOKENS[1]];
/// What is taken from the credentials file where both files have it.
const ONCE: &[&str] = &[
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "role_session_name",
    "external_id",
    "mfa_serial",
    "duration_seconds",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "login_session",
    "credential_process",
    "region",
];

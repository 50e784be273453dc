//! Keys of one profile of which one counts and another does not, as botocore silently decides too. Pure.

use super::Plan;
use crate::static_keys::{KEY_ID, SECRET, TOKENS, filled};
use crate::{Profile, ProfileSet, Value, Warning, WarningKind};

/// What does not count in the profiles that a plan goes through, with the line of what counts instead.
pub(super) fn in_plan(set: &ProfileSet, plan: &Plan<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let last = plan.asked_by;
    // What assumes the last role may stand in its own profile.
    let before = plan.roles.iter().rev().map(|role| role.asked_by).filter(|role| role.profile() != last.profile());
    for asked in before.chain([last]) {
        if let (Some(profile), Some(source)) = (set.profile(asked.profile()), asked.value()) {
            let is_role = plan.roles.iter().any(|role| role.asked_by.profile() == profile.name());
            other_sources(profile, source, is_role, &mut warnings);
            key_pairs(profile, source, &mut warnings);
            both_files(profile, profile.name() == set.selected().name(), &mut warnings);
        }
    }
    warnings
}

/// Sources that come later in botocore's order, and what of a role does not go with a token.
fn other_sources(profile: Profile<'_>, source: &Value, is_role: bool, warnings: &mut Vec<Warning>) {
    let by_token = source.key() == "web_identity_token_file";
    for (keys, against, why) in OTHERS {
        let is_other = match against {
            Against::Any => true,
            Against::Token => by_token,
            // The keys of a source profile come before its role.
            Against::NoRole => !is_role && !by_token,
        };
        if is_other && !keys.contains(&source.key()) {
            // A key without a value asks for nothing.
            let mut values = keys.iter().filter_map(|key| profile.value(key)).filter(|value| !value.text().is_empty());
            warnings.extend(values.next().map(|value| beaten(value, source, why)));
        }
    }
}

/// Key pairs, each of which is read with its token from one file alone.
fn key_pairs(profile: Profile<'_>, source: &Value, warnings: &mut Vec<Warning>) {
    for section in [profile.credentials(), profile.config()].into_iter().flatten() {
        if section.value(KEY_ID).is_some_and(|id| std::ptr::eq(id, source)) {
            if let [Some(new), Some(old)] = TOKENS.map(|key| filled(section, key))
                && new.text() != old.text()
            {
                warnings.push(beaten(old, new, LATER));
            }
            continue;
        }
        // The same text at another place is no other key.
        let is_copy = |value: &Value| {
            profile
                .value(value.key())
                .is_some_and(|counts| !std::ptr::eq(counts, value) && counts.text() == value.text())
        };
        let mut others = [KEY_ID, SECRET, TOKENS[0], TOKENS[1]].into_iter().filter_map(|key| filled(section, key));
        warnings.extend(others.find(|value| !is_copy(value)).map(|value| beaten(value, source, LATER)));
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
            warnings.push(beaten(own, counts, LATER));
        }
    }
}

#[cold]
fn beaten(value: &Value, by: &Value, why: &str) -> Warning {
    let message = format_args!("{} does not count: {by} {why}", value.key());
    Warning::new(WarningKind::Contradiction, Some(value.location().clone()), message, None)
}

/// What a key does not count against.
#[derive(Clone, Copy)]
enum Against {
    Any,
    Token,
    NoRole,
}

const LATER: &str = "comes first";
const NONE: &str = "takes none";
/// Keys of which the first that is there asks for the same, what each loses against, and why.
const OTHERS: [(&[&str], Against, &str); 9] = [
    (&["role_arn"], Against::NoRole, LATER),
    (&["source_profile"], Against::Token, LATER),
    (&["credential_source"], Against::Token, LATER),
    (&["external_id"], Against::Token, NONE),
    (&["mfa_serial"], Against::Token, NONE),
    (&["duration_seconds"], Against::Token, NONE),
    (&["sso_role_name", "sso_account_id"], Against::Any, LATER),
    (&["login_session"], Against::Any, LATER),
    (&["credential_process"], Against::Any, LATER),
];
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

//! Keys of one profile of which one counts and another does not, as botocore silently decides too. Pure.

use tucuxi_core::Location;

use super::{Asked, Plan};
use crate::static_keys::{KEY_ID, SECRET, TOKENS, filled};
use crate::{Profile, ProfileSet, Value, Warning, WarningKind};

/// What does not count in the profiles that a plan goes through, with the line of what counts instead.
pub(super) fn in_plan(set: &ProfileSet, plan: &Plan) -> Vec<Warning> {
    let mut steps: Vec<&Asked> = plan.roles.iter().rev().map(|role| &role.asked_by).collect();
    // What assumes the last role may stand in its own profile.
    steps.retain(|role| role.profile != plan.asked_by.profile);
    steps.push(&plan.asked_by);
    let mut warnings = Vec::new();
    for asked in steps {
        if let (Some(profile), Some(at)) = (set.profile(&asked.profile), &asked.location) {
            let source = Winner { key: asked.key, at };
            let is_role = plan.roles.iter().any(|role| role.asked_by.profile == asked.profile);
            other_sources(profile, &source, is_role, &mut warnings);
            key_pairs(profile, &source, &mut warnings);
            both_files(profile, &mut warnings);
        }
    }
    warnings
}

/// The key that counts.
struct Winner<'a> {
    key: &'static str,
    at: &'a Location,
}

impl Winner<'_> {
    #[cold]
    fn beats(&self, key: &str, value: &Value, why: &str) -> Warning {
        let message = format!("{key} does not count: {} at {} {why}", self.key, self.at);
        Warning::new(WarningKind::Contradiction, message).at(value.location().clone())
    }
}

/// Sources that come later in botocore's order, and what of a role does not go with a token.
fn other_sources(profile: &Profile, source: &Winner<'_>, is_role: bool, warnings: &mut Vec<Warning>) {
    let by_token = source.key == "web_identity_token_file";
    // The keys of a source profile come before its role.
    let unassumed = !is_role && !by_token;
    let others: [(&[&str], bool, &str); 9] = [
        (&["role_arn"], unassumed, LATER),
        (&["source_profile"], by_token, LATER),
        (&["credential_source"], by_token, LATER),
        (&["external_id"], by_token, "takes none"),
        (&["mfa_serial"], by_token, "takes none"),
        (&["duration_seconds"], by_token, "takes none"),
        (&["sso_role_name", "sso_account_id"], true, LATER),
        (&["login_session"], true, LATER),
        (&["credential_process"], true, LATER),
    ];
    for (keys, is_other, why) in others {
        if is_other
            && !keys.contains(&source.key)
            && let Some((key, value)) = keys.iter().find_map(|key| Some((key, set_value(profile, key)?)))
        {
            warnings.push(source.beats(key, value, why));
        }
    }
}

/// Key pairs, each of which is read with its token from one file alone.
fn key_pairs(profile: &Profile, source: &Winner<'_>, warnings: &mut Vec<Warning>) {
    for section in [profile.credentials(), profile.config()].into_iter().flatten() {
        if section.value(KEY_ID).is_some_and(|id| id.location() == source.at) {
            if let [Some(new), Some(old)] = TOKENS.map(|key| filled(section, key))
                && new.text() != old.text()
            {
                warnings.push(Winner { key: TOKENS[0], at: new.location() }.beats(TOKENS[1], old, LATER));
            }
            continue;
        }
        for key in [KEY_ID, SECRET, TOKENS[0], TOKENS[1]] {
            if let Some(value) = filled(section, key)
                && profile.value(key).is_none_or(|counts| !is_copy(value, counts))
            {
                warnings.push(source.beats(key, value, LATER));
                break;
            }
        }
    }
}

/// Keys on which the two files disagree.
fn both_files(profile: &Profile, warnings: &mut Vec<Warning>) {
    let (Some(config), Some(credentials)) = (profile.config(), profile.credentials()) else { return };
    for key in ONCE {
        if let (Some(own), Some(counts)) = (config.value(key), credentials.value(key))
            && own.text() != counts.text()
        {
            warnings.push(Winner { key, at: counts.location() }.beats(key, own, LATER));
        }
    }
}

/// A key without a value asks for nothing.
fn set_value<'a>(profile: &'a Profile, key: &str) -> Option<&'a Value> {
    profile.value(key).filter(|value| !value.text().is_empty())
}

/// The same text at another place.
fn is_copy(value: &Value, other: &Value) -> bool {
    value.location() != other.location() && value.text() == other.text()
}

const LATER: &str = "comes first";
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

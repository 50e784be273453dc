//! Keys of one profile of which one counts and another does not, as botocore silently decides too. Pure.

use tucuxi_core::{Env, trimmed};

use super::base::{ROLE, SESSION, TOKEN};
use super::{Asked, Plan};
use crate::static_keys::{self, KEY_ID, SECRET, TOKENS, filled};
use crate::text::same;
use crate::{Profile, ProfileSet, Value, Warning, WarningKind, near};

/// What does not count in the profiles that a plan goes through, with the line of what counts instead.
pub(super) fn in_plan(set: &ProfileSet, plan: &Plan<'_>, warnings: &mut Vec<Warning>) {
    let last = plan.asked_by;
    let mut is_role = false;
    for role in plan.roles.iter().rev() {
        // What assumes the last role may stand in its own profile.
        if role.asked_by.profile() == last.profile() {
            is_role = true;
        } else {
            in_profile(set, role.asked_by, true, warnings);
        }
    }
    in_profile(set, last, is_role, warnings);
}

/// What does not count whatever the credentials are taken from, in the profile in use and in those that it leads to.
pub(super) fn on_the_way(
    set: &ProfileSet,
    plan: Option<&Plan<'_>>,
    variables: Option<&Env>,
    warnings: &mut Vec<Warning>,
) {
    let mut seen = Vec::new();
    let mut next = set.profile(set.selected().name());
    while let Some(profile) = next
        && !seen.contains(&profile.name())
    {
        let is_selected = seen.is_empty();
        let variables = variables.filter(|_| is_selected);
        let source = plan.map(|plan| plan.asked_by).filter(|asked| asked.profile() == profile.name());
        both_files(profile, is_selected, warnings);
        without_role(profile, source.and_then(|asked| asked.value()), variables, warnings);
        if let Some(env) = variables {
            by_variables(profile, env, warnings);
        }
        seen.push(profile.name());
        // The keys of a source profile come before its role.
        let leads_on = has_role(profile) && (is_selected || !static_keys::any(profile));
        next = if leads_on {
            set_value(profile, "source_profile").and_then(|name| set.profile(name.text()))
        } else {
            None
        };
    }
}

/// Whether the profile asks for a role without a token.
fn has_role(profile: Profile<'_>) -> bool {
    profile.value(ROLE.1).is_some() && profile.value(TOKEN.1).is_none()
}

fn in_profile(set: &ProfileSet, asked: Asked<'_>, is_role: bool, warnings: &mut Vec<Warning>) {
    let (Some(profile), Some(source)) = (set.profile(asked.profile()), asked.value()) else { return };
    other_sources(profile, source, is_role, warnings);
    key_pairs(profile, source, warnings);
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
    // Nobody asks for the settings of a profile on the way.
    for key in [ONCE, if is_selected { SETTINGS } else { &[] }].into_iter().flatten() {
        if let (Some(own), Some(counts)) = (config.value(key), credentials.value(key))
            && own.text() != counts.text()
            && !(key.starts_with("use_") && same(own.text(), counts.text()))
        {
            beaten(warnings, own, counts, LATER);
        }
    }
}

/// Keys that say something about a role, in a profile without one.
fn without_role(profile: Profile<'_>, source: Option<&Value>, variables: Option<&Env>, warnings: &mut Vec<Warning>) {
    // Most profiles say nothing of a role, and are not searched for what looks like one.
    if profile.value(ROLE.1).is_some() || OF_ROLE.iter().all(|key| set_value(profile, key).is_none()) {
        return;
    }
    let mistyped = profile.keys().find(|key| near::matches(ROLE.1, &[key]).is_some());
    let mistyped = mistyped.and_then(|key| profile.value(key));
    let by_token = profile.value(TOKEN.1).is_some() || variables.is_some_and(|env| text(env, TOKEN.0).is_some());
    // Other tools take a device or a length from a profile with keys.
    let of_role = if mistyped.is_some() { OF_ROLE } else { &OF_ROLE[..OF_ROLE_ALONE] };
    for key in of_role {
        if let Some(value) = set_value(profile, key)
            // The role to a token may be that of a variable, and this its session.
            && !(by_token && *key == SESSION.1)
        {
            let (link, other) = match mistyped {
                Some(mistyped) => (", but ", Some(mistyped)),
                None => (", and its source is ", source),
            };
            lonely(warnings, value, profile, other.map(|other| (link, other)));
        }
    }
}

/// Variables and keys of the same meaning that differ: to a token those of the variables come first. They say nothing about
/// a role that is not to a token, whose source may be what they mean.
fn by_variables(profile: Profile<'_>, env: &Env, warnings: &mut Vec<Warning>) {
    if has_role(profile) || profile.value(TOKEN.1).is_none() && text(env, TOKEN.0).is_none() {
        return;
    }
    for (variable, key) in [TOKEN, ROLE, SESSION] {
        if let (Some(said), Some(value)) = (text(env, variable), set_value(profile, key))
            && trimmed(&said) != value.text()
        {
            rival(warnings, variable, value);
        }
    }
}

/// A variable that cannot be read is the error of whoever reads it.
fn text(env: &Env, variable: &str) -> Option<String> {
    env.var(variable).ok().flatten()
}

#[cold]
fn beaten(warnings: &mut Vec<Warning>, value: &Value, by: &Value, why: &str) {
    let message = format_args!("{} does not count: {by} {why}", value.key());
    Warning::add(warnings, WarningKind::Contradiction, Some(value.location()), message, None);
}

#[cold]
fn lonely(warnings: &mut Vec<Warning>, value: &Value, profile: Profile<'_>, other: Option<(&str, &Value)>) {
    let (key, name, at) = (value.key(), profile.name(), Some(value.location()));
    match other {
        None => {
            let message = format_args!("{key} does not count: profile {name:?} has no role_arn");
            Warning::add(warnings, WarningKind::Contradiction, at, message, None);
        }
        Some((link, other)) => {
            let message = format_args!("{key} does not count: profile {name:?} has no role_arn{link}{other}");
            Warning::add(warnings, WarningKind::Contradiction, at, message, None);
        }
    }
}

#[cold]
fn rival(warnings: &mut Vec<Warning>, variable: &str, value: &Value) {
    let message = format_args!("{} does not count: {variable} {LATER}", value.key());
    Warning::add(warnings, WarningKind::Contradiction, Some(value.location()), message, None);
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
/// What counts for the role of a profile alone; the first few mean nothing to other tools either.
const OF_ROLE: &[&str] =
    &["source_profile", "credential_source", "external_id", "mfa_serial", "duration_seconds", SESSION.1];
const OF_ROLE_ALONE: usize = 3;
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
];
/// The same, of settings of the profile in use.
const SETTINGS: &[&str] = &[
    "region",
    "endpoint_url",
    "services",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "sts_regional_endpoints",
    "ca_bundle",
    "retry_mode",
    "max_attempts",
];

//! Roles, and the credentials to assume them with.

use std::time::Duration;

use tucuxi_core::{Error, whole_number};

use super::{Asked, Base, Part, Plan, Role, first};
use crate::text::place;
use crate::wrong::wrong;
use crate::{Profile, ProfileSet, Value, near, static_keys};

/// The plan of a profile with `role_arn`; `None` for one without, or with a token file to assume it with.
pub(super) fn assume_role<'a>(set: &'a ProfileSet, profile: Profile<'a>) -> Result<Option<Plan<'a>>, Error> {
    let Some(mut arn) = role_arn(profile)? else { return Ok(None) };
    let mut current = profile;
    let mut roles: Vec<Role<'a>> = Vec::new();
    loop {
        roles.insert(0, role(current, arn)?);
        let mut plan = match source(current, arn)? {
            Origin::Source(base, named) => Plan::of(base, Asked::by(current, named)),
            Origin::Profile(named) => {
                let next = set.profile(named.text()).ok_or_else(|| no_source(set, named))?;
                let itself = next.name() == current.name();
                let is_circle = roles.iter().any(|role| role.asked_by.profile() == next.name());
                if is_circle && !(itself && static_keys::any(next)) {
                    return Err(circle(&roles, next.name(), named));
                }
                if !static_keys::any(next)
                    && let Some(next_arn) = role_arn(next)?
                {
                    (current, arn) = (next, next_arn);
                    continue;
                }
                first(&Part::ALL[1..], set, next)?.ok_or_else(|| no_credentials(next, named))?
            }
        };
        plan.roles = roles;
        return Ok(Some(plan));
    }
}

/// What the credentials of a role are taken from, and the key that says so.
enum Origin<'a> {
    Profile(&'a Value),
    Source(Base<'a>, &'a Value),
}

fn role_arn(profile: Profile<'_>) -> Result<Option<&Value>, Error> {
    if profile.value("web_identity_token_file").is_some() {
        return Ok(None);
    }
    profile.filled("role_arn")
}

fn source<'a>(profile: Profile<'a>, arn: &Value) -> Result<Origin<'a>, Error> {
    match (profile.filled("source_profile")?, profile.filled("credential_source")?) {
        (Some(profile), Some(source)) => {
            Err(wrong(format_args!("{profile} and {source} exclude each other"), format_args!("keep one of the two")))
        }
        (None, None) => Err(wrong(
            format_args!("profile {:?} has {arn} but neither source_profile nor credential_source", profile.name()),
            format_args!("add source_profile, the profile whose credentials assume the role"),
        )),
        (Some(named), None) => Ok(Origin::Profile(named)),
        (None, Some(named)) => {
            let base = match named.text() {
                ENVIRONMENT => Base::Environment,
                CONTAINER => Base::Container,
                IMDS => Base::Imds,
                _ => return Err(unknown_source(named)),
            };
            Ok(Origin::Source(base, named))
        }
    }
}

fn role<'a>(profile: Profile<'a>, arn: &'a Value) -> Result<Role<'a>, Error> {
    let text = |key| profile.filled(key).map(|value| value.map(Value::text));
    Ok(Role {
        arn: arn.text(),
        session_name: text("role_session_name")?,
        external_id: text("external_id")?,
        mfa_serial: text("mfa_serial")?,
        duration: profile.filled("duration_seconds")?.map(duration).transpose()?,
        asked_by: Asked::by(profile, arn),
    })
}

fn duration(value: &Value) -> Result<Duration, Error> {
    match whole_number(value.text()) {
        Some(seconds @ 1..=LONGEST) => Ok(Duration::from_secs(seconds)),
        _ => Err(wrong(
            format_args!("{value} is not a number of seconds"),
            format_args!("use a whole number such as 3600"),
        )),
    }
}

#[cold]
fn circle(roles: &[Role<'_>], back_to: &str, named: &Value) -> Error {
    let mut path = Vec::new();
    for role in roles.iter().rev() {
        path.push(role.asked_by.profile());
    }
    let path = near::list(&path, " > ");
    wrong(
        format_args!("{named} leads in a circle: {path} > {back_to}"),
        format_args!("name a profile with credentials of its own"),
    )
}

#[cold]
fn no_credentials(profile: Profile<'_>, named: &Value) -> Error {
    wrong(
        format_args!("{named} names {:?}, which has no credentials", profile.name()),
        format_args!("give that profile credentials, or name another"),
    )
}

#[cold]
fn no_source(set: &ProfileSet, named: &Value) -> Error {
    let (name, files) = (named.text(), set.files_in_words());
    wrong(format_args!("{named} names {name:?}, which is not in {files}"), format_args!("{}", set.cure_for(name)))
}

#[cold]
fn unknown_source(named: &Value) -> Error {
    let text = named.text();
    let cure = match place(&SOURCES, text) {
        Some(at) => format!("write it as {}", SOURCES[at]),
        None => format!("use one of {ENVIRONMENT}, {CONTAINER}, {IMDS}"),
    };
    wrong(format_args!("{named} is {text:?}, which is no source"), format_args!("{cure}"))
}

/// So many seconds as fit into the number that the service takes.
const LONGEST: u64 = u32::MAX as u64;
const SOURCES: [&str; 3] = [ENVIRONMENT, CONTAINER, IMDS];
const ENVIRONMENT: &str = "Environment";
const CONTAINER: &str = "EcsContainer";
const IMDS: &str = "Ec2InstanceMetadata";

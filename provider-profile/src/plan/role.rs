//! Roles, and the credentials to assume them with.

use std::time::Duration;

use tucuxi_core::Error;

use super::{Asked, Base, Plan, Role, base, filled};
use crate::{Profile, ProfileSet, Value, static_keys};

/// The plan of a profile with `role_arn`; `None` for one without, or with a token file to assume it with.
pub(crate) fn assume_role(set: &ProfileSet, profile: &Profile) -> Result<Option<Plan>, Error> {
    let Some(mut arn) = role_arn(profile)? else { return Ok(None) };
    let mut current = profile;
    let mut path = vec![profile.name()];
    let mut roles = Vec::new();
    loop {
        roles.push(role(current, arn)?);
        let (base, asked_by) = match source(set, current, arn)? {
            Origin::Source(base, asked_by) => (base, asked_by),
            Origin::Profile(next, named) => {
                let itself = next.name() == current.name();
                if path.contains(&next.name()) && !(itself && static_keys::any(next)) {
                    return Err(circle(&path, next.name(), named));
                }
                path.push(next.name());
                if !static_keys::any(next)
                    && let Some(next_arn) = role_arn(next)?
                {
                    (current, arn) = (next, next_arn);
                    continue;
                }
                base::own(set, next)?.ok_or_else(|| no_credentials(next, named))?
            }
        };
        roles.reverse();
        return Ok(Some(Plan { base, asked_by, roles }));
    }
}

/// What the credentials of a role are taken from.
enum Origin<'a> {
    Profile(&'a Profile, &'a Value),
    Source(Base, Asked),
}

fn role_arn(profile: &Profile) -> Result<Option<&Value>, Error> {
    if profile.value("web_identity_token_file").is_some() {
        return Ok(None);
    }
    filled(profile, "role_arn")
}

fn source<'a>(set: &'a ProfileSet, profile: &'a Profile, arn: &Value) -> Result<Origin<'a>, Error> {
    match (filled(profile, "source_profile")?, filled(profile, "credential_source")?) {
        (Some(profile), Some(source)) => Err(Error::invalid_config(format!(
            "source_profile at {} and credential_source at {} exclude each other",
            profile.location(),
            source.location()
        ))
        .with_hint("keep one of the two")),
        (None, None) => Err(Error::invalid_config(format!(
            "profile {:?} has role_arn at {} but neither source_profile nor credential_source",
            profile.name(),
            arn.location()
        ))
        .with_hint("add source_profile, the profile whose credentials assume the role")),
        (Some(named), None) => {
            let next = set.profile(named.text()).ok_or_else(|| no_source(set, named))?;
            Ok(Origin::Profile(next, named))
        }
        (None, Some(named)) => {
            let base = match named.text() {
                "Environment" => Base::Environment,
                "EcsContainer" => Base::Container,
                "Ec2InstanceMetadata" => Base::Imds,
                other => return Err(unknown_source(other, named)),
            };
            Ok(Origin::Source(base, Asked::by(profile, "credential_source", named)))
        }
    }
}

fn role(profile: &Profile, arn: &Value) -> Result<Role, Error> {
    let text = |key| filled(profile, key).map(|value| value.map(|value| value.text().to_owned()));
    Ok(Role {
        arn: arn.text().to_owned(),
        session_name: text("role_session_name")?,
        external_id: text("external_id")?,
        mfa_serial: text("mfa_serial")?,
        duration: filled(profile, "duration_seconds")?.map(duration).transpose()?,
        asked_by: Asked::by(profile, "role_arn", arn),
    })
}

fn duration(value: &Value) -> Result<Duration, Error> {
    match value.text().parse() {
        Ok(seconds @ 1_u32..) => Ok(Duration::from_secs(seconds.into())),
        _ => Err(Error::invalid_config(format!("duration_seconds at {} is not a number of seconds", value.location()))
            .with_hint("use a whole number such as 3600")),
    }
}

fn circle(path: &[&str], back_to: &str, named: &Value) -> Error {
    let path = path.join(" > ");
    Error::invalid_config(format!("source_profile at {} leads in a circle: {path} > {back_to}", named.location()))
        .with_hint("name a profile with credentials of its own")
}

fn no_credentials(profile: &Profile, named: &Value) -> Error {
    Error::invalid_config(format!(
        "source_profile at {} names {:?}, which has no credentials",
        named.location(),
        profile.name()
    ))
    .with_hint("give that profile credentials, or name another")
}

fn no_source(set: &ProfileSet, named: &Value) -> Error {
    let (name, files) = (named.text(), set.files_in_words());
    Error::invalid_config(format!("source_profile at {} names {name:?}, which is not in {files}", named.location()))
        .with_hint(set.cure_for(name))
}

fn unknown_source(text: &str, named: &Value) -> Error {
    const KNOWN: [&str; 3] = ["Environment", "EcsContainer", "Ec2InstanceMetadata"];
    let error =
        Error::invalid_config(format!("credential_source at {} is {text:?}, which is no source", named.location()));
    match KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(text)) {
        Some(known) => error.with_hint(format!("write it as {known}")),
        None => error.with_hint(format!("use one of {}", KNOWN.join(", "))),
    }
}

//! Sources that a profile has by itself.

use std::path::PathBuf;

use tucuxi_core::{Env, Error, Region};

use super::{Asked, Base, Login, Process, Sso, WebIdentity, filled, not_empty};
use crate::{FileKind, Profile, ProfileSet, Section, Value, static_keys};

/// The first source that the profile has, roles by other credentials left out.
pub(super) fn own(set: &ProfileSet, profile: &Profile) -> Result<Option<(Base, Asked)>, Error> {
    if let Some(found) = web_identity(Some(profile), None)? {
        return Ok(Some(found));
    }
    if let Some(found) = sso(set, profile)? {
        return Ok(Some(found));
    }
    if let Some(found) = keys(profile, FileKind::Credentials)? {
        return Ok(Some(found));
    }
    if let Some(found) = login(profile)? {
        return Ok(Some(found));
    }
    if let Some(found) = process(profile)? {
        return Ok(Some(found));
    }
    keys(profile, FileKind::Config)
}

fn keys(profile: &Profile, file: FileKind) -> Result<Option<(Base, Asked)>, Error> {
    let Some(credentials) = static_keys::read(profile, file)? else { return Ok(None) };
    let section = match file {
        FileKind::Config => profile.config(),
        FileKind::Credentials => profile.credentials(),
    };
    let asked = section.and_then(|section| section.value("aws_access_key_id"));
    Ok(asked.map(|value| (Base::StaticKeys(credentials), Asked::by(profile, "aws_access_key_id", value))))
}

/// A token file, its role and session name, each from `variables` first.
pub(crate) fn web_identity(profile: Option<&Profile>, variables: Option<&Env>) -> Result<Option<(Base, Asked)>, Error> {
    let name = profile.map_or("default", Profile::name);
    let find = |variable: &'static str, key: &'static str| -> Result<Option<(String, Asked)>, Error> {
        if let Some(text) = variables.map(|env| env.var(variable)).transpose()?.flatten() {
            return Ok(Some((text, Asked::by_variable(name, variable))));
        }
        let Some(profile) = profile else { return Ok(None) };
        Ok(filled(profile, key)?.map(|value| (value.text().to_owned(), Asked::by(profile, key, value))))
    };
    let Some((token_file, asked)) = find("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")? else {
        return Ok(None);
    };
    let Some((role_arn, _)) = find("AWS_ROLE_ARN", "role_arn")? else {
        let error = Error::invalid_config(format!("{asked}, but there is no role to assume with the token"));
        return Err(error.with_hint(match variables {
            Some(_) => "set AWS_ROLE_ARN or role_arn",
            None => "add role_arn to the profile",
        }));
    };
    let session_name = find("AWS_ROLE_SESSION_NAME", "role_session_name")?.map(|(text, _)| text);
    let named_at = asked.location.clone();
    let settings = WebIdentity { role_arn, token_file: PathBuf::from(token_file), named_at, session_name };
    Ok(Some((Base::WebIdentity(settings), asked)))
}

/// IAM Identity Center, when the profile names an account or a role there.
pub(crate) fn sso(set: &ProfileSet, profile: &Profile) -> Result<Option<(Base, Asked)>, Error> {
    let trigger = ["sso_role_name", "sso_account_id"].into_iter().find_map(|key| Some((key, profile.value(key)?)));
    let Some((key, value)) = trigger else { return Ok(None) };
    let asked = Asked::by(profile, key, value);
    let session = filled(profile, "sso_session")?.map(|value| sso_session(set, value)).transpose()?;
    let needed = |key: &'static str| -> Result<&Value, Error> {
        let own = filled(profile, key)?;
        let shared = session.and_then(|session| session.value(key));
        match (own, shared) {
            (Some(own), Some(shared)) if own.text() != shared.text() => Err(Error::invalid_config(format!(
                "{key} at {} differs from that of the session at {}",
                own.location(),
                shared.location()
            ))
            .with_hint(format!("keep {key} in one of the two places"))),
            (Some(value), _) | (None, Some(value)) => {
                not_empty(value, key)?;
                Ok(value)
            }
            (None, None) => Err(Error::invalid_config(format!("{asked}, but there is no {key}"))
                .with_hint("run `aws configure sso` again, or add the key")),
        }
    };
    let text = |key| needed(key).map(|value| value.text().to_owned());
    let settings = Sso {
        session: session.map(|session| session.name().to_owned()),
        start_url: text("sso_start_url")?,
        region: region(needed("sso_region")?)?,
        account_id: text("sso_account_id")?,
        role_name: text("sso_role_name")?,
    };
    Ok(Some((Base::Sso(settings), asked)))
}

fn region(value: &Value) -> Result<Region, Error> {
    Region::new(value.text()).map_err(|error| {
        let located = Error::invalid_config(format!("sso_region at {}: {error}", value.location()));
        located.with_hint(error.hint().unwrap_or_default().to_owned())
    })
}

fn sso_session<'a>(set: &'a ProfileSet, value: &Value) -> Result<&'a Section, Error> {
    let name = value.text();
    set.sso_session(name).ok_or_else(|| {
        let path = set.file(FileKind::Config).path().display();
        let error = Error::invalid_config(format!(
            "sso_session at {} names {name:?}, which is not in {path}",
            value.location()
        ));
        match crate::near::matches(name, set.sso_session_names()).as_slice() {
            [] => error.with_hint(format!("add [sso-session {name}] to {path}, as `aws configure sso-session` does")),
            close => error.with_hint(format!("use {} if that is what you mean", close.join(" or "))),
        }
    })
}

/// Console sign-in.
pub(crate) fn login(profile: &Profile) -> Result<Option<(Base, Asked)>, Error> {
    let Some(value) = filled(profile, "login_session")? else { return Ok(None) };
    let settings = Login { session: value.text().to_owned() };
    Ok(Some((Base::Login(settings), Asked::by(profile, "login_session", value))))
}

/// A helper program.
pub(crate) fn process(profile: &Profile) -> Result<Option<(Base, Asked)>, Error> {
    let Some(value) = filled(profile, "credential_process")? else { return Ok(None) };
    let account_id = filled(profile, static_keys::ACCOUNT_ID)?.map(|value| value.text().to_owned());
    let settings = Process { command: value.text().to_owned(), account_id };
    Ok(Some((Base::Process(settings), Asked::by(profile, "credential_process", value))))
}

//! Sources that a profile has by itself.

use std::borrow::Cow;

use tucuxi_core::{Env, Error, Region};

use super::{Asked, Base, Login, Plan, Process, Sso, WebIdentity};
use crate::header::Kind;
use crate::wrong::wrong;
use crate::{FileKind, Profile, ProfileSet, Section, Value, near, static_keys};

/// What a profile leads to; `None` when it does not name that source.
type Found<'a> = Result<Option<Plan<'a>>, Error>;

#[inline]
pub(super) fn keys<'a>(profile: Profile<'a>, file: FileKind) -> Found<'a> {
    let found = static_keys::read(profile, file)?;
    Ok(found.map(|(credentials, id)| Plan::of(Base::StaticKeys(credentials), Asked::by(profile, id))))
}

/// A token file, its role and session name, each from `variables` first.
pub(crate) fn web_identity<'a>(profile: Option<Profile<'a>>, variables: Option<&Env>) -> Found<'a> {
    let Some((token_file, asked)) = setting(profile, variables, TOKEN)? else { return Ok(None) };
    let Some((role_arn, _)) = setting(profile, variables, ROLE)? else {
        let cure = if variables.is_some() { "set AWS_ROLE_ARN or role_arn" } else { "add role_arn to the profile" };
        return Err(wrong(
            format_args!("{asked}, but there is no role to assume with the token"),
            format_args!("{cure}"),
        ));
    };
    let session_name = setting(profile, variables, SESSION)?.map(|(name, _)| name);
    let settings = WebIdentity { role_arn, token_file, named_at: asked.location(), session_name };
    Ok(Some(Plan::of(Base::WebIdentity(settings), asked)))
}

#[inline(never)]
fn setting<'a>(
    profile: Option<Profile<'a>>,
    variables: Option<&Env>,
    (variable, key): (&'static str, &str),
) -> Result<Option<(Cow<'a, str>, Asked<'a>)>, Error> {
    if let Some(env) = variables
        && let Some(text) = env.var(variable)?
    {
        let name = profile.map_or("default", |profile| profile.name());
        return Ok(Some((text.into(), Asked::by_variable(name, variable))));
    }
    let Some(profile) = profile else { return Ok(None) };
    Ok(profile.filled(key)?.map(|value| (value.text().into(), Asked::by(profile, value))))
}

/// IAM Identity Center, when the profile names an account or a role there.
pub(super) fn sso<'a>(set: &'a ProfileSet, profile: Profile<'a>) -> Found<'a> {
    let Some(trigger) = profile.value("sso_role_name").or_else(|| profile.value("sso_account_id")) else {
        return Ok(None);
    };
    let asked = Asked::by(profile, trigger);
    let session = profile.filled("sso_session")?.map(|value| sso_session(set, value)).transpose()?;
    let needed = |key| needed(profile, session, key, asked);
    let settings = Sso {
        session: session.map(Section::name),
        start_url: needed("sso_start_url")?.text(),
        region: region(needed("sso_region")?)?,
        account_id: needed("sso_account_id")?.text(),
        role_name: needed("sso_role_name")?.text(),
    };
    Ok(Some(Plan::of(Base::Sso(settings), asked)))
}

/// A key of the profile or of its session, which must say the same.
fn needed<'a>(
    profile: Profile<'a>,
    session: Option<&'a Section>,
    key: &str,
    asked: Asked<'_>,
) -> Result<&'a Value, Error> {
    match (profile.filled(key)?, session.and_then(|session| session.value(key))) {
        (Some(own), Some(shared)) if own.text() != shared.text() => Err(wrong(
            format_args!("{own} differs from that of the session at {}", shared.location()),
            format_args!("keep {key} in one of the two places"),
        )),
        (Some(value), _) | (None, Some(value)) => value.not_empty(),
        (None, None) => Err(wrong(
            format_args!("{asked}, but there is no {key}"),
            format_args!("run `aws configure sso` again, or add the key"),
        )),
    }
}

fn region(value: &Value) -> Result<Region, Error> {
    value.text().parse().map_err(|error: Error| {
        wrong(format_args!("{value}: {error}"), format_args!("{}", error.hint().unwrap_or_default()))
    })
}

fn sso_session<'a>(set: &'a ProfileSet, value: &Value) -> Result<&'a Section, Error> {
    let name = value.text();
    set.sso_session(name).ok_or_else(|| {
        let path = set.file(FileKind::Config).path().display();
        let cure = match near::matches(name, &set.names(Kind::SsoSession)) {
            None => format!("add [sso-session {name}] to {path}, as `aws configure sso-session` does"),
            Some(close) => format!("use {close} if that is what you mean"),
        };
        wrong(format_args!("{value} names {name:?}, which is not in {path}"), format_args!("{cure}"))
    })
}

/// Console sign-in.
#[inline]
pub(super) fn login(profile: Profile<'_>) -> Found<'_> {
    let Some(value) = profile.filled("login_session")? else { return Ok(None) };
    Ok(Some(Plan::of(Base::Login(Login { session: value.text() }), Asked::by(profile, value))))
}

/// A helper program.
#[inline]
pub(super) fn process(profile: Profile<'_>) -> Found<'_> {
    let Some(value) = profile.filled("credential_process")? else { return Ok(None) };
    let account_id = profile.filled(static_keys::ACCOUNT_ID)?.map(Value::text);
    let settings = Process { command: value.text(), account_id };
    Ok(Some(Plan::of(Base::Process(settings), Asked::by(profile, value))))
}

/// The variable with the file of a web identity token.
pub(crate) const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
pub(super) const TOKEN: (&str, &str) = (TOKEN_FILE, "web_identity_token_file");
pub(super) const ROLE: (&str, &str) = ("AWS_ROLE_ARN", "role_arn");
pub(super) const SESSION: (&str, &str) = ("AWS_ROLE_SESSION_NAME", "role_session_name");

//! Key pairs that stand in a file. Pure.

use tucuxi_core::{Credentials, Error, Location, Source};

use crate::value::{Said, is_quoted};
use crate::wrong::wrong;
use crate::{FileKind, Profile, Section, Value};

/// The key pair of the profile's section of one file, with the id; `None` when that section has neither half.
pub(crate) fn read<'a>(profile: Profile<'a>, file: FileKind) -> Result<Option<(Credentials, &'a Value)>, Error> {
    let (other, source): (_, fn(Location) -> Source) = match file {
        FileKind::Config => (profile.credentials(), Source::ConfigFile),
        FileKind::Credentials => (profile.config(), Source::CredentialsFile),
    };
    let Some(own) = profile.section(file) else { return Ok(None) };
    let (id, secret) = match (own.value(KEY_ID), own.value(SECRET)) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => (id, secret),
        (Some(half), None) => return Err(half_a_pair(profile, half, other, SECRET)),
        (None, Some(half)) => return Err(half_a_pair(profile, half, other, KEY_ID)),
    };
    let mut credentials = pair(id.said(), secret.said(), source)?;
    if let Some(token) = filled(own, TOKENS[0]).or_else(|| filled(own, TOKENS[1])) {
        bare(token.said())?;
        credentials = credentials.with_session_token(token.text());
    }
    if let Some(account_id) = filled(own, ACCOUNT_ID) {
        credentials = credentials.with_account_id(account_id.text());
    }
    Ok(Some((credentials, id)))
}

/// Both halves of a pair; its source is the line of the id.
pub(crate) fn pair(id: Said<'_>, secret: Said<'_>, source: fn(Location) -> Source) -> Result<Credentials, Error> {
    bare(id)?;
    bare(secret)?;
    // As long as AWS makes them, of characters that no id has; an id is shown and logged.
    if id.text.contains(['/', '+']) && id.text.len() == 40 {
        return Err(wrong(
            format_args!("{id} holds what looks like a secret access key"),
            format_args!("see whether {} and {} are swapped", id.key, secret.key),
        ));
    }
    Ok(Credentials::new(id.text, secret.text).with_source(source(id.location.clone())))
}

/// Whether either half of a pair is in either file.
#[inline(never)]
pub(crate) fn any(profile: Profile<'_>) -> bool {
    profile.value(KEY_ID).is_some() || profile.value(SECRET).is_some()
}

#[inline(never)]
pub(crate) fn filled<'a>(section: &'a Section, key: &str) -> Option<&'a Value> {
    section.value(key).filter(|value| !value.text().is_empty())
}

/// Refuses what is empty, and what no key holds: AWS would only say `SignatureDoesNotMatch`, which sends people to look
/// for the wrong mistake.
#[inline(never)]
fn bare(value: Said<'_>) -> Result<(), Error> {
    value.not_empty()?;
    let mut worst = if is_quoted(value.text) { 4 } else { FAULTS.len() };
    for c in value.text.chars() {
        worst = worst.min(match c {
            '\n' => 0,
            c if c.is_whitespace() => 1,
            c if c.is_control() => 2,
            c if !c.is_ascii() => 3,
            _ => FAULTS.len(),
        });
    }
    let Some(fault) = FAULTS.get(worst) else { return Ok(()) };
    Err(wrong(
        format_args!("{value} {fault}"),
        format_args!("write {} as the bare value, on one line of its own", value.key),
    ))
}

fn half_a_pair(profile: Profile<'_>, half: &Value, other: Option<&Section>, lacks: &str) -> Error {
    let name = profile.name();
    match other.and_then(|section| section.value(lacks)) {
        Some(elsewhere) => wrong(
            format_args!("profile {name:?} has {half} but {elsewhere}"),
            format_args!("keep both halves of a key pair in one file"),
        ),
        None => wrong(
            format_args!("profile {name:?} has {half} without {lacks}"),
            format_args!("add {lacks}, or take {} away", half.key()),
        ),
    }
}

/// What a key may not look like, the worst first.
const FAULTS: [&str; 5] = [
    "goes on in the next line, which is indented",
    "holds a blank",
    "holds a control character",
    "holds a character that is not ASCII",
    "is wrapped in quotes",
];
pub(crate) const KEY_ID: &str = "aws_access_key_id";
pub(crate) const SECRET: &str = "aws_secret_access_key";
pub(crate) const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];
pub(crate) const ACCOUNT_ID: &str = "aws_account_id";

//! Key pairs that stand in a file. Pure.

use tucuxi_core::{Credentials, Error, Source};

use crate::plan::not_empty;
use crate::{FileKind, Profile, Section, Value};

/// The key pair of the profile's section of one file; `None` when that section has neither half.
pub(crate) fn read(profile: &Profile, file: FileKind) -> Result<Option<Credentials>, Error> {
    let (own, other) = match file {
        FileKind::Config => (profile.config(), profile.credentials()),
        FileKind::Credentials => (profile.credentials(), profile.config()),
    };
    let Some(own) = own else { return Ok(None) };
    let (id, secret) = match (own.value(KEY_ID), own.value(SECRET)) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => (id, secret),
        (Some(half), None) => return Err(half_a_pair(profile, half, KEY_ID, other, SECRET)),
        (None, Some(half)) => return Err(half_a_pair(profile, half, SECRET, other, KEY_ID)),
    };
    let at = id.location().clone();
    let source = match file {
        FileKind::Config => Source::ConfigFile(at),
        FileKind::Credentials => Source::CredentialsFile(at),
    };
    let mut credentials = pair((id, KEY_ID), (secret, SECRET), source)?;
    if let Some((token, key)) = TOKENS.into_iter().find_map(|key| Some((filled(own, key)?, key))) {
        bare(token, key)?;
        credentials = credentials.with_session_token(token.text());
    }
    if let Some(account_id) = filled(own, ACCOUNT_ID) {
        credentials = credentials.with_account_id(account_id.text());
    }
    Ok(Some(credentials))
}

/// A key pair, each half with the name of its key.
pub(crate) fn pair(id: (&Value, &str), secret: (&Value, &str), source: Source) -> Result<Credentials, Error> {
    for (value, key) in [id, secret] {
        not_empty(value, key)?;
        bare(value, key)?;
    }
    Ok(Credentials::new(id.0.text(), secret.0.text()).with_source(source))
}

/// Whether either half of a pair is in either file.
pub(crate) fn any(profile: &Profile) -> bool {
    profile.value(KEY_ID).is_some() || profile.value(SECRET).is_some()
}

pub(crate) fn filled<'a>(section: &'a Section, key: &str) -> Option<&'a Value> {
    section.value(key).filter(|value| !value.text().is_empty())
}

/// Refuses what no key holds: AWS would only say `SignatureDoesNotMatch`, which sends people to look for the
/// wrong mistake.
fn bare(value: &Value, key: &str) -> Result<(), Error> {
    let text = value.text();
    let quoted = ['"', '\''].iter().any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote));
    let fault = if text.contains('\n') {
        "goes on in the next line, which is indented"
    } else if text.contains(char::is_whitespace) {
        "holds a blank"
    } else if text.contains(char::is_control) {
        "holds a control character"
    } else if !text.is_ascii() {
        "holds a character that is not ASCII"
    } else if quoted {
        "is wrapped in quotes"
    } else {
        return Ok(());
    };
    Err(Error::invalid_config(format!("{key} at {} {fault}", value.location()))
        .with_hint(format!("write {key} as the bare value, on one line of its own")))
}

fn half_a_pair(profile: &Profile, half: &Value, has: &str, other: Option<&Section>, lacks: &str) -> Error {
    let name = profile.name();
    match other.and_then(|section| section.value(lacks)) {
        Some(elsewhere) => Error::invalid_config(format!(
            "profile {name:?} has {has} at {} but {lacks} at {}",
            half.location(),
            elsewhere.location()
        ))
        .with_hint("keep both halves of a key pair in one file"),
        None => Error::invalid_config(format!("profile {name:?} has {has} at {} without {lacks}", half.location()))
            .with_hint(format!("add {lacks}, or take {has} away")),
    }
}

pub(crate) const KEY_ID: &str = "aws_access_key_id";
pub(crate) const SECRET: &str = "aws_secret_access_key";
pub(crate) const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];
pub(crate) const ACCOUNT_ID: &str = "aws_account_id";

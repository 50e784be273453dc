//! What a section's header means.

use std::borrow::Cow;

use crate::FileKind;

/// A section that counts for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[name]` of the credentials file, `[profile name]` of the config file.
    Profile,
    /// `[default]` of the config file, which counts only where there is no `[profile default]`.
    BareDefault,
    SsoSession,
    Services,
}

/// A section that counts for nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ignored<'a> {
    pub(crate) reason: Cow<'static, str>,
    /// The profile that was meant, as far as one can tell.
    pub(crate) meant: &'a str,
}

/// The kind and name in a header's brackets, or why the section counts for nothing.
pub(crate) fn read(file: FileKind, inner: &str) -> Result<(Kind, &str), Ignored<'_>> {
    let inner = inner.trim();
    let (prefix, name) = match inner.split_once([' ', '\t']) {
        Some((prefix, name)) => (prefix, name.trim()),
        None => ("", inner),
    };
    let is_name = is_name(name);
    let kind = kind(file, prefix, name, is_name);
    let meant = if prefix == "profile" { name } else { inner };
    let unquoted = meant.strip_prefix(QUOTES).unwrap_or(meant);
    let unquoted = unquoted.strip_suffix(QUOTES).unwrap_or(unquoted);
    let reason = match kind {
        Ok(kind) if is_name => return Ok((kind, name)),
        Ok(_) if unquoted != meant => "no quotes are understood in a name, unlike in botocore".into(),
        Ok(_) => "a name has letters, digits and -_/.%@:+ only".into(),
        Err(reason) => reason,
    };
    Err(Ignored { reason, meant: unquoted })
}

fn kind(file: FileKind, prefix: &str, name: &str, is_name: bool) -> Result<Kind, Cow<'static, str>> {
    match (file, prefix) {
        (FileKind::Config, "profile") | (FileKind::Credentials, "") => Ok(Kind::Profile),
        (FileKind::Config, "sso-session") => Ok(Kind::SsoSession),
        (FileKind::Config, "services") => Ok(Kind::Services),
        (FileKind::Config, "") if name == "default" => Ok(Kind::BareDefault),
        (FileKind::Config, "") if is_name => Err(format!("in the config file it is [profile {name}]").into()),
        (FileKind::Credentials, "profile") if is_name => {
            Err(format!("in the credentials file it is [{name}], without \"profile\"").into())
        }
        (FileKind::Credentials, "sso-session" | "services") => Err("it belongs in the config file".into()),
        _ => Err("the header has no meaning in this file".into()),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&b))
}

const QUOTES: [char; 2] = ['"', '\''];

//! What a section's header means.

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
pub(crate) struct Ignored {
    pub(crate) reason: String,
    /// The profile that was meant, as far as one can tell.
    pub(crate) meant: String,
}

/// The kind and name in a header's brackets, or why the section counts for nothing.
pub(crate) fn read(file: FileKind, inner: &str) -> Result<(Kind, &str), Ignored> {
    let inner = inner.trim();
    let (prefix, name) = match inner.split_once([' ', '\t']) {
        Some((prefix, name)) => (Some(prefix), name.trim()),
        None => (None, inner),
    };
    let kind = kind(file, prefix, name);
    let meant = if prefix == Some("profile") { name } else { inner };
    let unquoted = meant.trim_matches(['"', '\'']);
    let reason = match kind {
        Ok(kind) if is_name(name) => return Ok((kind, name)),
        Ok(_) if unquoted != meant => "no quotes are understood in a name, unlike in botocore".to_owned(),
        Ok(_) => "a name has letters, digits and -_/.%@:+ only".to_owned(),
        Err(reason) => reason,
    };
    Err(Ignored { reason: format!("this section is ignored: {reason}"), meant: unquoted.to_owned() })
}

fn kind(file: FileKind, prefix: Option<&str>, name: &str) -> Result<Kind, String> {
    match (file, prefix) {
        (FileKind::Config, Some("profile")) | (FileKind::Credentials, None) => Ok(Kind::Profile),
        (FileKind::Config, Some("sso-session")) => Ok(Kind::SsoSession),
        (FileKind::Config, Some("services")) => Ok(Kind::Services),
        (FileKind::Config, None) if name == "default" => Ok(Kind::BareDefault),
        (FileKind::Config, None) if is_name(name) => Err(format!("in the config file it is [profile {name}]")),
        (FileKind::Credentials, Some("profile")) if is_name(name) => {
            Err(format!("in the credentials file it is [{name}], without \"profile\""))
        }
        (FileKind::Credentials, Some("sso-session" | "services")) => Err("it belongs in the config file".to_owned()),
        _ => Err("the header has no meaning in this file".to_owned()),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&b))
}

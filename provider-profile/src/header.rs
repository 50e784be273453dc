//! What a section's header means.

use crate::FileKind;
use crate::text::BLANK;
use tucuxi_core::trimmed;

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
    /// In pieces, so that nothing is put together before it is known to be shown.
    pub(crate) reason: [&'a str; 3],
    /// The profile that was meant, as far as one can tell.
    pub(crate) meant: &'a str,
}

/// Why a section counts for nothing.
#[derive(Clone, Copy)]
enum Why {
    Bare,
    Prefixed,
    Elsewhere,
    Unknown,
    Quoted,
    Letters,
}

/// The kind and name in a header's brackets, or why the section counts for nothing.
pub(crate) fn read(file: FileKind, inner: &str) -> Result<(Kind, &str), Ignored<'_>> {
    let inner = trimmed(inner);
    let (prefix, name) = match inner.split_once(BLANK) {
        Some((prefix, name)) => (prefix, trimmed(name)),
        None => ("", inner),
    };
    let is_name = is_name(name);
    let meant = if prefix == "profile" { name } else { inner };
    let unquoted = meant.strip_prefix(QUOTES).unwrap_or(meant);
    let unquoted = unquoted.strip_suffix(QUOTES).unwrap_or(unquoted);
    let why = match kind(file, prefix, name, is_name) {
        Ok(kind) if is_name => return Ok((kind, name)),
        Ok(_) if unquoted.len() < meant.len() => Why::Quoted,
        Ok(_) => Why::Letters,
        Err(why) => why,
    };
    Err(Ignored { reason: why.reason(name), meant: unquoted })
}

fn kind(file: FileKind, prefix: &str, name: &str, is_name: bool) -> Result<Kind, Why> {
    match (file, prefix) {
        (FileKind::Config, "profile") | (FileKind::Credentials, "") => Ok(Kind::Profile),
        (FileKind::Config, "sso-session") => Ok(Kind::SsoSession),
        (FileKind::Config, "services") => Ok(Kind::Services),
        (FileKind::Config, "") if name == "default" => Ok(Kind::BareDefault),
        (FileKind::Config, "") if is_name => Err(Why::Bare),
        (FileKind::Credentials, "profile") if is_name => Err(Why::Prefixed),
        (FileKind::Credentials, "sso-session" | "services") => Err(Why::Elsewhere),
        _ => Err(Why::Unknown),
    }
}

impl Why {
    #[cold]
    fn reason(self, name: &str) -> [&str; 3] {
        match self {
            Self::Bare => ["in the config file it is [profile ", name, "]"],
            Self::Prefixed => ["in the credentials file it is [", name, "], without \"profile\""],
            Self::Elsewhere => ["it belongs in the config file", "", ""],
            Self::Unknown => ["the header has no meaning in this file", "", ""],
            Self::Quoted => ["no quotes are understood in a name, unlike in botocore", "", ""],
            Self::Letters => ["a name has letters, digits and -_/.%@:+ only", "", ""],
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&b))
}

const QUOTES: [char; 2] = ['"', '\''];

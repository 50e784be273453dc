//! What to tell a person about a line that can be read.

use std::borrow::Cow;

use super::line::{COMMENT, without_comment};
use crate::WarningKind;

pub(super) type Remark = (WarningKind, Cow<'static, str>);

pub(super) const BYTE_ORDER_MARK: Remark =
    (WarningKind::RefusedElsewhere, Cow::Borrowed("the file starts with a byte order mark, which botocore refuses"));

pub(super) const INDENTED_COMMENT: Remark = (
    WarningKind::ReadOtherwise,
    Cow::Borrowed("an indented comment, which other SDKs take as part of the value above"),
);

/// The name is not quoted: with a `:` in place of the `=` it holds the value.
pub(super) const NO_KEY: Remark = (
    WarningKind::IgnoredKey,
    Cow::Borrowed("the line is ignored: no key has such a name (a key ends at the first '=', and ':' does not count)"),
);

/// A section that is read, but not alike by everybody. `inner` is what stands between the brackets.
pub(super) fn header(inner: &str, known_since: Option<u32>) -> impl Iterator<Item = Remark> {
    let trimmed = inner.trim();
    let again = known_since.map(|line| {
        (WarningKind::RefusedElsewhere, format!("[{trimmed}] again, after line {line}; botocore refuses that").into())
    });
    let inherited = (trimmed == "DEFAULT").then_some((
        WarningKind::ReadOtherwise,
        Cow::Borrowed("botocore lets every section of this file inherit from [DEFAULT]"),
    ));
    let padded = inner.starts_with([' ', '\t']) || !trimmed.contains([' ', '\t']) && inner != trimmed;
    let padded = padded.then_some((
        WarningKind::ReadOtherwise,
        Cow::Borrowed("botocore takes the white space inside these brackets as part of the name"),
    ));
    again.into_iter().chain(inherited).chain(padded)
}

/// A key that is read, but not alike by everybody, or hardly as it is meant.
pub(super) fn property(line: &str, key: &str, text: &str, known_since: Option<u32>) -> impl Iterator<Item = Remark> {
    let comment = (without_comment(line).len() < line.trim_end().len()).then(|| {
        (WarningKind::ReadOtherwise, format!("botocore takes the comment behind {key} as part of its value").into())
    });
    let quoted =
        ['"', '\''].into_iter().any(|quote| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote));
    let quoted = quoted
        .then(|| (WarningKind::Suspicious, format!("the quotes around the value of {key} are part of it").into()));
    let again = known_since.map(|line| {
        let message = format!("{key} again; line {line} no longer counts, and botocore refuses the file");
        (WarningKind::RefusedElsewhere, message.into())
    });
    comment.into_iter().chain(quoted).chain(again)
}

/// An indented line that looks like a key of its own.
pub(super) fn continuation(content: &str, key: &str) -> Option<Remark> {
    let name = content.split_once('=')?.0.trim();
    let meant = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
    Some((WarningKind::Suspicious, format!("{meant} is indented, so it belongs to the value of {key} above").into()))
}

/// A line that is a header but for its indentation.
pub(super) fn indented_header(content: &str, key: &str) -> Option<Remark> {
    let content = content[..content.find(COMMENT).unwrap_or(content.len())].trim_end();
    (content.starts_with('[') && content.ends_with(']')).then(|| {
        (WarningKind::Suspicious, format!("this header is indented, so it belongs to the value of {key} above").into())
    })
}

/// Whether a key decides which credentials are used.
pub(super) fn is_known(key: &str) -> bool {
    KNOWN.contains(&key)
}

const KNOWN: [&str; 13] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "credential_source",
    "login_session",
    "region",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

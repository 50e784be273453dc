//! What to tell a person about a line that can be read.

use super::Parser;
use super::line::{inside_brackets, without_comment};
use crate::WarningKind::{IgnoredKey, ReadOtherwise, RefusedElsewhere, Suspicious};
use crate::text::{BLANK, cut, is_indented, place};
use crate::value::is_quoted;
use tucuxi_core::trimmed;

impl Parser<'_> {
    pub(super) fn remark_byte_order_mark(&mut self) {
        self.remark(RefusedElsewhere, format_args!("the file starts with a byte order mark, which botocore refuses"));
    }

    pub(super) fn remark_indented_comment(&mut self) {
        self.remark(
            ReadOtherwise,
            format_args!("an indented comment, which other SDKs take as part of the value above"),
        );
    }

    /// The name is not quoted: with a `:` in place of the `=` it holds the value.
    pub(super) fn remark_no_key(&mut self) {
        self.remark(
            IgnoredKey,
            format_args!(
                "the line is ignored: no key has such a name (a key ends at the first '=', and ':' does not count)"
            ),
        );
    }

    /// A section that is read, but not alike by everybody. `inner` is what stands between the brackets.
    pub(super) fn remarks_on_header(&mut self, inner: &str, known_since: Option<u32>) {
        let trimmed = trimmed(inner);
        if let Some(line) = known_since {
            self.remark(RefusedElsewhere, format_args!("[{trimmed}] again, after line {line}; botocore refuses that"));
        }
        if trimmed == "DEFAULT" {
            self.remark(ReadOtherwise, format_args!("botocore lets every section of this file inherit from [DEFAULT]"));
        }
        if is_indented(inner) || !trimmed.contains(BLANK) && inner != trimmed {
            self.remark(
                ReadOtherwise,
                format_args!("botocore takes the white space inside these brackets as part of the name"),
            );
        }
    }

    /// A key that is read, but not alike by everybody, or hardly as it is meant.
    pub(super) fn remarks_on_property(&mut self, line: &str, key: &str, text: &str, known_since: Option<u32>) {
        if without_comment(line).len() < line.trim_end().len() {
            self.remark(ReadOtherwise, format_args!("botocore takes the comment behind {key} as part of its value"));
        }
        if is_quoted(text) {
            self.remark(Suspicious, format_args!("the quotes around the value of {key} are part of it"));
        }
        if let Some(line) = known_since {
            self.remark(
                RefusedElsewhere,
                format_args!("{key} again; line {line} no longer counts, and botocore refuses the file"),
            );
        }
    }
}

/// An indented line that looks like a key or a header of its own: which of them.
pub(super) fn hardly_meant(content: &str) -> Option<&'static str> {
    if let Some(known) = cut(content, b'=').and_then(|(name, _)| known(trimmed(name))) {
        return Some(known);
    }
    content.strip_prefix('[').and_then(inside_brackets).map(|_| "this header")
}

/// A key, in any case, that decides which credentials are used.
#[inline(never)]
pub(super) fn known(key: &str) -> Option<&'static str> {
    place(KNOWN, key).map(|at| KNOWN[at])
}

const KNOWN: &[&str] = &[
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

//! The general rule: code, then variables, then the profile; a value that cannot be read names its origin.

use std::borrow::Cow;

use tucuxi_core::{Env, Error, ErrorKind, failure, trimmed, whole_number};

use super::{Origin, Setting};
use crate::files::Files;

/// The places that a setting may come from, after code.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'a> {
    pub(crate) env: &'a Env,
    pub(crate) files: &'a Files,
}

impl Lookup<'_> {
    /// The first variable that is set, else the key of the selected profile.
    pub(crate) fn text(self, variables: &[&'static str], key: &str) -> Result<Option<Setting<String>>, Error> {
        for variable in variables {
            if let Some(found) = self.variable(Cow::Borrowed(variable))? {
                return Ok(Some(found));
            }
        }
        Ok(self.files.value(key))
    }

    /// One variable; blanks around its value do not count.
    #[inline(never)]
    pub(crate) fn variable(self, name: Cow<'static, str>) -> Result<Option<Setting<String>>, Error> {
        let value = self.env.var(&name)?;
        Ok(value.map(|value| Setting::new(trimmed(&value).to_owned(), Origin::Variable(name))))
    }

    /// The key of a section nested under a key of the profile: `addressing_style` under `s3`.
    #[cfg(feature = "s3")]
    pub(crate) fn nested<T>(
        self,
        section: &str,
        key: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Result<Option<Setting<T>>, Error> {
        self.files.nested(section, key).map(|found| found.read(key, read)).transpose()
    }
}

/// `true` or `false` in any case.
#[inline(never)]
pub(super) fn flag(text: &str) -> Result<bool, Error> {
    match position(text, &["true", "false"]) {
        Some(at) => Ok(at == 0),
        None => Err(wrong(text, "is neither true nor false", "write true or false")),
    }
}

/// A whole number from 1 on.
pub(super) fn count(text: &str) -> Result<u32, Error> {
    match whole_number(text).map(u32::try_from) {
        Some(Ok(count)) if count > 0 => Ok(count),
        _ => Err(wrong(text, "is not a whole number from 1 on", "write a number such as 3")),
    }
}

/// The position of one word of a few, in any case.
pub(super) fn one_of(text: &str, words: &[&str]) -> Result<u32, Error> {
    if let Some(at) = position(text, words) {
        return Ok(at);
    }
    let mut what = "is not one of".to_owned();
    let mut between = " ";
    for word in words {
        what.push_str(between);
        what.push_str(word);
        between = ", ";
    }
    Err(failure(ErrorKind::InvalidConfig, format_args!("{text:?} {what}"), None))
}

#[inline(never)]
fn position(text: &str, words: &[&str]) -> Option<u32> {
    for (word, at) in words.iter().zip(0..) {
        // By letters, since the code of `eq_ignore_ascii_case` is several times as long.
        if word.len() == text.len() && word.bytes().zip(text.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b)) {
            return Some(at);
        }
    }
    None
}

#[cold]
fn wrong(text: &str, what: &str, cure: &str) -> Error {
    failure(ErrorKind::InvalidConfig, format_args!("{text:?} {what}"), Some(format_args!("{cure}")))
}

//! The general rule: code, then variables, then the profile; a value that cannot be read names its origin.

use std::borrow::Cow;

use tucuxi_core::{Env, Error};

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
    pub(crate) fn variable(self, name: Cow<'static, str>) -> Result<Option<Setting<String>>, Error> {
        let value = self.env.var(&name)?;
        Ok(value.map(|value| Setting::new(value.trim().to_owned(), Origin::Variable(name))))
    }

    /// The key of a section nested under a key of the profile: `addressing_style` under `s3`.
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
pub(super) fn flag(text: &str) -> Result<bool, Error> {
    match position(text, &["true", "false"]) {
        Some(at) => Ok(at == 0),
        None => Err(wrong(text, "is neither true nor false").with_hint("write true or false")),
    }
}

/// A whole number from 1 on.
pub(super) fn count(text: &str) -> Result<u32, Error> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(wrong(text, "is not a whole number from 1 on").with_hint("write a number such as 3")),
    }
}

/// The position of one word of a few, in any case.
pub(super) fn one_of(text: &str, words: &[&str]) -> Result<usize, Error> {
    let Some(at) = position(text, words) else {
        let mut what = "is not one of".to_owned();
        for (at, word) in words.iter().enumerate() {
            what.push_str(if at == 0 { " " } else { ", " });
            what.push_str(word);
        }
        return Err(wrong(text, &what));
    };
    Ok(at)
}

fn position(text: &str, words: &[&str]) -> Option<usize> {
    let text = text.to_ascii_lowercase();
    words.iter().position(|word| *word == text)
}

fn wrong(text: &str, what: &str) -> Error {
    Error::invalid_config(format!("{text:?} {what}"))
}

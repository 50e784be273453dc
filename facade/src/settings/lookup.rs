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

    /// What `read` makes of the text found under these names; `code` comes before all of them.
    pub(crate) fn read<T>(
        self,
        code: Option<T>,
        variables: &[&'static str],
        key: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Result<Option<Setting<T>>, Error> {
        if let Some(value) = code {
            return Ok(Some(Setting::new(value, Origin::Code)));
        }
        self.text(variables, key)?.map(|found| found.read(key, |text| read(&text))).transpose()
    }

    /// Yes or no, which only code and this variable may say.
    #[cfg(feature = "role-cache")]
    pub(crate) fn switch(self, code: Option<bool>, variable: &'static str) -> Result<Option<Setting<bool>>, Error> {
        if let Some(value) = code {
            return Ok(Some(Setting::new(value, Origin::Code)));
        }
        let found = self.variable(Cow::Borrowed(variable))?;
        found.map(|found| found.read(variable, |text| flag(&text))).transpose()
    }

    /// The key of a section nested under a key of the profile: `addressing_style` under `s3`.
    pub(crate) fn nested<T>(
        self,
        section: &str,
        key: &str,
        read: fn(&str) -> Result<T, Error>,
    ) -> Result<Option<Setting<T>>, Error> {
        self.files.nested(section, key).map(|found| found.read(key, |text| read(&text))).transpose()
    }
}

/// `true` or `false` in any case.
pub(crate) fn flag(text: &str) -> Result<bool, Error> {
    if text.eq_ignore_ascii_case("true") {
        return Ok(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Ok(false);
    }
    Err(Error::invalid_config(format!("{text:?} is neither true nor false")).with_hint("write true or false"))
}

/// A whole number from 1 on.
pub(crate) fn count(text: &str) -> Result<u32, Error> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| {
        Error::invalid_config(format!("{text:?} is not a whole number from 1 on")).with_hint("write a number such as 3")
    })
}

/// One word of a few, in any case.
pub(crate) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Error> {
    words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Error::invalid_config(format!("{text:?} is not one of {}", words.join(", ")))
    })
}

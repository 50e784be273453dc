//! What the file of a sign-in holds: texts by name, whichever service it is of.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::json::{self, Fault, Member, Rest, Writer, member, rest};
use crate::{Env, Error, Secret, parse_timestamp};

/// How a tool keeps its sign-ins, and what that means for their renewal.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a constant of each provider")]
pub struct Format {
    /// Where the file of a sign-in is that is called by this name.
    pub path: fn(&Env, &str) -> Result<PathBuf, Error>,
    /// The members, in the order in which the tool writes them.
    pub members: &'static [(&'static str, Need)],
    /// An object before all of them: its name and its members. No name: there is none.
    pub inner: (&'static str, &'static [(&'static str, Need)]),
    /// What two tokens of the same grant share: only one of them can be renewed.
    pub grant: &'static [&'static str],
    /// What a token is there for: two that share it give the same.
    pub gives: &'static str,
    /// The cure for a file that makes no sense.
    pub cure: &'static str,
}

/// Whether a text must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a constant of each provider names them")]
pub enum Need {
    /// It must be.
    Text,
    /// It must be, if only as `null`.
    TextOrNull,
    /// It need not be, and is written as `null` then.
    ElseNull,
    /// It need not be, and is left out then.
    ElseAbsent,
}

/// A sign-in as its file holds it: texts by name, all of them secret. Members that are not named in its format are kept
/// when the file is written again.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

/// Behind one pointer, since a token is handed on and remembered.
#[derive(Clone)]
struct Inner {
    format: &'static Format,
    texts: Vec<Text>,
    /// Of the object before all members, and of all of it.
    inner_other: Rest,
    other: Rest,
}

#[derive(Clone)]
struct Text {
    name: &'static str,
    need: Need,
    text: Option<Secret>,
}

impl Token {
    /// A sign-in with these texts and no others. Needs the feature `sign-in`.
    #[cfg(feature = "sign-in")]
    pub fn new(format: &'static Format, texts: Vec<(&'static str, Option<Secret>)>) -> Self {
        let mut token = Inner::empty(format);
        texts.into_iter().for_each(|(name, text)| token.set(name, text));
        Self(Arc::new(token))
    }

    /// The same sign-in with these texts in place of those of the same names, except where there is none.
    #[must_use]
    pub fn with(&self, texts: Vec<(&'static str, Option<Secret>)>) -> Self {
        let mut token = Inner::clone(&self.0);
        for (name, text) in texts {
            if text.is_some() {
                token.set(name, text);
            }
        }
        Self(Arc::new(token))
    }

    /// Reads a file's text.
    pub(super) fn parse(format: &'static Format, json: &[u8]) -> Result<Self, Fault> {
        let mut token = Inner::empty(format);
        let (inner_texts, texts) = token.texts.split_at_mut(format.inner.1.len());
        let mut looked_for = Vec::with_capacity(texts.len() + 2);
        if !format.inner.0.is_empty() {
            looked_for.push(member(format.inner.0, members(inner_texts, &mut token.inner_other)));
        }
        looked_for.append(&mut members(texts, &mut token.other));
        json::read(json, looked_for)?;
        Ok(Self(Arc::new(token)))
    }

    /// The file's text.
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let Inner { format, texts, inner_other, other } = &*self.0;
        let (inner_texts, texts) = texts.split_at(format.inner.1.len());
        let mut json = Writer::default();
        if !format.inner.0.is_empty() {
            let mut inner = Writer::default();
            write(&mut inner, inner_texts, inner_other);
            json.object(format.inner.0, inner);
        }
        write(&mut json, texts, other);
        json.finish()
    }

    /// The text of this name, if there is one.
    pub fn text(&self, name: &str) -> Option<&Secret> {
        self.0.texts.iter().find(|text| text.name == name)?.text.as_ref()
    }

    /// When what it gives ends.
    ///
    /// # Errors
    /// `InvalidConfig` when the file does not say so, or says what is no time.
    #[inline]
    pub fn expiry(&self) -> Result<SystemTime, Error> {
        let fault = match self.text(EXPIRES_AT).map(|text| parse_timestamp(text.expose())) {
            Some(Some(end)) => return Ok(end),
            Some(None) => "has an expiresAt that is no time with a zone",
            None => "has no expiresAt",
        };
        Err(Error::invalid_config(fault))
    }

    /// Whether both are the same grant: only one of them can be renewed.
    #[inline]
    pub(super) fn is_same_grant(&self, other: &Self) -> bool {
        self.0.format.grant.iter().all(|name| self.shares(other, name))
    }

    /// Whether both give the same.
    pub(super) fn gives_the_same(&self, other: &Self) -> bool {
        self.shares(other, self.0.format.gives)
    }

    fn shares(&self, other: &Self, name: &str) -> bool {
        self.text(name) == other.text(name)
    }
}

impl Inner {
    fn empty(format: &'static Format) -> Self {
        let mut texts = Vec::with_capacity(format.inner.1.len() + format.members.len());
        for members in [format.inner.1, format.members] {
            for &(name, need) in members {
                texts.push(Text { name, need, text: None });
            }
        }
        Self { format, texts, inner_other: Rest::default(), other: Rest::default() }
    }

    fn set(&mut self, name: &str, text: Option<Secret>) {
        if let Some(place) = self.texts.iter_mut().find(|text| text.name == name) {
            place.text = text;
        }
    }
}

impl fmt::Debug for Token {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = self.0.texts.iter().filter(|text| text.text.is_some());
        f.debug_set().entries(there.map(|text| text.name)).finish()
    }
}

fn members<'a>(texts: &'a mut [Text], other: &'a mut Rest) -> Vec<Member<'a>> {
    let mut members = Vec::with_capacity(texts.len() + 1);
    for Text { name, need, text } in texts {
        members.push(place(name, *need, text));
    }
    members.push(rest(other));
    members
}

/// The place of a text.
#[inline(never)]
pub(super) fn place<'a>(name: &'static str, need: Need, text: &'a mut Option<Secret>) -> Member<'a> {
    match need {
        Need::Text => member(name, text.insert(Secret::new(""))),
        Need::TextOrNull => member(name, text).required(),
        Need::ElseNull | Need::ElseAbsent => member(name, text),
    }
}

fn write(json: &mut Writer, texts: &[Text], other: &Rest) {
    for Text { name, need, text } in texts {
        let text = text.as_ref().map(Secret::expose);
        match need {
            Need::Text | Need::ElseAbsent => json.optional(name, text),
            Need::TextOrNull | Need::ElseNull => json.nullable(name, text),
        };
    }
    json.rest(other);
}

/// What every format has: until when the sign-in lasts, as text.
pub const EXPIRES_AT: &str = "expiresAt";

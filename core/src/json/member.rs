//! What is looked for in an object, and where it goes.

use super::Rest;
use crate::Secret;

/// A member that an object may have, and the place that its value goes to.
pub struct Member<'a> {
    name: &'static str,
    alias: Option<&'static str>,
    pub(super) place: Place<'a>,
    is_required: bool,
    is_found: bool,
}

/// A member called `name`. Without it nothing is read, unless its place is an `Option`: then it may also be `null`.
pub fn member<'a>(name: &'static str, place: impl Into<Place<'a>>) -> Member<'a> {
    let place = place.into();
    Member { name, alias: None, is_required: !place.may_be_null(), is_found: false, place }
}

/// A member called `name` of whatever type; its place gets the JSON that stands there.
pub fn member_of_any_type<'a>(name: &'static str, place: &'a mut Option<String>) -> Member<'a> {
    member(name, Place(Slot::Json(place)))
}

/// All members that are not named.
pub fn rest(place: &mut Rest) -> Member<'_> {
    Member { name: "", alias: None, place: Place(Slot::Rest(place)), is_required: false, is_found: false }
}

impl Member<'_> {
    /// Some write it by this name.
    #[must_use]
    pub fn or(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    /// It must be there, if only as `null`.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// It may be absent.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        (self.name == name || self.alias == Some(name)) && !matches!(self.place.0, Slot::Rest(_))
    }

    /// The place of all members that are not named, if this is it.
    pub(super) fn rest(&mut self) -> Option<&mut Rest> {
        match &mut self.place.0 {
            Slot::Rest(rest) => Some(rest),
            _ => None,
        }
    }

    /// Notes that it is there; false where that was noted before.
    pub(super) fn find(&mut self) -> bool {
        !std::mem::replace(&mut self.is_found, true)
    }

    /// The name of what must be there and is not.
    pub(super) fn missing(&self) -> Option<&'static str> {
        (self.is_required && !self.is_found).then_some(self.name)
    }
}

/// Something that is read from an object. Only what people do who sign in reads lists of them, and lists of texts.
#[cfg(any(test, feature = "sign-in"))]
pub trait Object {
    /// Its members.
    fn members(&mut self) -> Vec<Member<'_>>;
}

/// A list that grows by one at a time.
#[cfg(any(test, feature = "sign-in"))]
pub(super) trait Rows {
    /// The place of another one at its end.
    fn grow(&mut self) -> Place<'_>;
}

#[cfg(any(test, feature = "sign-in"))]
impl<T: Object + Default> Rows for Vec<T> {
    fn grow(&mut self) -> Place<'_> {
        let at = self.len();
        self.push(T::default());
        Place(Slot::Object(self[at].members()))
    }
}

#[cfg(any(test, feature = "sign-in"))]
impl Rows for Vec<String> {
    fn grow(&mut self) -> Place<'_> {
        let at = self.len();
        self.push(String::new());
        Place(Slot::Text(&mut self[at]))
    }
}

/// Where a value goes.
pub struct Place<'a>(pub(super) Slot<'a>);

pub(super) enum Slot<'a> {
    Json(&'a mut Option<String>),
    Number(&'a mut u64),
    Object(Vec<Member<'a>>),
    OptionalNumber(&'a mut Option<u64>),
    OptionalSecret(&'a mut Option<Secret>),
    OptionalText(&'a mut Option<String>),
    #[cfg(any(test, feature = "sign-in"))]
    OptionalTexts(&'a mut Option<Vec<String>>),
    Rest(&'a mut Rest),
    #[cfg(any(test, feature = "sign-in"))]
    Rows(&'a mut dyn Rows),
    Secret(&'a mut Secret),
    Text(&'a mut String),
}

impl Place<'_> {
    /// Puts nothing there, and tells whether that may be.
    pub(super) fn put_null(&mut self) -> bool {
        match &mut self.0 {
            Slot::OptionalNumber(place) => **place = None,
            Slot::OptionalSecret(place) => **place = None,
            Slot::OptionalText(place) => **place = None,
            #[cfg(any(test, feature = "sign-in"))]
            Slot::OptionalTexts(place) => **place = None,
            _ => return false,
        }
        true
    }

    /// The list that it is, from its beginning.
    #[cfg(any(test, feature = "sign-in"))]
    pub(super) fn rows(&mut self) -> Option<&mut dyn Rows> {
        match &mut self.0 {
            Slot::OptionalTexts(place) => Some(place.insert(Vec::new())),
            Slot::Rows(rows) => Some(*rows),
            _ => None,
        }
    }

    /// Puts a number there, and tells whether it belongs there.
    pub(super) fn put_number(&mut self, number: u64) -> bool {
        match &mut self.0 {
            Slot::Number(place) => **place = number,
            Slot::OptionalNumber(place) => **place = Some(number),
            _ => return false,
        }
        true
    }

    /// Puts a text there, and tells whether it belongs there.
    // The parser has three ways to give a text.
    #[inline(never)]
    pub(super) fn put_text(&mut self, text: &str) -> bool {
        match &mut self.0 {
            Slot::OptionalSecret(place) => **place = Some(Secret::from(text)),
            Slot::OptionalText(place) => **place = Some(text.to_owned()),
            Slot::Secret(place) => **place = Secret::from(text),
            Slot::Text(place) => text.clone_into(place),
            _ => return false,
        }
        true
    }

    fn may_be_null(&self) -> bool {
        match self.0 {
            Slot::Json(_) | Slot::OptionalNumber(_) | Slot::OptionalSecret(_) | Slot::OptionalText(_) => true,
            #[cfg(any(test, feature = "sign-in"))]
            Slot::OptionalTexts(_) => true,
            Slot::Number(_) | Slot::Object(_) | Slot::Rest(_) | Slot::Secret(_) | Slot::Text(_) => false,
            #[cfg(any(test, feature = "sign-in"))]
            Slot::Rows(_) => false,
        }
    }
}

macro_rules! places {
    ($($slot:ident: $type:ty,)*) => {$(
        impl<'a> From<$type> for Place<'a> {
            fn from(place: $type) -> Self {
                Self(Slot::$slot(place))
            }
        }
    )*};
}

places! {
    Number: &'a mut u64,
    Object: Vec<Member<'a>>,
    OptionalNumber: &'a mut Option<u64>,
    OptionalSecret: &'a mut Option<Secret>,
    OptionalText: &'a mut Option<String>,
    Secret: &'a mut Secret,
    Text: &'a mut String,
}

#[cfg(any(test, feature = "sign-in"))]
impl<'a> From<&'a mut Option<Vec<String>>> for Place<'a> {
    fn from(place: &'a mut Option<Vec<String>>) -> Self {
        Self(Slot::OptionalTexts(place))
    }
}

#[cfg(any(test, feature = "sign-in"))]
impl<'a, T: Object + Default> From<&'a mut Vec<T>> for Place<'a> {
    fn from(rows: &'a mut Vec<T>) -> Self {
        Self(Slot::Rows(rows))
    }
}

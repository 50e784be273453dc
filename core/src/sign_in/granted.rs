//! What a service grants, by the names of its members.

use super::token::place;
use super::{Answer, Need};
use crate::json::{Member, member};
use crate::{Error, Secret};

/// What an answer should have.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "a constant of each answer")]
pub struct Wanted {
    /// The texts of an object in it: its name and its members. No name: there is none.
    pub inner: (&'static str, &'static [(&'static str, Need)]),
    /// The texts beside that.
    pub members: &'static [(&'static str, Need)],
    /// The one number, which stands beside the last of the texts.
    pub number: (&'static str, Need),
}

/// Texts by name, all of them secret: what [`Token::with`](super::Token::with) takes.
pub type Texts = Vec<(&'static str, Option<Secret>)>;

impl Answer {
    /// The texts and the number that it has. Nothing is said of those that are empty.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn granted(&self, wanted: &Wanted) -> Result<(Texts, Option<u64>), Error> {
        // With room for one that the caller adds.
        let mut texts = Vec::with_capacity(wanted.inner.1.len() + wanted.members.len() + 1);
        for members in [wanted.inner.1, wanted.members] {
            for (name, _) in members {
                texts.push((*name, None));
            }
        }
        let mut number = None;
        let (inner_texts, outer_texts) = texts.split_at_mut(wanted.inner.1.len());
        let (mut inner, mut members) = (places(inner_texts, wanted.inner.1), places(outer_texts, wanted.members));
        let count = match wanted.number {
            (name, Need::Text) => member(name, number.insert(0)),
            (name, _) => member(name, &mut number),
        };
        let last = if members.is_empty() { &mut inner } else { &mut members };
        last.push(count);
        if !inner.is_empty() {
            members.push(member(wanted.inner.0, inner));
        }
        self.read(members)?;
        Ok((texts, number))
    }
}

/// The text of this name, which should be there.
///
/// # Errors
/// That the answer has none.
pub fn needed<'a>(texts: &'a Texts, name: &'static str, answer: &Answer) -> Result<&'a Secret, Error> {
    let found = texts.iter().find(|(found, _)| *found == name);
    found.and_then(|(_, text)| text.as_ref()).ok_or_else(|| answer.lacking(name))
}

fn places<'a>(
    texts: &'a mut [(&'static str, Option<Secret>)],
    wanted: &'static [(&'static str, Need)],
) -> Vec<Member<'a>> {
    // With room for the number and the object.
    let mut places = Vec::with_capacity(texts.len() + 2);
    for ((name, text), (_, need)) in texts.iter_mut().zip(wanted) {
        places.push(place(name, *need, text));
    }
    places
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    const BESIDE: Wanted = Wanted {
        inner: ("keys", &[("id", Need::Text), ("more", Need::ElseAbsent)]),
        members: &[("refresh", Need::Text)],
        number: ("ends", Need::ElseAbsent),
    };
    const WITHIN: Wanted =
        Wanted { inner: ("keys", &[("id", Need::ElseAbsent)]), members: &[], number: ("ends", Need::Text) };
    const FLAT: Wanted =
        Wanted { inner: ("", &[]), members: &[("id", Need::ElseAbsent)], number: ("ends", Need::Text) };

    /// What is found, as words: `id=I more=- 7`.
    #[track_caller]
    fn check(wanted: &Wanted, body: &str, expected: Option<&str>) {
        let answer = Answer::new("h", StatusCode::OK, body.to_owned());
        let found = answer.granted(wanted).ok().map(|(texts, number)| {
            let shown =
                texts.iter().map(|(name, text)| format!("{name}={} ", text.as_ref().map_or("-", Secret::expose)));
            shown.collect::<String>() + &number.map_or_else(|| "-".to_owned(), |number| number.to_string())
        });
        assert_eq!(found.as_deref(), expected, "{body}");
    }

    #[test]
    fn texts_and_the_number_are_found_where_they_stand() {
        let whole = r#"{"keys":{"id":"I","more":"M"},"refresh":"R","ends":7,"else":1}"#;
        check(&BESIDE, whole, Some("id=I more=M refresh=R 7"));
        check(&BESIDE, r#"{"keys":{"id":"I"},"refresh":"R"}"#, Some("id=I more=- refresh=R -"));
        check(&BESIDE, r#"{"keys":{"id":"I"}}"#, None);
        check(&BESIDE, r#"{"keys":{"more":"M"},"refresh":"R"}"#, None);
        check(&BESIDE, r#"{"id":"I","refresh":"R"}"#, None);
        check(&BESIDE, r#"{"keys":{"id":1},"refresh":"R"}"#, None);
        check(&WITHIN, r#"{"keys":{"id":"I","ends":7}}"#, Some("id=I 7"));
        check(&WITHIN, r#"{"keys":{"id":"I"},"ends":7}"#, None);
        check(&WITHIN, r#"{"keys":{"ends":7}}"#, Some("id=- 7"));
        check(&FLAT, r#"{"id":"I","ends":7}"#, Some("id=I 7"));
        for none in [r#"{"id":"I","ends":null}"#, r#"{"id":"I","ends":"7"}"#, r#"{"id":"I"}"#] {
            check(&FLAT, none, None);
        }
    }

    #[test]
    fn a_text_that_is_needed_is_named() {
        let answer = Answer::new("h", StatusCode::OK, r#"{"ends":1}"#);
        let (texts, _) = answer.granted(&FLAT).unwrap();
        assert_eq!(needed(&texts, "id", &answer).unwrap_err().to_string(), "the answer of h has no id");
    }
}

//! The one reader.

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

#[cfg(any(test, feature = "sign-in"))]
use super::member::Rows;
use super::member::Slot;
use super::{Fault, FaultKind, Member, Place};

/// Reads an object. Members that nobody looks for are passed over.
///
/// # Errors
/// What is wrong and where. Some places may be filled then.
pub fn read(json: &[u8], members: Vec<Member<'_>>) -> Result<(), Fault> {
    let blame = Cell::new(FaultKind::WrongType);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let filled = Fill { place: &mut Place(Slot::Object(members)), blame: &blame }.deserialize(&mut reader);
    filled.and_then(|()| reader.end()).map_err(|error| {
        // The parser's own message quotes the text, which holds secrets.
        let kind = if error.classify() == Category::Data { blame.get() } else { FaultKind::NotJson };
        Fault::new(kind, error.line(), error.column())
    })
}

/// Puts the next value where it belongs.
struct Fill<'p, 'a> {
    place: &'p mut Place<'a>,
    blame: &'p Cell<FaultKind>,
}

impl<'de> DeserializeSeed<'de> for Fill<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if let Slot::Json(place) = &mut self.place.0 {
            let raw = <&RawValue>::deserialize(deserializer)?;
            **place = (raw.get() != "null").then(|| raw.get().to_owned());
            return Ok(());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of another type")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        placed(self.place.put_null())
    }

    // The defaults of these three write what they saw into the error, and bring the code that shows floats.
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Err(misplaced())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Err(misplaced())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Err(misplaced())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        placed(self.place.put_number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        placed(self.place.put_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        #[cfg(any(test, feature = "sign-in"))]
        if let Some(rows) = self.place.rows() {
            while items.next_element_seed(NextRow { rows, blame: self.blame })?.is_some() {}
            return Ok(());
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Err(misplaced())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { place, blame } = self;
        let Slot::Object(members) = &mut place.0 else { return Err(misplaced()) };
        while let Some(name) = object.next_key::<String>()? {
            if let Some(member) = members.iter_mut().find(|member| member.is_called(&name)) {
                if !member.find() {
                    blame.set(FaultKind::Twice);
                    return Err(misplaced());
                }
                object.next_value_seed(Fill { place: &mut member.place, blame })?;
            } else if let Some(rest) = members.iter_mut().find_map(Member::rest) {
                rest.add(&name, object.next_value::<&RawValue>()?.get());
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        let Some(name) = members.iter().find_map(Member::missing) else { return Ok(()) };
        blame.set(FaultKind::Missing(name));
        Err(misplaced())
    }
}

/// Reads one more into a list.
#[cfg(any(test, feature = "sign-in"))]
struct NextRow<'p> {
    rows: &'p mut dyn Rows,
    blame: &'p Cell<FaultKind>,
}

#[cfg(any(test, feature = "sign-in"))]
impl<'de> DeserializeSeed<'de> for NextRow<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        Fill { place: &mut self.rows.grow(), blame: self.blame }.deserialize(deserializer)
    }
}

fn placed<E: Error>(placed: bool) -> Result<(), E> {
    if placed { Ok(()) } else { Err(misplaced()) }
}

/// The parser says where; what is wrong stands in the blame.
#[cold]
#[inline(never)]
fn misplaced<E: Error>() -> E {
    E::custom("not what belongs there")
}

#[cfg(test)]
mod tests {
    use super::super::{Object, Rest, member, member_of_any_type, rest};
    use super::*;
    use crate::Secret;

    #[derive(Debug, Default)]
    struct Thing {
        id: String,
        secret: Option<Secret>,
        number: Option<u64>,
        texts: Option<Vec<String>>,
        other: Rest,
    }

    impl Object for Thing {
        fn members(&mut self) -> Vec<Member<'_>> {
            vec![
                member("id", &mut self.id).or("Id"),
                member("secret", &mut self.secret),
                member("number", &mut self.number),
                member("texts", &mut self.texts),
                rest(&mut self.other),
            ]
        }
    }

    #[track_caller]
    fn check(json: &str, expected: Result<&str, &str>) {
        let mut thing = Thing::default();
        match (read(json.as_bytes(), thing.members()), expected) {
            (Ok(()), Ok(words)) => {
                let shown = format!("{thing:?}");
                assert!(shown.contains(words) && !shown.contains("SEKRIT"), "{json}: {shown}");
            }
            (found, expected) => {
                assert_eq!(
                    found.map_err(|fault| fault.to_string()),
                    expected.map(|_| ()).map_err(str::to_owned),
                    "{json}"
                );
            }
        }
    }

    #[test]
    fn every_type_goes_to_its_place_and_nowhere_else() {
        check(
            r#"{"id":"A","secret":"SEKRIT","number":7,"texts":["a","b"]}"#,
            Ok(r#"Some(7), texts: Some(["a", "b"])"#),
        );
        check(r#"{"Id":"A","secret":null,"number":null,"texts":null}"#, Ok("number: None, texts: None"));
        check(r#"{"id":"A","secret":"SEKRIT","x":"SEKRIT","y":{"z":["SEKRIT"]}}"#, Ok("other: Rest(33 bytes)"));
        check("{}", Err("has no id (line 1, column 2)"));
        check(r#"{"id":null}"#, Err("has a field of the wrong type (line 1, column 10)"));
        check(r#"{"id":"A","secret":12}"#, Err("has a field of the wrong type (line 1, column 21)"));
        for value in [r#""SEKRIT""#, "-1", "1.5", "18446744073709551616", "[1]", "{}", "true"] {
            let json = format!(r#"{{"id":"","number":{value}}}"#);
            let fault = read(json.as_bytes(), Thing::default().members()).unwrap_err();
            assert_eq!(fault.kind, FaultKind::WrongType, "{json}");
        }
        for value in ["true", "[]", "[[]]", "{}", "1.5", "7"] {
            let json = format!(r#"{{"id":"","secret":{value}}}"#);
            assert!(read(json.as_bytes(), Thing::default().members()).is_err(), "{json}");
        }
    }

    #[test]
    fn nobody_chooses_between_two_members_of_one_name() {
        check(r#"{"id":"A","id":"B"}"#, Err("has a field twice (line 1, column 14)"));
        check(r#"{"id":"A","Id":"B"}"#, Err("has a field twice (line 1, column 14)"));
        check(r#"{"id":"A","x":1,"x":2}"#, Ok("other: Rest(11 bytes)"));
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        check("", Err("is not JSON (line 1, column 0)"));
        check("SEKRIT", Err("is not JSON (line 1, column 1)"));
        check("{\"id\":\"A\"}\n}", Err("is not JSON (line 2, column 1)"));
        check(r#"["SEKRIT"]"#, Err("has a field of the wrong type (line 1, column 10)"));
        check(r#"{"id":"A","x":[1,}"#, Err("is not JSON (line 1, column 18)"));
    }

    #[test]
    fn what_nobody_looks_for_may_nest_as_deep_as_it_likes() {
        let deep = |json: &str| read(json.as_bytes(), Thing::default().members());
        let lists = |times| format!("{}{}", "[".repeat(times), "]".repeat(times));
        assert_eq!(deep(&format!(r#"{{"id":"A","x":{}}}"#, lists(100_000))), Ok(()));
        assert!(deep(&format!(r#"{{"id":"A","texts":{}}}"#, lists(100_000))).is_err());
    }

    #[test]
    fn objects_in_objects_and_in_lists() {
        let (mut name, mut things, mut any) = (String::new(), Vec::<Thing>::new(), None);
        let mut read = |json: &str| {
            things.clear();
            let inner = vec![member("name", &mut name)];
            let members =
                vec![member("inner", inner), member("things", &mut things), member_of_any_type("any", &mut any)];
            read(json.as_bytes(), members).map_err(|fault| fault.kind)
        };
        assert_eq!(read(r#"{"inner":{"x":1},"things":[]}"#), Err(FaultKind::Missing("name")));
        assert_eq!(read(r#"{"inner":{"name":"N"},"things":[{}]}"#), Err(FaultKind::Missing("id")));
        assert_eq!(read(r#"{"things":[],"inner":{"name":"N"},"any":null}"#), Ok(()));
        assert_eq!(read(r#"{"inner":{"name":"N"},"things":[{"id":"A"},{"id":"B"}],"any":[1]}"#), Ok(()));
        let ids: Vec<_> = things.iter().map(|thing| thing.id.as_str()).collect();
        assert_eq!((ids, name.as_str(), any), (vec!["A", "B"], "N", Some("[1]".to_owned())));
    }
}

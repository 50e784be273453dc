//! The one writer.

use std::io;

use serde_json::Value;
use zeroize::Zeroizing;

use super::Rest;

/// Writes an object, its members in the order in which they are added.
pub struct Writer {
    json: Json,
    is_empty: bool,
}

impl Default for Writer {
    fn default() -> Self {
        let mut json = Json::default();
        json.push(b"{");
        Self { json, is_empty: true }
    }
}

impl Writer {
    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        self.json.push_text(text);
        self
    }

    /// Adds a text, if there is one.
    pub fn optional(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds a text, or `null` where there is none.
    pub fn nullable(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self.raw(name, b"null"),
        }
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, number: u64) -> &mut Self {
        self.raw(name, number.to_string().as_bytes())
    }

    /// Adds a list of texts.
    pub fn texts<T: AsRef<str>>(&mut self, name: &str, texts: &[T]) -> &mut Self {
        self.raw(name, b"[");
        for (place, text) in texts.iter().enumerate() {
            if place > 0 {
                self.json.push(b",");
            }
            self.json.push_text(text.as_ref());
        }
        self.json.push(b"]");
        self
    }

    /// Adds another object.
    pub fn object(&mut self, name: &str, object: Self) -> &mut Self {
        self.raw(name, &object.finish())
    }

    /// Adds what another tool put there.
    pub fn rest(&mut self, rest: &Rest) -> &mut Self {
        for (name, value) in rest.iter() {
            self.name(name);
            self.json.push_value(value);
        }
        self
    }

    /// The object's text.
    pub fn finish(mut self) -> Zeroizing<Vec<u8>> {
        self.json.push(b"}");
        self.json.0
    }

    fn raw(&mut self, name: &str, json: &[u8]) -> &mut Self {
        self.name(name);
        self.json.push(json);
        self
    }

    fn name(&mut self, name: &str) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.json.push(b",");
        }
        self.json.push_text(name);
        self.json.push(b":");
    }
}

/// Text that leaves no copy behind when it grows.
#[derive(Default)]
struct Json(Zeroizing<Vec<u8>>);

impl Json {
    fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.max(self.0.capacity() * 2).max(FIRST)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    fn push_text(&mut self, text: &str) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(self, text);
    }

    fn push_value(&mut self, value: &Value) {
        // As above, and the names of a value's members are texts.
        let _ = serde_json::to_writer(self, value);
    }
}

impl io::Write for Json {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Most objects here are not longer.
const FIRST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::super::{read, rest};
    use super::*;

    #[test]
    fn members_stand_in_the_order_in_which_they_were_added() {
        let mut other = Rest::default();
        let json = br#"{"z":[1,{"y":null}],"a":"\n","n":1.5}"#;
        read(json, vec![rest(&mut other)]).unwrap();
        let (mut object, mut inner) = (Writer::default(), Writer::default());
        inner.number("seconds", 900);
        object.text("b", "\"\u{1}é").optional("x", None).optional("o", Some("O")).nullable("n1", None);
        object.nullable("n2", Some("N")).texts("list", &["1", "2"]).texts::<&str>("none", &[]).object("in", inner);
        object.rest(&other);
        let expected = r#"{"b":"\"\u0001é","o":"O","n1":null,"n2":"N","list":["1","2"],"none":[],"in":{"seconds":900},"a":"\n","n":1.5,"z":[1,{"y":null}]}"#;
        assert_eq!(std::str::from_utf8(&object.finish()).unwrap(), expected);
        assert_eq!(Writer::default().finish().as_slice(), b"{}");
    }

    #[test]
    fn what_is_long_is_whole() {
        let long = "x".repeat(10_000);
        let mut object = Writer::default();
        object.text("a", &long).text("b", &long);
        assert_eq!(object.finish().as_slice(), format!(r#"{{"a":"{long}","b":"{long}"}}"#).as_bytes());
    }
}

//! The one writer.

use zeroize::{Zeroize, Zeroizing};

use super::Rest;

/// Writes an object, its members in the order in which they are added.
#[derive(Clone, Default, PartialEq)]
pub struct Writer(Json);

impl Writer {
    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        self.0.push_text(text);
        self
    }

    /// Adds a text, if there is one.
    #[inline]
    pub fn optional(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds a text, or `null` where there is none.
    #[inline]
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
                self.0.push(b",");
            }
            self.0.push_text(text.as_ref());
        }
        self.0.push(b"]");
        self
    }

    /// Adds another object.
    pub fn object(&mut self, name: &str, object: Self) -> &mut Self {
        self.raw(name, &object.finish())
    }

    /// Adds what another tool put there.
    #[inline]
    pub fn rest(&mut self, rest: &Rest) -> &mut Self {
        let members = rest.members();
        if !members.is_empty() {
            self.next();
            self.0.push(members);
        }
        self
    }

    /// The object's text.
    pub fn finish(mut self) -> Zeroizing<Vec<u8>> {
        self.0.push(if self.0.0.is_empty() { b"{}" } else { b"}" });
        Zeroizing::new(std::mem::take(&mut self.0.0))
    }

    /// Adds a member whose value is JSON already.
    #[inline]
    pub(super) fn raw(&mut self, name: &str, json: &[u8]) -> &mut Self {
        self.name(name);
        self.0.push(json);
        self
    }

    /// What was added, without the brace before it.
    pub(super) fn members(&self) -> &[u8] {
        self.0.0.get(1..).unwrap_or_default()
    }

    #[inline]
    fn name(&mut self, name: &str) {
        self.next();
        self.0.push_text(name);
        self.0.push(b":");
    }

    fn next(&mut self) {
        self.0.push(if self.0.0.is_empty() { b"{" } else { b"," });
    }
}

/// Text that leaves no copy behind when it grows, and is wiped when it is dropped.
#[derive(Clone, Default, PartialEq)]
struct Json(Vec<u8>);

impl Json {
    fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Vec::with_capacity(length.max(self.0.capacity() * 2).max(FIRST));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    fn push_text(&mut self, text: &str) {
        self.push(b"\"");
        let mut rest = text;
        // Only what is escaped goes through the library, whose memory is not wiped when it grows.
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, others) = rest.split_at(at);
            let (special, others) = others.split_at(1);
            self.push(plain.as_bytes());
            // A text can always be written.
            if let Ok([b'"', escaped @ .., b'"']) = serde_json::to_vec(special).as_deref() {
                self.push(escaped);
            }
            rest = others;
        }
        self.push(rest.as_bytes());
        self.push(b"\"");
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        self.0.zeroize();
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
        let json = br#"{ "z": [1, {"y":null}], "a":"\n" , "n":1.50e2}"#;
        read(json, vec![rest(&mut other)]).unwrap();
        let (mut object, mut inner) = (Writer::default(), Writer::default());
        inner.number("seconds", 900);
        object.text("b", "\"\u{1}é").optional("x", None).optional("o", Some("O")).nullable("n1", None);
        object.nullable("n2", Some("N")).texts("list", &["1", "2"]).texts::<&str>("none", &[]).object("in", inner);
        object.rest(&other);
        let expected = r#"{"b":"\"\u0001é","o":"O","n1":null,"n2":"N","list":["1","2"],"none":[],"in":{"seconds":900},"z":[1, {"y":null}],"a":"\n","n":1.50e2}"#;
        assert_eq!(std::str::from_utf8(&object.finish()).unwrap(), expected);
        assert_eq!(Writer::default().finish().as_slice(), b"{}");
        let (mut alone, mut none) = (Writer::default(), Writer::default());
        alone.rest(&Rest::default()).rest(&other);
        none.rest(&Rest::default());
        assert!(expected.ends_with(std::str::from_utf8(&alone.finish()[1..]).unwrap()));
        assert_eq!(none.finish().as_slice(), b"{}");
    }

    #[test]
    fn texts_are_read_as_they_were_written() {
        for text in ["", "\"", "\\", "\"\"", "\\\"", "a\nb", "\n", "é\t€\"😀", "\u{7f}\u{85}\u{2028}", "\u{0}", "/"]
        {
            let mut object = Writer::default();
            object.text(text, text);
            let read: serde_json::Value = serde_json::from_slice(&object.finish()).unwrap();
            assert_eq!(read, serde_json::json!({ text: text }));
        }
        let all: String = (0..=u8::MAX).map(char::from).collect();
        let mut object = Writer::default();
        object.text("", &all);
        assert_eq!(object.finish().as_slice(), serde_json::to_vec(&serde_json::json!({ "": all })).unwrap());
    }

    #[test]
    fn what_is_long_is_whole() {
        let long = "x".repeat(10_000);
        let mut object = Writer::default();
        object.text("a", &long).text("b", &long);
        assert_eq!(object.finish().as_slice(), format!(r#"{{"a":"{long}","b":"{long}"}}"#).as_bytes());
    }
}

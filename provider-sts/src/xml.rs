//! Answers as XML: the texts of the innermost elements, by their path.

use quick_xml::Reader;
use quick_xml::events::Event;
use tucuxi_core::{Secret, trimmed};
use zeroize::Zeroizing;

/// The texts of an answer; wiped when dropped.
pub(crate) struct Answer(Vec<(String, Secret)>);

impl Answer {
    /// Reads an answer. Says what is wrong, never what stands there.
    pub(crate) fn parse(xml: &[u8]) -> Result<Self, &'static str> {
        let xml = std::str::from_utf8(xml).map_err(|_where| "is not UTF-8")?;
        let mut reader = Reader::from_str(xml);
        let mut reading = Reading {
            leaves: Vec::new(),
            path: String::new(),
            ends: Vec::new(),
            text: Zeroizing::new(String::with_capacity(LONGEST_TEXT.min(xml.len()))),
            elements: 0,
            innermost: false,
        };
        while reading.goes_on_after(&reader.read_event().map_err(|_quoting| "is not XML")?)? {}
        Ok(Self(reading.leaves))
    }

    /// The text of the first element at this path, counted from its end; `None` if absent or empty.
    #[inline(never)]
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        let at =
            |whole: &str| whole.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        self.0.iter().find(|(whole, _)| at(whole)).map(|(_, text)| text.expose()).filter(|text| !text.is_empty())
    }
}

/// An answer while it is read.
struct Reading {
    leaves: Vec<(String, Secret)>,
    path: String,
    ends: Vec<usize>,
    text: Zeroizing<String>,
    elements: usize,
    innermost: bool,
}

impl Reading {
    /// Takes in a piece of the answer and says whether there are more.
    #[inline(never)]
    fn goes_on_after(&mut self, event: &Event<'_>) -> Result<bool, &'static str> {
        match event {
            Event::Start(start) => {
                self.ends.push(self.path.len());
                push(&mut self.path, start.local_name().into_inner());
                self.text.clear();
                self.count(true)?;
            }
            Event::Empty(_) => self.count(false)?,
            Event::End(_) => {
                if self.innermost {
                    self.leaves.push((self.path.clone(), Secret::from(trimmed(&self.text))));
                }
                self.innermost = false;
                self.path.truncate(self.ends.pop().ok_or("is not XML")?);
            }
            Event::Text(piece) => self.text.push_str(&piece.xml10_content()),
            Event::CData(piece) => self.text.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => self.text.push(character(name)?),
            Event::DocType(_) => return Err("has a document type, which no answer of the service has"),
            Event::Eof if self.elements > 0 && self.ends.is_empty() => return Ok(false),
            Event::Eof => return Err("is cut off"),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        Ok(true)
    }

    fn count(&mut self, innermost: bool) -> Result<(), &'static str> {
        self.innermost = innermost;
        self.elements += 1;
        match self.ends.len() > MAX_DEPTH || self.elements > MAX_ELEMENTS || self.path.len() > MAX_PATH {
            true => Err("is nested too deep or has too many elements"),
            false => Ok(()),
        }
    }
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(name);
}

/// The five characters that XML names, and numbers; entities of a document's own are not expanded.
fn character(name: &quick_xml::events::BytesRef<'_>) -> Result<char, &'static str> {
    match &*name.xml10_content() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => name.resolve_char_ref().ok().flatten().ok_or("uses an entity that XML does not define"),
    }
}

const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 1000;
const MAX_PATH: usize = 1024;
/// Room for a session token, so that growing leaves no copies behind.
const LONGEST_TEXT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, path: &str, expected: Result<Option<&str>, &str>) {
        match (Answer::parse(xml.as_bytes()), expected) {
            (Ok(answer), Ok(text)) => assert_eq!(answer.text(path), text, "{xml}"),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{xml}: {why}"),
            (Ok(_), Err(expected)) => panic!("{xml}: read, expected {expected}"),
            (Err(why), Ok(_)) => panic!("{xml}: {why}"),
        }
    }

    #[test]
    fn texts_are_found_by_the_end_of_their_path() {
        let xml = "<?xml version='1.0'?><a xmlns='x'>\n <b><c>1</c></b><c> 2 </c><d/><n:e xmlns:n='y'>3</n:e></a>";
        check(xml, "b/c", Ok(Some("1")));
        check(xml, "a/c", Ok(Some("2")));
        check(xml, "c", Ok(Some("1")));
        check(xml, "d", Ok(None));
        check(xml, "e", Ok(Some("3")));
        check(xml, "b", Ok(None));
        check("<a><xb>1</xb></a>", "b", Ok(None));
    }

    #[test]
    fn texts_are_unescaped() {
        check("<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>", "a", Ok(Some("<&>\"'AB")));
        check("<a>x<![CDATA[<&>]]>y<!-- no -->z</a>", "a", Ok(Some("x<&>yz")));
    }

    #[test]
    fn hostile_documents_are_refused() {
        check("", "a", Err("cut off"));
        check("text", "a", Err("cut off"));
        check("<a><b></b>", "a", Err("cut off"));
        check("<a></b>", "a", Err("not XML"));
        check("</a>", "a", Err("not XML"));
        check("<a>&own;</a>", "a", Err("entity"));
        check("<!DOCTYPE a [<!ENTITY own 'x'>]><a>&own;</a>", "a", Err("document type"));
        check(&format!("{}{}", "<a>".repeat(32), "</a>".repeat(32)), "b", Ok(None));
        check(&format!("{}{}", "<a>".repeat(33), "</a>".repeat(33)), "a", Err("too deep"));
        check(&format!("<r>{}</r>", "<a></a>".repeat(1000)), "a", Err("too many"));
        check(&format!("<r>{}</r>", "<a/>".repeat(1000)), "a", Err("too many"));
        check(&format!("<{0}></{0}>", "n".repeat(2000)), "a", Err("too deep"));
        assert!(Answer::parse(b"<a>\xff</a>").is_err());
    }
}

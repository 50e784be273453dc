//! Answers as XML: the texts of the innermost elements, by their path.

use quick_xml::Reader;
use quick_xml::events::Event;
use tucuxi_core::Secret;
use zeroize::Zeroizing;

/// The texts of an answer; wiped when dropped.
pub(crate) struct Answer(Vec<(String, Secret)>);

impl Answer {
    /// Reads an answer. Says what is wrong, never what stands there.
    pub(crate) fn parse(xml: &[u8]) -> Result<Self, &'static str> {
        let xml = std::str::from_utf8(xml).map_err(|_where| "is not UTF-8")?;
        let mut reader = Reader::from_str(xml);
        let mut leaves = Vec::new();
        let (mut path, mut ends) = (String::new(), Vec::new());
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT.min(xml.len())));
        let (mut elements, mut innermost) = (0, false);
        loop {
            match reader.read_event().map_err(|_quoting| "is not XML")? {
                Event::Start(start) => {
                    elements += 1;
                    ends.push(path.len());
                    push(&mut path, start.local_name().into_inner());
                    if ends.len() > MAX_DEPTH || elements > MAX_ELEMENTS || path.len() > MAX_PATH {
                        return Err("is nested too deep or has too many elements");
                    }
                    text.clear();
                    innermost = true;
                }
                Event::Empty(_) => {
                    elements += 1;
                    if elements > MAX_ELEMENTS {
                        return Err("is nested too deep or has too many elements");
                    }
                    innermost = false;
                }
                Event::End(_) => {
                    if innermost {
                        leaves.push((path.clone(), Secret::from(text.trim())));
                    }
                    innermost = false;
                    path.truncate(ends.pop().ok_or("is not XML")?);
                }
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) => text.push(character(&name)?),
                Event::DocType(_) => return Err("has a document type, which no answer of the service has"),
                Event::Eof if elements > 0 && ends.is_empty() => return Ok(Self(leaves)),
                Event::Eof => return Err("is cut off"),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// The text of the first element at this path, counted from its end; `None` if absent or empty.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        let at =
            |whole: &str| whole.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        self.0.iter().find(|(whole, _)| at(whole)).map(|(_, text)| text.expose()).filter(|text| !text.is_empty())
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

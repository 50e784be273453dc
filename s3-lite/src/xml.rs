//! Reading S3's XML, within limits.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

/// Why a document cannot be read. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

/// A document that is read from front to back.
pub(crate) struct Document<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Document<'a> {
    /// Opens a document and gives the name of its root element.
    pub(crate) fn open(text: &'a [u8]) -> Result<(Self, String), Unreadable> {
        let text = std::str::from_utf8(text).map_err(|_utf8| Unreadable("is not UTF-8"))?;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut document = Self { reader, depth: 0 };
        loop {
            match document.next()? {
                Event::Start(element) => {
                    document.depth = 1;
                    return Ok((document, element.local_name().into_inner().to_owned()));
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
                Event::DocType(_) => return Err(Unreadable("declares a document type")),
                _ => return Err(Unreadable("is not XML")),
            }
        }
    }

    /// Opens a document whose root must have this name.
    pub(crate) fn with_root(text: &'a [u8], name: &str) -> Result<Self, Unreadable> {
        match Self::open(text)? {
            (document, root) if root == name => Ok(document),
            _ => Err(OTHER_DOCUMENT),
        }
    }

    /// Calls `visit` for each element below the open one, to its end. What `visit` leaves unread is skipped.
    pub(crate) fn children(
        &mut self,
        mut visit: impl FnMut(&str, &mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        loop {
            match self.next()? {
                Event::Start(element) => {
                    self.descend()?;
                    let inside = self.depth;
                    visit(element.local_name().into_inner(), self)?;
                    while self.depth >= inside {
                        self.skip_one()?;
                    }
                }
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(());
                }
                Event::Eof => return Err(CUT),
                Event::DocType(_) => return Err(Unreadable("declares a document type")),
                _ => {}
            }
        }
    }

    /// The text of the open element, to its end; elements in it are skipped.
    pub(crate) fn text(&mut self) -> Result<String, Unreadable> {
        let inside = self.depth;
        let mut text = String::new();
        loop {
            match self.next()? {
                Event::Text(piece) if self.depth == inside => push(&mut text, &piece.into_inner()),
                Event::CData(piece) if self.depth == inside => push(&mut text, &piece.into_inner()),
                Event::GeneralRef(reference) if self.depth == inside => push_reference(&mut text, &reference)?,
                Event::Start(_) => self.descend()?,
                Event::End(_) => {
                    self.depth -= 1;
                    if self.depth < inside {
                        return Ok(text);
                    }
                }
                Event::Eof => return Err(CUT),
                _ => {}
            }
        }
    }

    /// The text of the open element if it is a number, to its end.
    pub(crate) fn number(&mut self) -> Result<u64, Unreadable> {
        self.text()?.trim().parse().map_err(|_number| Unreadable("has no number where one belongs"))
    }

    /// Whether the text of the open element is `true`, to its end.
    pub(crate) fn flag(&mut self) -> Result<bool, Unreadable> {
        Ok(self.text()?.trim().eq_ignore_ascii_case("true"))
    }

    fn skip_one(&mut self) -> Result<(), Unreadable> {
        match self.next()? {
            Event::Start(_) => self.descend(),
            Event::End(_) => {
                self.depth -= 1;
                Ok(())
            }
            Event::Eof => Err(CUT),
            _ => Ok(()),
        }
    }

    fn descend(&mut self) -> Result<(), Unreadable> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Unreadable("is nested too deeply")) } else { Ok(()) }
    }

    fn next(&mut self) -> Result<Event<'a>, Unreadable> {
        self.reader.read_event().map_err(|_xml| Unreadable("is not well-formed XML"))
    }
}

/// The name of the root element, if this is XML at all.
pub(crate) fn root(text: &[u8]) -> Option<String> {
    Document::open(text).ok().map(|(_, root)| root)
}

/// Appends text with what markup would swallow escaped: `&`, `<`, `>`, quotes, and the blanks that a reader
/// may change.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\u{85}' => out.push_str("&#x85;"),
            '\u{2028}' => out.push_str("&#x2028;"),
            c => out.push(c),
        }
    }
}

/// Whether XML 1.0 has a way to write this text at all.
pub(crate) fn can_write(text: &str) -> bool {
    !text
        .chars()
        .any(|c| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

fn push(text: &mut String, piece: &str) {
    text.push_str(piece);
}

fn push_reference(text: &mut String, reference: &BytesRef<'_>) -> Result<(), Unreadable> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => text.push(c),
        Ok(None) => {
            text.push_str(resolve_xml_entity(reference).ok_or(Unreadable("uses an entity that nobody declared"))?);
        }
        Err(_) => return Err(Unreadable("holds a character reference that is none")),
    }
    Ok(())
}

/// A document, but not the one that was asked for.
pub(crate) const OTHER_DOCUMENT: Unreadable = Unreadable("is another document than expected");
const MAX_DEPTH: usize = 32;
const CUT: Unreadable = Unreadable("ends in the middle");

#[cfg(test)]
mod tests {
    use super::*;

    fn first_text(document: &str) -> Result<String, Unreadable> {
        let (mut document, _) = Document::open(document.as_bytes())?;
        let mut found = String::new();
        document.children(|name, document| {
            if name == "Key" {
                found = document.text()?;
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn check(document: &str, expected: Result<&str, &'static str>) {
        assert_eq!(first_text(document), expected.map(str::to_owned).map_err(Unreadable), "{document}");
    }

    #[test]
    fn text_is_put_together_from_all_its_forms() {
        check("<R><Key> a &amp; &lt;b&gt;&#x8;&#10;<![CDATA[<c>]]> </Key></R>", Ok(" a & <b>\u{8}\n<c> "));
        check("\u{feff}<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><x:Key>a</x:Key></R>", Ok("a"));
        check("<R><Other><Key>no</Key></Other><Key>yes</Key></R>", Ok("yes"));
        check("<R><Key/></R>", Ok(""));
        check("<R><Key>a<deep><er/>x</deep>b</Key></R>", Ok("ab"));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        check("", Err("is not XML"));
        check("not xml", Err("is not XML"));
        check("<R><Key>a</Key>", Err("ends in the middle"));
        check("<R><Key>a</R>", Err("is not well-formed XML"));
        check("<R><Key>&nbsp;</Key></R>", Err("uses an entity that nobody declared"));
        check("<R><Key>&#0;</Key></R>", Err("holds a character reference that is none"));
        check("<!DOCTYPE R [<!ENTITY a \"b\">]><R><Key>&a;</Key></R>", Err("declares a document type"));
        assert_eq!(Document::open(b"<R>\xff</R>").err(), Some(Unreadable("is not UTF-8")));
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |depth: usize| format!("<R>{}{}</R>", "<a>".repeat(depth), "</a>".repeat(depth));
        check(&nested(31), Ok(""));
        check(&nested(32), Err("is nested too deeply"));
        let text = format!("<R><Key>{}{}</Key></R>", "<a>".repeat(40), "</a>".repeat(40));
        check(&text, Err("is nested too deeply"));
    }

    #[test]
    fn the_root_decides_not_the_text() {
        assert_eq!(
            root(b"<CopyObjectResult><ETag>Error</ETag></CopyObjectResult>").as_deref(),
            Some("CopyObjectResult")
        );
        assert_eq!(root(b"\n<Error><Code>InternalError</Code></Error>").as_deref(), Some("Error"));
        assert_eq!(root(b"plain"), None);
    }

    #[test]
    fn what_is_escaped_comes_back() {
        let text = "a&b<c>\"d'\t\n\r \u{85}\u{2028}é";
        let mut document = "<R><Key>".to_owned();
        escape_into(&mut document, text);
        document.push_str("</Key></R>");
        assert!(!document.contains(['\t', '\n', '\r']));
        check(&document, Ok(text));
    }
}

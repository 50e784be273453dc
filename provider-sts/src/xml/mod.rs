//! Answers as XML: the texts of the innermost elements, by their path.

#[cfg(test)]
mod judged;
mod markup;

use tucuxi_core::Secret;
use zeroize::Zeroizing;

use markup::{Markup, NOT_XML, next_markup};

/// The texts of an answer; wiped when dropped.
pub(crate) struct Answer(Vec<(String, Secret)>);

impl Answer {
    /// Reads an answer. Says what is wrong, never what stands there.
    ///
    /// Namespaces and attributes do not count. Entities of a document's own, which could grow without end, are refused.
    pub(crate) fn parse(xml: &[u8]) -> Result<Self, &'static str> {
        let xml = std::str::from_utf8(xml).map_err(|_where| "is not UTF-8")?;
        let mut reading = Reading {
            leaves: Vec::new(),
            path: String::new(),
            open: Vec::new(),
            text: Zeroizing::new(String::with_capacity(LONGEST_TEXT.min(xml.len()))),
            elements: 0,
            innermost: false,
        };
        let mut rest = xml.strip_prefix(BYTE_ORDER_MARK).unwrap_or(xml);
        while let Some(markup) = next_markup(&mut rest, &mut reading.text)? {
            reading.take(markup)?;
        }
        match reading.elements > 0 && reading.open.is_empty() {
            true => Ok(Self(reading.leaves)),
            false => Err("is cut off"),
        }
    }

    /// The text of the first element at this path, counted from its end; `None` if absent or empty.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        let at =
            |whole: &str| whole.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        self.0.iter().find(|(whole, _)| at(whole)).map(|(_, text)| text.expose()).filter(|text| !text.is_empty())
    }
}

/// An answer that is being read.
struct Reading<'a> {
    leaves: Vec<(String, Secret)>,
    /// That of the element that is open.
    path: String,
    /// The names of all that are open, and the length of the path before each.
    open: Vec<(&'a str, usize)>,
    /// What was read since the last start of an element.
    text: Zeroizing<String>,
    elements: usize,
    /// Whether no element has begun or ended since the open one began.
    innermost: bool,
}

impl<'a> Reading<'a> {
    fn take(&mut self, markup: Markup<'a>) -> Result<(), &'static str> {
        match markup {
            Markup::Start(name) => {
                self.open.push((name, self.path.len()));
                if !self.path.is_empty() {
                    self.path.push('/');
                }
                self.path.push_str(name.split_once(':').map_or(name, |(_namespace, local)| local));
                self.text.clear();
                self.elements += 1;
                self.innermost = true;
            }
            Markup::Empty => {
                self.elements += 1;
                self.innermost = false;
            }
            Markup::End(name) => {
                let (opened, before) = self.open.pop().ok_or(NOT_XML)?;
                if opened != name {
                    return Err(NOT_XML);
                }
                if self.innermost {
                    self.leaves.push((self.path.clone(), Secret::from(self.text.trim())));
                }
                self.innermost = false;
                self.path.truncate(before);
            }
            Markup::Other => {}
        }
        match self.open.len() > MAX_DEPTH || self.elements > MAX_ELEMENTS || self.path.len() > MAX_PATH {
            true => Err("is nested too deep or has too many elements"),
            false => Ok(()),
        }
    }
}

const BYTE_ORDER_MARK: &str = "\u{feff}";
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
        for broken in [
            "<>x</>",
            "<a><?>?></a>",
            "<a",
            "<a b='>'",
            "<a></a",
            "<a><!-- </a>",
            "<a><![CDATA[ ]></a>",
            "<a><?b ></a>",
            "<a>&b</a>",
        ] {
            check(broken, "a", Err("not XML"));
        }
        for number in ["&#0;", "&#xD800;", "&#x110000;", "&#-1;", "&#;", "&#x;", "&#99999999999;", "&;"] {
            check(&format!("<a>{number}</a>"), "a", Err("entity"));
        }
        assert!(Answer::parse(b"<a>\xff</a>").is_err());
    }
}

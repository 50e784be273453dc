//! The reader against another one: both read the same of whatever is thrown at them.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;

/// Paths and texts as quick-xml finds them; `None` for what is not to be read.
fn theirs(xml: &str) -> Option<Vec<(String, String)>> {
    let mut reader = Reader::from_str(xml);
    let mut leaves = Vec::new();
    let (mut path, mut text) = (Vec::new(), String::new());
    let (mut elements, mut innermost) = (0, false);
    loop {
        match reader.read_event().ok()? {
            // The one thing that it lets pass and we do not.
            Event::Start(start) if start.name().as_ref().is_empty() => return None,
            Event::Start(start) => {
                elements += 1;
                path.push(start.local_name().into_inner().to_owned());
                text.clear();
                innermost = true;
            }
            Event::Empty(_) => {
                elements += 1;
                innermost = false;
            }
            Event::End(_) => {
                if innermost {
                    leaves.push((path.join("/"), text.trim().to_owned()));
                }
                innermost = false;
                path.pop()?;
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => match quick_xml::escape::resolve_predefined_entity(&name.xml10_content()) {
                Some(known) => text.push_str(known),
                None => text.push(name.resolve_char_ref().ok()??),
            },
            Event::DocType(_) => return None,
            Event::Eof => return (elements > 0 && path.is_empty()).then_some(leaves),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn ours(xml: &str) -> Option<Vec<(String, String)>> {
    let leaves = Answer::parse(xml.as_bytes()).ok()?.0;
    Some(leaves.into_iter().map(|(path, text)| (path, text.expose().to_owned())).collect())
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn broken_answers_read_as_another_reader_reads_them() {
    let mut random = Random(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let mut xml: Vec<char> = SAMPLES[random.below(SAMPLES.len())].chars().collect();
        for _ in 0..random.below(4) {
            let at = random.below(xml.len() + 1);
            match random.below(3) {
                0 => drop(xml.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
                1 => xml.truncate(at),
                _ => drop(xml.drain(at..(at + random.below(9)).min(xml.len()))),
            }
        }
        let xml: String = xml.into_iter().collect();
        let found = theirs(&xml);
        assert_eq!(ours(&xml), found, "{xml:?}");
        *(if found.is_some() { &mut read } else { &mut refused }) += 1;
    }
    assert!(read > ROUNDS / 10 && refused > ROUNDS / 10, "{read} {refused}");
}

const ROUNDS: usize = 20_000;

const SAMPLES: [&str; 4] = [
    "<?xml version='1.0'?>\r\n<AResponse xmlns=\"https://x/?a>b\">\r\n <AResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
     <SessionToken>a/b+c==</SessionToken></Credentials></AResult><Id/></AResponse>\n",
    "<n:ErrorResponse xmlns:n='y'><Error><Code>AccessDenied</Code><Message>no &amp; &#x42;&#67; <![CDATA[<&>]]>!\
     </Message></Error><!-- - --><RequestId >1</RequestId ></n:ErrorResponse>",
    "<a><b>1</b> text <c> 2\r3 </c><d e='/>' f=\"'\"/></a><g></g>",
    "<html><p>nicht hier: é</p><br></html>",
];

const PIECES: [&str; 24] = [
    "<",
    ">",
    "/",
    "&",
    ";",
    "\"",
    "'",
    "<a>",
    "</a>",
    "<a/>",
    "<!-- ",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "&lt;",
    "&#65;",
    "&#x0;",
    "&own;",
    "<!",
    "\r\n",
    ":",
    "é",
];

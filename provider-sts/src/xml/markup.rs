//! What stands between `<` and `>`, and the text before it.

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Markup<'a> {
    /// An element begins, by its name as it is written.
    Start(&'a str),
    /// An element that holds nothing.
    Empty,
    /// An element ends.
    End(&'a str),
    /// Text that was taken, a comment, or what is meant for programs.
    Other,
}

/// The next piece of markup in `rest`, or `None` at its end. The text before is added to `text`.
pub(super) fn next_markup<'a>(rest: &mut &'a str, text: &mut String) -> Result<Option<Markup<'a>>, &'static str> {
    let Some(before) = cut(rest, "<") else {
        push_text(text, rest)?;
        return Ok(None);
    };
    push_text(text, before)?;
    let found = if skip(rest, "/") {
        cut(rest, ">").map(|name| Markup::End(name.trim_ascii_end()))
    } else if skip(rest, "!--") {
        cut(rest, "-->").map(|_comment| Markup::Other)
    } else if skip(rest, "![CDATA[") {
        cut(rest, "]]>").map(|plain| {
            push_lines(text, plain);
            Markup::Other
        })
    } else if skip(rest, "?") {
        cut(rest, "?>").filter(|instruction| !instruction.starts_with('>')).map(|_instruction| Markup::Other)
    } else if rest.starts_with('!') {
        return Err(match rest.as_bytes().get(1..8) {
            Some(word) if word.eq_ignore_ascii_case(b"DOCTYPE") => {
                "has a document type, which no answer of the service has"
            }
            _ => NOT_XML,
        });
    } else {
        cut_tag(rest).and_then(start)
    };
    found.map(Some).ok_or(NOT_XML)
}

/// What a tag begins, or holds nothing; `None` for one without a name.
fn start(tag: &str) -> Option<Markup<'_>> {
    if tag.ends_with('/') {
        return Some(Markup::Empty);
    }
    let end = tag.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(tag.len());
    tag.get(..end).filter(|name| !name.is_empty()).map(Markup::Start)
}

/// What stands before `end`; takes both from `rest`.
fn cut<'a>(rest: &mut &'a str, end: &str) -> Option<&'a str> {
    let at = rest.as_bytes().windows(end.len()).position(|window| window == end.as_bytes())?;
    let before = rest.get(..at)?;
    *rest = rest.get(at + end.len()..)?;
    Some(before)
}

/// The same for the `>` that ends a tag: in quotes it does not.
fn cut_tag<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => {
                let tag = rest.get(..at)?;
                *rest = rest.get(at + 1..)?;
                return Some(tag);
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(mark), _) if mark == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Takes `start` from `rest`, if it begins so.
fn skip(rest: &mut &str, start: &str) -> bool {
    let after = rest.strip_prefix(start);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

/// Adds text, its references replaced by what they stand for.
fn push_text(text: &mut String, mut raw: &str) -> Result<(), &'static str> {
    while let Some(before) = cut(&mut raw, "&") {
        push_lines(text, before);
        let name = cut(&mut raw, ";").ok_or(NOT_XML)?;
        text.push(character(name).ok_or("uses an entity that XML does not define")?);
    }
    push_lines(text, raw);
    Ok(())
}

/// Adds text; however a line ends, it ends in a line feed.
fn push_lines(text: &mut String, raw: &str) {
    for (index, line) in raw.split('\r').enumerate() {
        if index > 0 && !line.starts_with('\n') {
            text.push('\n');
        }
        text.push_str(line);
    }
}

/// The five characters that XML names, and numbers.
fn character(name: &str) -> Option<char> {
    let (digits, radix) = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => match name.strip_prefix('#')? {
            hexadecimal if hexadecimal.starts_with('x') => (&hexadecimal[1..], 16),
            decimal => (decimal, 10),
        },
    };
    let mut code = 0_u32;
    for digit in digits.chars() {
        code = code.checked_mul(radix)?.checked_add(digit.to_digit(radix)?)?;
    }
    // Nothing stands for itself, nor for the end of a text.
    char::from_u32(code).filter(|character| *character != '\0')
}

pub(super) const NOT_XML: &str = "is not XML";

//! What is asked of texts in many places.
//!
//! None of it is inlined: the generic code behind each would be compiled once more wherever it is used.

/// The text before and behind the first `at`.
#[inline(never)]
pub(crate) fn cut(text: &str, at: char) -> Option<(&str, &str)> {
    text.split_once(at)
}

/// Whether two texts differ at most in the case of ASCII letters.
#[inline(never)]
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether a text starts with white space as the files know it.
#[inline(never)]
pub(crate) fn is_indented(text: &str) -> bool {
    text.starts_with(BLANK)
}

/// Lines that end with CR, LF or both.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || next_line(&mut rest))
}

#[inline(never)]
fn next_line<'a>(rest: &mut Option<&'a str>) -> Option<&'a str> {
    let text = rest.take()?;
    let Some(end) = text.bytes().position(|b| matches!(b, b'\r' | b'\n')) else { return Some(text) };
    let (line, behind) = text.split_at(end);
    *rest = behind.strip_prefix("\r\n").or_else(|| behind.get(1..));
    Some(line)
}

/// White space between words of a line.
pub(crate) const BLANK: [char; 2] = [' ', '\t'];

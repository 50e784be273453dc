//! What is asked of texts in many places.
//!
//! What has generic code behind it is not inlined: that would be compiled once more wherever it is used.

/// The text before and behind the first `at`, which is ASCII.
#[inline(never)]
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let (before, behind) = text.split_at(text.bytes().position(|b| b == at)?);
    Some((before, behind.get(1..)?))
}

/// Whether two texts differ at most in the case of ASCII letters.
#[inline(never)]
pub(crate) fn same(one: &str, other: &str) -> bool {
    // By letters, since the code of `eq_ignore_ascii_case` for texts is several times as long.
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
}

/// The place of a word among a few, in any case.
#[inline(never)]
pub(crate) fn place(words: &[&str], word: &str) -> Option<usize> {
    words.iter().position(|known| same(known, word))
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

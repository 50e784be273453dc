//! A command line taken apart, without a shell: nothing is expanded.

use tucuxi_core::Secret;
use zeroize::Zeroizing;

/// What is wrong with a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Quote,
    Backslash,
}

/// Wiped when dropped, since an argument may be a secret.
pub(crate) type Words = Vec<Secret>;

/// By the rules of the system this runs on.
pub(crate) fn split(line: &str) -> Result<Words, Fault> {
    if cfg!(windows) { windows(line) } else { posix(line) }
}

/// Like a POSIX shell, as Python's `shlex` reads it: in double quotes a backslash is special only in front
/// of a double quote and of a backslash.
fn posix(line: &str) -> Result<Words, Fault> {
    let mut words = Splitter::new(line);
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let meant = match (quote, character) {
            (None, '\'' | '"') => {
                quote = Some(character);
                words.begun = true;
                continue;
            }
            (Some(open), close) if open == close => {
                quote = None;
                continue;
            }
            (None, '\\') => characters.next().ok_or(Fault::Backslash)?,
            (Some('"'), '\\') => {
                let escaped = characters.next().ok_or(Fault::Quote)?;
                if !matches!(escaped, '"' | '\\') {
                    words.push('\\');
                }
                escaped
            }
            (None, blank) if is_blank(blank) => {
                words.end();
                continue;
            }
            (_, other) => other,
        };
        words.push(meant);
    }
    if quote.is_some() { Err(Fault::Quote) } else { Ok(words.finish()) }
}

/// Like the C runtime of Windows: a backslash is special only in front of a double quote.
fn windows(line: &str) -> Result<Words, Fault> {
    let mut words = Splitter::new(line);
    let (mut quoted, mut backslashes) = (false, 0);
    for character in line.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                words.begun = true;
                words.push_backslashes(backslashes / 2);
                if backslashes % 2 == 1 {
                    words.push('"');
                } else {
                    quoted = !quoted;
                }
                backslashes = 0;
            }
            other => {
                words.push_backslashes(std::mem::take(&mut backslashes));
                if is_blank(other) && !quoted {
                    words.end();
                } else {
                    words.push(other);
                }
            }
        }
    }
    words.push_backslashes(backslashes);
    if quoted { Err(Fault::Quote) } else { Ok(words.finish()) }
}

/// Words as they grow.
struct Splitter {
    done: Words,
    /// With room for the whole line, so that it leaves no copies where it grew out of.
    word: Zeroizing<String>,
    begun: bool,
}

impl Splitter {
    fn new(line: &str) -> Self {
        Self { done: Vec::new(), word: Zeroizing::new(String::with_capacity(line.len())), begun: false }
    }

    #[inline(never)]
    fn push(&mut self, character: char) {
        self.begun = true;
        self.word.push(character);
    }

    fn push_backslashes(&mut self, count: usize) {
        (0..count).for_each(|_| self.push('\\'));
    }

    #[inline(never)]
    fn end(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.done.push(Secret::from(self.word.as_str()));
            self.word.clear();
        }
    }

    fn finish(mut self) -> Words {
        self.end();
        self.done
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(splitter: fn(&str) -> Result<Words, Fault>, line: &str, expected: Result<&[&str], Fault>) {
        let words = splitter(line);
        let words = words.as_ref().map(|words| words.iter().map(Secret::expose).collect::<Vec<_>>());
        assert_eq!(words.as_deref().map_err(|fault| **fault), expected, "{line}");
    }

    #[test]
    fn posix_words() {
        let check = |line, expected| check(posix, line, expected);
        check("", Ok(&[]));
        check(" \t\r\n", Ok(&[]));
        check("a b  c\td\ne", Ok(&["a", "b", "c", "d", "e"]));
        check("'a b' \"c d\"", Ok(&["a b", "c d"]));
        check("a'b c'd\"e f\"g", Ok(&["ab cde fg"]));
        check("'' \"\" a''", Ok(&["", "", "a"]));
        check(r"a\ b \'c \\", Ok(&["a b", "'c", "\\"]));
        check(r"'a\b'", Ok(&[r"a\b"]));
        check(r#""a\"b\\c\d\$e""#, Ok(&[r#"a"b\c\d\$e"#]));
        check("~/bin/x $HOME `id` | tee; # no", Ok(&["~/bin/x", "$HOME", "`id`", "|", "tee;", "#", "no"]));
        check("helper --name=é", Ok(&["helper", "--name=é"]));
        check("'a", Err(Fault::Quote));
        check("a \"b", Err(Fault::Quote));
        check(r#""a\"#, Err(Fault::Quote));
        check("a\\", Err(Fault::Backslash));
    }

    #[test]
    fn windows_words() {
        let check = |line, expected| check(windows, line, expected);
        check("", Ok(&[]));
        check(r#""C:\Program Files\helper.exe" -a"#, Ok(&[r"C:\Program Files\helper.exe", "-a"]));
        check(r"C:\bin\helper.exe a\b \\server\share\", Ok(&[r"C:\bin\helper.exe", r"a\b", r"\\server\share\"]));
        check("'a b'", Ok(&["'a", "b'"]));
        check(r#"a "" b"#, Ok(&["a", "", "b"]));
        check(r#"\"a\\" b\\\"c""#, Ok(&[r#""a\ b\"c"#]));
        check(r#"\"a b\\\"c "d\\""#, Ok(&["\"a", r#"b\"c"#, r"d\"]));
        check("\"a", Err(Fault::Quote));
    }
}

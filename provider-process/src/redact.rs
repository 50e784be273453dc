//! The end of what a helper complained about, fit to be shown.

use tucuxi_core::Secret;

/// The last line or two of `stderr`, without control characters and without anything that looks like a
/// secret; `arguments` are those the helper was started with.
pub(crate) fn tail(stderr: &[u8], arguments: &[Secret]) -> String {
    let text = plain(&String::from_utf8_lossy(stderr));
    // A label, then perhaps a separator that stands alone, then the secret.
    let (mut after_name, mut after_label) = (false, false);
    let mut line = Vec::new();
    for word in text.as_bytes().split(|byte| *byte == b' ') {
        if word.is_empty() {
            continue;
        }
        let separates = after_name && matches!(word, b":" | b"=" | b"=>");
        let joined = after_name && matches!(word, [b':' | b'=', ..]);
        let hide = !separates && (after_label || joined) || is_random(word) || repeats(word, arguments);
        after_name = names_secret(word);
        after_label =
            separates || after_name && matches!(word, [.., b':' | b'=']) || word.eq_ignore_ascii_case(b"bearer");
        let shown = if hide { b"" } else { unlabelled(word) };
        let blank: &[u8] = if line.is_empty() { b"" } else { b" " };
        let hidden: &[u8] = if shown.len() < word.len() { b"[redacted]" } else { b"" };
        add(&mut line, blank);
        add(&mut line, shown);
        add(&mut line, hidden);
    }
    // Back over so many characters, of which each has one byte that continues none.
    let mut left = MAX;
    let start = line.iter().rposition(|byte| {
        left -= usize::from(byte & 0xc0 != 0x80);
        left == 0
    });
    let start = start.unwrap_or(0);
    let dots = if start > 0 { ".." } else { "" };
    format!("{dots}{}", String::from_utf8_lossy(&line[start..]))
}

#[inline(never)]
fn add(line: &mut Vec<u8>, part: &[u8]) {
    line.extend_from_slice(part);
}

/// `password=` of `password=x`.
fn unlabelled(word: &[u8]) -> &[u8] {
    match word.iter().position(|byte| matches!(byte, b'=' | b':')) {
        Some(at) if names_secret(&word[..at]) => &word[..=at],
        _ => word,
    }
}

#[inline(never)]
fn names_secret(word: &[u8]) -> bool {
    const NAMES: &[&str] = &["secret", "token", "passw", "passphrase", "key", "credential", "authorization"];
    NAMES.iter().any(|name| holds(word, name.as_bytes()))
}

/// Whether a word has a part that is not empty, in any case.
#[inline(never)]
fn holds(word: &[u8], part: &[u8]) -> bool {
    let is_here = |rest: &[u8]| part.iter().zip(rest).all(|(one, other)| one.eq_ignore_ascii_case(other));
    !part.is_empty() && (part.len()..=word.len()).any(|end| is_here(&word[end - part.len()..end]))
}

/// Letters and digits, or small and capital letters, in one long run: a key, a token, a hash.
fn is_random(word: &[u8]) -> bool {
    let (mut run, mut digit, mut letter, mut small, mut inner_capital) = (0, false, false, false, false);
    for byte in word {
        if !byte.is_ascii_alphanumeric() {
            (run, digit, letter, small, inner_capital) = (0, false, false, false, false);
            continue;
        }
        digit |= byte.is_ascii_digit();
        letter |= byte.is_ascii_alphabetic();
        small |= byte.is_ascii_lowercase();
        inner_capital |= run > 0 && byte.is_ascii_uppercase();
        run += 1;
        if run >= 24 || run >= 8 && (digit && letter || inner_capital && small) {
            return true;
        }
    }
    false
}

/// Whether a word has an argument that follows, or a part of one that is, an option whose name says that it is secret.
fn repeats(word: &[u8], arguments: &[Secret]) -> bool {
    let mut follows = false;
    for argument in arguments {
        let argument = argument.expose().as_bytes();
        let end = argument.iter().position(|byte| *byte == b'=').unwrap_or(argument.len());
        let is_named = argument.starts_with(b"-") && names_secret(&argument[..end]);
        let value = argument.get(end + 1..).unwrap_or_default();
        if follows && holds(word, argument) || is_named && holds(word, value) {
            return true;
        }
        follows = is_named && end == argument.len();
    }
    false
}

/// Without control characters and terminal sequences, and no white space but blanks.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut in_sequence = false;
    for character in text.chars() {
        match character {
            // Up to the letter that ends the sequence.
            _ if in_sequence => in_sequence = !character.is_ascii_alphabetic(),
            '\u{1b}' => in_sequence = true,
            _ => plain.push(if character.is_control() || character.is_whitespace() { ' ' } else { character }),
        }
    }
    plain
}

const MAX: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stderr: &str, arguments: &[&str], expected: &str) {
        let arguments: Vec<_> = arguments.iter().map(|word| Secret::from(*word)).collect();
        assert_eq!(tail(stderr.as_bytes(), &arguments), expected);
    }

    #[test]
    fn words_stay_and_secrets_go() {
        check("", &[], "");
        check("not signed in; run `vault login`\n", &[], "not signed in; run `vault login`");
        check(
            "role arn:aws:iam::123456789012:role/dev in us-east-1",
            &[],
            "role arn:aws:iam::123456789012:role/dev in us-east-1",
        );
        check("open /home/user/.aws/config: no such file", &[], "open /home/user/.aws/config: no such file");
        check(
            "SecretAccessKey \x1b[31mwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\x1b[0m bad",
            &[],
            "[redacted] [redacted] bad",
        );
        check("got ASIAIOSFODNN7EXAMPLE", &[], "got [redacted]");
        check(
            "password=hunter2 token: abc Bearer xyz end",
            &[],
            "password=[redacted] token: [redacted] Bearer [redacted] end",
        );
        check("password = hunter2 now", &[], "password = [redacted] now");
        check("secret_access_key = tiny1", &[], "secret_access_key = [redacted]");
        check(r#"{ "token" : "abc", "a" : "b" }"#, &[], r#"{ "token" : [redacted] "a" : "b" }"#);
        check("password =hunter2 token= abc", &[], "password [redacted] token= [redacted]");
        check("the token has ended", &[], "the token has ended");
        check("wrong pin: hunter2", &["--password", "hunter2"], "wrong pin: [redacted]");
        check("wrong pin: hunter2!", &["--api-key=hunter2"], "wrong pin: [redacted]");
        check("no profile hunter2", &["--profile", "hunter2"], "no profile hunter2");
        check("a\r\n\tb\u{7}c", &[], "a b c");
    }

    #[test]
    fn only_the_end_is_shown() {
        let long = "word ".repeat(200);
        let shown = tail(long.as_bytes(), &[]);
        assert!(shown.starts_with("..") && shown.len() == MAX + 2, "{shown}");
        let accents = "é ".repeat(400);
        assert!(tail(accents.as_bytes(), &[]).chars().count() == MAX + 2);
        assert_eq!(tail(&[0xff, b' ', b'a'], &[]), "\u{fffd} a");
    }
}

//! The end of what a helper complained about, fit to be shown.

use crate::split::Word;

/// The last line or two of `stderr`, without control characters and without anything that looks like a
/// secret; `arguments` are those the helper was started with.
pub(crate) fn tail(stderr: &[u8], arguments: &[Word]) -> String {
    let text = plain(&String::from_utf8_lossy(stderr));
    let hidden = secrets(arguments);
    // A label, then perhaps a separator that stands alone, then the secret.
    let (mut after_name, mut after_label) = (false, false);
    let mut line = String::new();
    for word in text.split_whitespace() {
        let separates = after_name && matches!(word, ":" | "=" | "=>");
        let joined = after_name && word.starts_with([':', '=']);
        let hide =
            !separates && (after_label || joined) || is_random(word) || hidden.iter().any(|secret| holds(word, secret));
        after_name = names_secret(word);
        after_label = separates || after_name && word.ends_with([':', '=']) || word.eq_ignore_ascii_case("bearer");
        let shown = if hide { "" } else { unlabelled(word) };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(shown);
        if shown.len() < word.len() {
            line.push_str(HIDDEN);
        }
    }
    match line.char_indices().rev().nth(MAX - 1) {
        Some((start, _)) if start > 0 => format!("..{}", &line[start..]),
        _ => line,
    }
}

/// `password=` of `password=x`.
fn unlabelled(word: &str) -> &str {
    match word.find(['=', ':']) {
        Some(at) if names_secret(&word[..at]) => &word[..=at],
        _ => word,
    }
}

fn names_secret(word: &str) -> bool {
    const NAMES: &[&str] = &["secret", "token", "passw", "passphrase", "key", "credential", "authorization"];
    NAMES.iter().any(|name| holds(word, name))
}

/// Whether a word has a part that is not empty, in any case.
#[cold]
fn holds(word: &str, part: &str) -> bool {
    word.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Letters and digits, or small and capital letters, in one long run: a key, a token, a hash.
fn is_random(word: &str) -> bool {
    word.as_bytes().split(|b| !b.is_ascii_alphanumeric()).any(|run| {
        let (mut digit, mut letter, mut small, mut inner_capital) = (false, false, false, false);
        for (at, b) in run.iter().enumerate() {
            digit |= b.is_ascii_digit();
            letter |= b.is_ascii_alphabetic();
            small |= b.is_ascii_lowercase();
            inner_capital |= at > 0 && b.is_ascii_uppercase();
        }
        run.len() >= 24 || run.len() >= 8 && (digit && letter || inner_capital && small)
    })
}

/// Arguments that follow, or are part of, an option whose name says that they are secret.
fn secrets(arguments: &[Word]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut follows = false;
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        let is_named = name.starts_with('-') && names_secret(name);
        for secret in [if follows { argument } else { "" }, if is_named { value } else { "" }] {
            if !secret.is_empty() {
                found.push(secret);
            }
        }
        follows = is_named && name.len() == argument.len();
    }
    found
}

/// Without control characters and terminal sequences.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                // Up to the letter that ends the sequence.
                characters.by_ref().find(|c| c.is_ascii_alphabetic());
            }
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

const HIDDEN: &str = "[redacted]";
const MAX: usize = 240;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stderr: &str, arguments: &[&str], expected: &str) {
        let arguments: Vec<_> = arguments.iter().map(|word| Word::new((*word).to_owned())).collect();
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

//! The other direction: what a provider says when it fails is quoted in TROUBLESHOOTING.md.

use super::Findings;
use super::tree::Tree;
use super::troubleshooting::{DOCUMENT, joined, pieces, spans};

/// Every text that a provider makes an error of has words that the document quotes.
///
/// Texts that reach an error by another way than these calls are not seen: the rule finds what was forgotten, and
/// proves nothing.
pub(super) fn quoted(tree: &Tree, findings: &mut Findings) {
    let Some(document) = tree.text(DOCUMENT) else { return };
    let quotes: Vec<String> = spans(document).into_iter().map(|(_, span)| span).collect();
    let words: Vec<String> = quotes.iter().flat_map(|span| pieces(span)).filter(|piece| says(piece)).collect();
    for source in tree.sources().filter(|source| source.package().starts_with("provider-")) {
        let code = joined(&source);
        for text in texts(&code).into_iter().filter(|text| !NOT_FOR_USERS.iter().any(|part| text.contains(part))) {
            let runs: Vec<&str> = runs(text).collect();
            let is_quoted = words.iter().any(|piece| text.contains(piece.as_str()))
                || runs.iter().any(|run| quotes.iter().any(|span| span.contains(run)));
            if !runs.is_empty() && !is_quoted {
                findings.error(format!("{}: {DOCUMENT} does not quote {text:?}", source.path));
            }
        }
    }
}

/// The first text in each call that makes an error. A cure in its place says that the text is made elsewhere.
fn texts(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for call in CALLS {
        for (at, _) in code.match_indices(call) {
            let (before, rest) = (&code[..at], &code[at + call.len()..]);
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') || before.ends_with("fn ") {
                continue;
            }
            let Some(start) = opening(rest).filter(|start| !rest[..*start].ends_with("Some(format_args!(")) else {
                continue;
            };
            let text = &rest[start + 1..];
            let mut escaped = false;
            let end = text.find(|c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            found.extend(end.map(|end| &text[..end]));
        }
    }
    found
}

/// Where the first quote of a call is, before its closing parenthesis.
fn opening(rest: &str) -> Option<usize> {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => return Some(at),
            '(' => depth += 1,
            ')' if depth == 1 => return None,
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The words between what is filled in.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(['{', '}']).step_by(2).map(|run| run.trim_matches([' ', ':', ',', '(', ')'])).filter(|run| says(run))
}

/// One word, or two short ones, stand in many texts.
fn says(words: &str) -> bool {
    words.len() >= 8 && words.contains(' ')
}

const CALLS: &[&str] = &[
    "failure(",
    "wrong(",
    "absent(",
    "refuse(",
    "refused(",
    "misprint(",
    "bad(",
    "let what = format_args!(",
    "invalid_config(",
    "denied(",
    "unavailable(",
];

/// What only a programmer meets, what is the reason that another source is asked, and what nobody can put right.
const NOT_FOR_USERS: &[&str] = &[
    "AssumeRoot ",
    "instance metadata was not read",
    "this program brought no provider for that",
    "no [Credentials] with ",
    "no key could be made",
    "no signature could be made",
    "the system gives no random numbers",
];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn each_exception_is_a_text_that_is_there() {
        let tree = Tree::load(&crate::command::root()).unwrap();
        let providers = tree.sources().filter(|source| source.package().starts_with("provider-"));
        let code: String = providers.map(|source| joined(&source)).collect();
        let all = texts(&code);
        for part in NOT_FOR_USERS {
            assert!(all.iter().any(|text| text.contains(part)), "{part}");
        }
    }

    #[test]
    fn an_error_that_the_document_does_not_quote_is_found() {
        let document = (DOCUMENT, "- `HOST has no address`, `is neither true nor false`: correct it.\n");
        let code = |text: &'static str| ("provider-x/src/lib.rs", text);
        let lacking = |text: &str| format!("provider-x/src/lib.rs: {DOCUMENT} does not quote {text:?}");
        for right in [
            "failure(Kind, format_args!(\"{host} has no address at all\"), None)",
            "wrong(\n  format_args!(\"{key} is neither true \\\n    nor false\"), \"write true or false\")",
            "failure(Kind, what, Some(format_args!(\"set it again\")))",
            "fn wrong(what: &str) { log(\"nothing was found\") }",
            "debug!(\"nothing was found\"); wrong(\"{a}: {b}\"); wrong(); \"nothing was found\"",
            "#[cfg(test)]\nmod tests {\n    wrong(\"nothing was found\")\n}",
        ] {
            check(quoted, &[document, code(right)], &[]);
        }
        check(quoted, &[document, ("core/src/lib.rs", "wrong(\"nothing was found\")")], &[]);
        for wrong in [
            "wrong(\"nothing was found\")",
            "let what = format_args!(\"nothing was found\");",
            "Error::denied(format!(\"nothing was found\"))",
        ] {
            check(quoted, &[document, code(wrong)], &[&lacking("nothing was found")]);
        }
        check(quoted, &[document, code("wrong(\"a \\\"{x}\\\" was found\")")], &[&lacking("a \\\"{x}\\\" was found")]);
    }
}

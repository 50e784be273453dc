//! TROUBLESHOOTING.md against the code: a heading for each source, and messages as they are printed.

use super::Findings;
use super::tree::{Source, Tree};

/// Every link of the default chain has a heading that begins with its id, and so has what is given or asked for in code.
pub(super) fn sources(tree: &Tree, findings: &mut Findings) {
    let Some(text) = tree.text(DOCUMENT) else { return findings.error(format!("{DOCUMENT} is missing")) };
    let Some(chain) = tree.sources().find(|source| source.path == CHAIN) else {
        return findings.error(format!("{CHAIN} is missing"));
    };
    let links: Vec<&str> = chain.code().filter_map(|(_, line)| quoted(line.split_once(".link(\"")?.1)).collect();
    if links.is_empty() {
        findings.error(format!("{CHAIN}: no links found"));
    }
    let asked = asked_for(tree);
    if asked.is_empty() {
        findings.error(format!("{FACADE}: no sources found that code asks for"));
    }
    for id in links.into_iter().chain(asked.iter().map(String::as_str)) {
        if !text.lines().any(|line| line.strip_prefix("## ").is_some_and(|rest| rest.starts_with(&format!("{id}: ")))) {
            findings.error(format!("{DOCUMENT}: no heading `## {id}: ...`"));
        }
    }
}

/// The ids of keys given in code, and of what code alone asks for.
fn asked_for(tree: &Tree) -> Vec<String> {
    let mut ids = Vec::new();
    for source in tree.sources().filter(|source| source.path.starts_with(FACADE)) {
        let mut before = "";
        for (_, line) in source.code() {
            let named = match before.ends_with("fn id(&self) -> &'static str {") {
                true => line.trim().strip_prefix('"'),
                false => line.strip_prefix("const EXPLICIT: &str = \""),
            };
            ids.extend(named.and_then(quoted).map(str::to_owned));
            before = line;
        }
    }
    ids
}

/// What stands before the closing quote.
fn quoted(text: &str) -> Option<&str> {
    text.split('"').next()
}

/// What is quoted as a message stands in the code. Names, numbers, places and keys are whatever the case is about.
pub(super) fn messages(tree: &Tree, findings: &mut Findings) {
    let Some(text) = tree.text(DOCUMENT) else { return };
    let said = code(tree);
    for (number, span) in spans(text) {
        for piece in pieces(&span).filter(|piece| !said.contains(piece.as_str())) {
            findings.error(format!("{DOCUMENT}:{number}: no message says {piece:?}"));
        }
    }
}

/// All code that is shipped, in one line: a text that goes on in the next line is one text.
fn code(tree: &Tree) -> String {
    let mut text = String::new();
    for source in tree.sources().filter(|source| !INSIDE.contains(&source.package())) {
        text.push_str(&joined(&source));
    }
    text
}

/// The code of a file, in which a text is in one line.
pub(super) fn joined(source: &Source<'_>) -> String {
    let mut text = String::new();
    for (_, line) in source.code() {
        match line.trim().strip_suffix('\\') {
            Some(open) => text.push_str(open),
            None => text.extend([line.trim(), "\n"]),
        }
    }
    text
}

/// The quoted texts of the lists, with the lines on which they begin, but for commands.
pub(super) fn spans(text: &str) -> Vec<(usize, String)> {
    let mut spans = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with(['#', '|', '<'])) {
        for (part, piece) in line.trim().split('`').enumerate() {
            if part > 0 {
                open = match open.take() {
                    Some(done) => {
                        spans.push(done);
                        None
                    }
                    None => Some((index + 1, String::new())),
                };
            }
            if let Some((_, span)) = &mut open {
                if part == 0 {
                    span.push(' ');
                }
                span.push_str(piece);
            }
        }
    }
    spans.retain(|(_, span)| !COMMANDS.iter().any(|command| span.starts_with(command)));
    spans
}

/// The runs of words between what differs from case to case; single short words say nothing.
pub(super) fn pieces(span: &str) -> impl Iterator<Item = String> {
    let mut runs = vec![Vec::new()];
    for word in span.split(' ') {
        match is_placeholder(word) {
            true => runs.push(Vec::new()),
            false => runs.last_mut().into_iter().for_each(|run| run.push(word)),
        }
    }
    let words = span.split(' ').count();
    runs.into_iter().map(|run| run.join(" ")).filter(move |run| words > 2 && run.len() >= 8)
}

/// `HOST`, `FILE:LINE:`, `(AWS_PROFILE)`, `NAME]`, `"dev"`, `403`, `60s`, `role_arn`, `AccessDenied`, `...`
fn is_placeholder(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| "()[]:,.\"".contains(c));
    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_:".contains(c);
    let hump = bare.chars().zip(bare.chars().skip(1)).any(|(one, next)| one.is_lowercase() && next.is_uppercase());
    word.contains('"')
        || bare.is_empty()
        || bare.contains('_')
        || hump
        || bare.chars().all(name)
        || bare.starts_with(|c: char| c.is_ascii_digit())
}

pub(super) const DOCUMENT: &str = "TROUBLESHOOTING.md";
const FACADE: &str = "facade/src/";
const CHAIN: &str = "facade/src/default_chain.rs";
/// What no user runs.
const INSIDE: &[&str] = &["testkit", "xtask", "sandbox"];
const COMMANDS: &[&str] = &["aws ", "tucuxi ", "cargo "];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_source_without_a_heading_is_found() {
        let chain = (CHAIN, "/// .link(\"vault\", x)\nChain::builder()\n.link(\"env\", a)\n.link(\"iam-role\", b)\n");
        let asked = (
            "facade/src/saml.rs",
            "const EXPLICIT: &str = \"explicit\";\nimpl Step for Saml {\n    fn id(&self) -> &'static str {\n        \"saml\"\n    }\n",
        );
        let right = "## explicit: keys\n## env: variables\n## iam-role: EC2\n## saml: a role\n";
        check(sources, &[chain, asked, (DOCUMENT, right)], &[]);
        for id in ["explicit", "env", "iam-role", "saml"] {
            let wrong = right.replace(&format!("## {id}: "), &format!("## {id} "));
            let lacking = format!("TROUBLESHOOTING.md: no heading `## {id}: ...`");
            check(sources, &[chain, asked, (DOCUMENT, &wrong)], &[&lacking]);
        }
        check(sources, &[(CHAIN, "nothing"), asked, (DOCUMENT, right)], &["facade/src/default_chain.rs: no links"]);
        check(sources, &[chain, (DOCUMENT, right)], &["facade/src/: no sources"]);
    }

    #[test]
    fn a_message_that_nobody_prints_is_found() {
        let code =
            ("a/src/lib.rs", "format!(\"{key} at {} leads \\\n  in a circle: {path}\")\n\"the file is not UTF-8\"");
        let document = |text: &str| format!("- {text}\n");
        let right = document(
            "`role_arn at FILE:LINE leads in a circle`,\n  `the file is\n  not UTF-8`: run `aws sso login now`",
        );
        check(messages, &[code, (DOCUMENT, &right)], &[]);
        let wrong = document("`a b`\n- `source_profile at FILE:3 goes round in a circle`");
        check(messages, &[code, (DOCUMENT, &wrong)], &["TROUBLESHOOTING.md:2: no message says \"goes round"]);
    }
}

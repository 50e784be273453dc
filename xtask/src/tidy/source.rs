//! What stands in the Rust files.

use super::Findings;
use super::tree::{Source, Tree};

/// `wire.rs` and `plan.rs` turn values into values.
pub(super) fn pure_files(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources().filter(is_pure) {
        for (number, line) in source.code() {
            for word in ["async", "Context"].into_iter().filter(|word| has_word(line, word)) {
                findings.error(format!("{}:{number}: {word}", source.path));
            }
        }
    }
}

fn is_pure(source: &Source<'_>) -> bool {
    let name = source.file_name();
    name == "wire.rs" || name == "plan.rs" || source.path.contains("/wire/") || source.path.contains("/plan/")
}

/// One reader of the shared files means one set of rules about them. Tools that write a home of their own are free.
pub(super) fn config_files(tree: &Tree, findings: &mut Findings) {
    let readers = ["provider-profile", "sandbox", "testkit", "xtask"];
    for source in tree.sources().filter(|source| !readers.contains(&source.package())) {
        for (number, line) in source.code() {
            for name in ["\"AWS_CONFIG_FILE\"", "\"AWS_SHARED_CREDENTIALS_FILE\""] {
                if line.contains(name) {
                    findings.error(format!("{}:{number}: {name} is provider-profile's to read", source.path));
                }
            }
        }
    }
}

/// Names say what is yielded, not that something is got or handled. AWS's own operations keep their names.
pub(super) fn names(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources() {
        if matches!(source.file_name(), "utils.rs" | "util.rs" | "helpers.rs") || source.path.contains("/utils/") {
            findings.error(format!("{}: name the file after what is in it", source.path));
        }
        for (number, line) in source.code() {
            let Some(name) = function_name(line) else { continue };
            if name.starts_with("handle_") || name.starts_with("get_") && !NAMED_ELSEWHERE.contains(&name) {
                findings.error(format!("{}:{number}: fn {name}", source.path));
            }
        }
    }
}

fn function_name(line: &str) -> Option<&str> {
    let at = line.find("fn ")?;
    let starts_a_word = line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_');
    let rest = &line[at + 3..];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (starts_a_word && end > 0).then(|| &rest[..end])
}

/// Short files are read whole.
pub(super) fn sizes(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources() {
        let lines = source.code().count();
        if lines > 300 {
            findings.error(format!("{}: {lines} code lines; split it by idea", source.path));
        } else if lines > 250 {
            findings.warn(format!("{}: {lines} code lines", source.path));
        }
    }
}

/// What is not done is an issue, not a comment.
pub(super) fn leftovers(tree: &Tree, findings: &mut Findings) {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")];
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".md")) {
        for (index, line) in text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| has_word(line, mark)) {
                findings.error(format!("{path}:{}: {mark}", index + 1));
            }
        }
    }
}

/// Whether the word stands in the line on its own.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part_of_word);
        let after = line[at + word.len()..].chars().next().is_some_and(part_of_word);
        !(before || after && word.ends_with(char::is_alphanumeric))
    })
}

/// Operations as AWS names them, and methods of traits that come from other crates.
const NAMED_ELSEWHERE: &[&str] = &[
    "get_bucket_location",
    "get_caller_identity",
    "get_federation_token",
    "get_object",
    "get_object_attributes",
    "get_object_tagging",
    "get_role_credentials",
    "get_secret_key",
    "get_session_token",
];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn impure_wire_is_found_and_comments_are_not() {
        let impure = "// async is fine here\nasync fn send(c: &Context) {}\nfn asynchronous() {}";
        check(pure_files, &[("a/src/wire.rs", impure)], &["a/src/wire.rs:2: async", "a/src/wire.rs:2: Context"]);
        check(pure_files, &[("a/src/plan/base.rs", "use x::Context;")], &["a/src/plan/base.rs:1: Context"]);
        check(pure_files, &[("a/src/provider.rs", impure)], &[]);
    }

    #[test]
    fn a_second_reader_of_the_shared_files_is_found() {
        let reads = "const FILE: &str = \"AWS_CONFIG_FILE\";";
        check(config_files, &[("provider-profile/src/location.rs", reads)], &[]);
        check(config_files, &[("facade/src/region.rs", reads)], &["facade/src/region.rs:1: \"AWS_CONFIG_FILE\""]);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        let text = "pub fn get_region() {}\npub async fn get_object() {}\nfn handle_it() {}\nfn forget_all() {}";
        check(names, &[("a/src/lib.rs", text)], &["a/src/lib.rs:1: fn get_region", "a/src/lib.rs:3: fn handle_it"]);
        check(names, &[("a/src/utils.rs", "")], &["a/src/utils.rs: name the file"]);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let long = "fn a() {}\n".repeat(301);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{long}}}\n", "// words\n\n".repeat(400));
        check(sizes, &[("a/src/lib.rs", &long)], &["a/src/lib.rs: 301 code lines"]);
        check(sizes, &[("a/src/lib.rs", &tested)], &[]);
    }

    #[test]
    fn what_is_left_for_later_is_found() {
        let later = format!("a\n// {} later\n", concat!("TO", "DO"));
        check(leftovers, &[("a/src/lib.rs", &later)], &[concat!("a/src/lib.rs:2: TO", "DO")]);
        check(leftovers, &[("a/src/lib.rs", "const METHODOLOGY: u8 = 1;")], &[]);
    }
}

//! What the oldest supported compiler refuses and no lint knows.

use super::Findings;
use super::tree::Tree;

/// Before Rust 1.89 what `format_args!` borrows ends with its statement, unless it has no arguments.
pub(super) fn kept_arguments(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources() {
        let mut statement = String::new();
        for (number, line) in source.code() {
            let line = line.trim();
            if statement.is_empty() && !begins(line) {
                continue;
            }
            statement.push_str(line);
            if line.ends_with(';') {
                if statement.contains('{') {
                    findings
                        .error(format!("{}:{number}: format_args! with arguments is kept in a variable", source.path));
                }
                statement.clear();
            }
        }
    }
}

/// Whether the line gives `format_args!`, or a value around it, to a variable: not one that a function makes of it.
fn begins(line: &str) -> bool {
    let value = line.strip_prefix("let ").and_then(|rest| rest.split_once(" = "));
    value.is_some_and(|(_, value)| {
        ["format_args!(", "Some(format_args!(", "(format_args!("].into_iter().any(|begin| value.starts_with(begin))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn kept_arguments_are_found() {
        let kept = ["a/src/lib.rs:1: format_args!"];
        check(kept_arguments, &[("a/src/lib.rs", "let what = format_args!(\"{name} is wrong\");")], &kept);
        check(kept_arguments, &[("a/src/lib.rs", "let what = Some(format_args!(\"{name} is wrong\"));")], &kept);
        check(kept_arguments, &[("a/src/lib.rs", "let (what, cure) = (format_args!(\"{name}\"), 1);")], &kept);
        let long = "let what = format_args!(\n    \"{} is wrong\",\n    name,\n);\n";
        check(kept_arguments, &[("a/src/lib.rs", long)], &["a/src/lib.rs:4: format_args!"]);
        check(kept_arguments, &[("a/src/lib.rs", "let what = format_args!(\"it is wrong\");")], &[]);
        check(kept_arguments, &[("a/src/lib.rs", "let error = failure(format_args!(\"{name} is wrong\"));")], &[]);
    }
}

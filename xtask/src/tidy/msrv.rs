//! What the oldest supported compiler refuses and no lint knows.

use super::Findings;
use super::tree::Tree;

/// Before Rust 1.89 what `format_args!` borrows ends with its statement, unless it has no arguments: it can be handed to
/// a function there, but not be kept.
pub(super) fn kept_arguments(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources() {
        let mut statement = String::new();
        for (number, line) in source.code() {
            let line = line.split(" // ").next().unwrap_or_default().trim();
            if statement.is_empty() && !line.starts_with("let ") {
                continue;
            }
            statement.push_str(line);
            statement.push(' ');
            if line.ends_with(';') || line.ends_with('{') && !line.contains(" = match ") && !line.contains(" = if ") {
                if keeps(&statement) {
                    let message = "format_args! with arguments is kept in a variable";
                    findings.error(format!("{}:{number}: {message}", source.path));
                }
                statement.clear();
            }
        }
    }
}

/// Whether what a variable becomes is a `format_args!` with arguments, or holds one that no function was given.
fn keeps(statement: &str) -> bool {
    statement.match_indices("format_args!(").any(|(at, macro_name)| {
        let before = statement[..at].trim_end();
        let opened: Vec<usize> = open_brackets(before);
        // A call is a name before a bracket that is still open; `Some` and brackets of tuples hand nothing over.
        let is_given = opened.iter().any(|&bracket| {
            let word = before[..bracket].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            !word.is_empty() && !matches!(word, "Some" | "Ok" | "Err" | "in" | "return")
        });
        let text = &statement[at + macro_name.len()..];
        let literal = text.trim_start().strip_prefix('"').and_then(|text| text.split('"').next()).unwrap_or(text);
        let has_arguments = literal.replace("{{", "").contains('{');
        !is_given && has_arguments && !text.contains(").to_string()")
    })
}

/// The places of round brackets that are not closed again.
fn open_brackets(text: &str) -> Vec<usize> {
    let mut open = Vec::new();
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => open.push(at),
            ')' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open
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
        let tuple = "let (what, cure) = (\n    1,\n    format_args!(\"{name}\"),\n);\n";
        check(kept_arguments, &[("a/src/lib.rs", tuple)], &["a/src/lib.rs:4: format_args!"]);
        let chosen = "let cure = match hint {\n    Some(hint) => format_args!(\"{hint}\"),\n    None => none,\n};\n";
        check(kept_arguments, &[("a/src/lib.rs", chosen)], &["a/src/lib.rs:4: format_args!"]);
        check(kept_arguments, &[("a/src/lib.rs", "let what =\n    &format_args!(\"{name}\");")], &["a/src/lib.rs:2: "]);
        check(kept_arguments, &[("a/src/lib.rs", "let what = format_args!(\"it is wrong\");")], &[]);
        check(kept_arguments, &[("a/src/lib.rs", "let what = format_args!(\"use {{x}}\");")], &[]);
        check(kept_arguments, &[("a/src/lib.rs", "let what = format_args!(\"{name}\").to_string();")], &[]);
        check(kept_arguments, &[("a/src/lib.rs", "let error = failure(format_args!(\"{name} is wrong\"));")], &[]);
    }
}

//! Names that a mistyped one may stand for.

/// The names that differ from `name` in case, in the order of letters or in at most two letters, as words for an
/// error; at most three, the best first.
pub(crate) fn matches(name: &str, known: &[&str]) -> Option<String> {
    let limit = if name.len() < 4 { 1 } else { 2 };
    let mut close = Vec::new();
    for wanted in 0..=limit {
        for other in known {
            let (from, to) = (name.as_bytes(), other.as_bytes());
            let is_close = is_close(from, to, wanted) || wanted == 1 && have_same_letters(from, to);
            if is_close && close.len() < 3 && !close.contains(other) {
                close.push(*other);
            }
        }
    }
    if close.is_empty() { None } else { Some(list(&close, " or ")) }
}

/// Words with something in between.
#[inline(never)]
pub(crate) fn list(words: &[&str], between: &str) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(between);
        }
        list.push_str(word);
    }
    list
}

/// Whether at most so many letters, in any case, are to be added, taken away or changed (Levenshtein).
fn is_close(mut from: &[u8], mut to: &[u8], edits: usize) -> bool {
    // What both begin with is never worth an edit.
    while let ([a, from_rest @ ..], [b, to_rest @ ..]) = (from, to)
        && a.eq_ignore_ascii_case(b)
    {
        (from, to) = (from_rest, to_rest);
    }
    match (from, to, edits) {
        ([], rest, _) | (rest, [], _) => rest.len() <= edits,
        (_, _, 0) => false,
        ([_, from_rest @ ..], [_, to_rest @ ..], _) => {
            let ways = [(from_rest, to_rest), (from_rest, to), (from, to_rest)];
            ways.iter().any(|(from, to)| is_close(from, to, edits - 1))
        }
    }
}

/// Whether only their order differs, in any case.
fn have_same_letters(one: &[u8], other: &[u8]) -> bool {
    let mut rest = other.to_vec();
    for letter in one {
        let Some(at) = rest.iter().position(|known| known.eq_ignore_ascii_case(letter)) else { return false };
        rest.swap_remove(at);
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, known: &[&str], expected: Option<&str>) {
        assert_eq!(matches(name, known).as_deref(), expected, "{name}");
    }

    #[test]
    fn mistyped_names_are_found_best_first() {
        check("prod", &["Prod", "dev", "pdro", "prd", "prod-eu"], Some("Prod or pdro or prd"));
        check("dve", &["default", "dev", "dv"], Some("dev or dv"));
        check("a", &["b", "c", "d", "e"], Some("b or c or d"));
        check("", &["default"], None);
    }
}

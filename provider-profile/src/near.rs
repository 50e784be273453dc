//! Names that a mistyped one may stand for.

/// The names that differ from `name` in case, in the order of letters or in at most two letters, as words for an
/// error; at most three, the best first.
pub(crate) fn matches(name: &str, known: &[&str]) -> Option<String> {
    let limit = if name.len() < 4 { 1 } else { 2 };
    let mut close = Vec::new();
    for wanted in 0..=limit {
        for other in known {
            if distance(name.as_bytes(), other.as_bytes()) == wanted && close.len() < 3 {
                close.push(*other);
            }
        }
    }
    if close.is_empty() { None } else { Some(list(&close, " or ")) }
}

/// Words with something in between.
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

/// Letters to add, take away or change (Levenshtein), in any case; 1 when only their order differs.
fn distance(from: &[u8], to: &[u8]) -> usize {
    if !from.eq_ignore_ascii_case(to) && have_same_letters(from, to) {
        return 1;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

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

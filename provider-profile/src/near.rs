//! Names that a mistyped one may stand for.

/// The names that differ from `name` in case, in the order of letters or in at most two letters, as words for an
/// error; at most three, the best first.
pub(crate) fn matches(name: &str, known: &mut dyn Iterator<Item = &str>) -> Option<String> {
    let limit = if name.len() < 4 { 1 } else { 2 };
    let lower = name.to_ascii_lowercase();
    let mut close: Vec<(usize, &str)> = Vec::new();
    for other in known {
        let candidate = (distance(lower.as_bytes(), other.to_ascii_lowercase().as_bytes()), other);
        if candidate.0 <= limit {
            close.insert(close.partition_point(|better| *better <= candidate), candidate);
            close.truncate(3);
        }
    }
    let words = list(&mut close.into_iter().map(|(_, other)| other), " or ");
    (!words.is_empty()).then_some(words)
}

/// Words with something in between.
pub(crate) fn list(words: &mut dyn Iterator<Item = &str>, between: &str) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(between);
        }
        list.push_str(word);
    }
    list
}

/// Letters to add, take away or change (Levenshtein); 1 when only their order differs.
fn distance(from: &[u8], to: &[u8]) -> usize {
    if from != to && have_same_letters(from, to) {
        return 1;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

fn have_same_letters(one: &[u8], other: &[u8]) -> bool {
    let count = |text: &[u8], letter| text.iter().filter(|known| **known == letter).count();
    one.len() == other.len() && one.iter().all(|letter| count(one, *letter) == count(other, *letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, known: &[&str], expected: Option<&str>) {
        assert_eq!(matches(name, &mut known.iter().copied()).as_deref(), expected, "{name}");
    }

    #[test]
    fn mistyped_names_are_found_best_first() {
        check("prod", &["dev", "prod-eu", "prd", "Prod", "pdro"], Some("Prod or pdro or prd"));
        check("dve", &["dev", "dv", "default"], Some("dev or dv"));
        check("a", &["b", "c", "d", "e"], Some("b or c or d"));
        check("", &["default"], None);
    }
}

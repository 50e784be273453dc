//! Names that a mistyped one may stand for.

/// The names that differ from `name` in case, in the order of letters or in at most two letters; at most three.
pub(crate) fn matches<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = if name.chars().count() < 4 { 1 } else { 2 };
    let mut close: Vec<(usize, &str)> = Vec::new();
    for other in known {
        let candidate = (distance(&name.to_lowercase(), &other.to_lowercase()), other);
        if candidate.0 <= limit {
            close.insert(close.partition_point(|better| *better <= candidate), candidate);
        }
    }
    close.into_iter().take(3).map(|(_, other)| other).collect()
}

/// Letters to add, take away or change (Levenshtein); 1 when only their order differs.
fn distance(from: &str, to: &str) -> usize {
    if from != to && have_same_letters(from, to) {
        return 1;
    }
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

fn have_same_letters(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.chars().all(|letter| one.matches(letter).count() == other.matches(letter).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, known: &[&str], expected: &[&str]) {
        assert_eq!(matches(name, known.iter().copied()), expected, "{name}");
    }

    #[test]
    fn mistyped_names_are_found_best_first() {
        check("prod", &["dev", "prod-eu", "prd", "Prod", "pdro"], &["Prod", "pdro", "prd"]);
        check("dve", &["dev", "dv", "default"], &["dev", "dv"]);
        check("a", &["b", "c", "d", "e"], &["b", "c", "d"]);
        check("", &["default"], &[]);
    }
}

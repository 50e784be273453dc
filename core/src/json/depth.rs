//! How deep JSON nests, seen before anything is read of it.

/// Whether arrays and objects nest deeper than any answer of a credential endpoint does.
pub fn is_too_deep(json: &[u8]) -> bool {
    depth(json) > MAX_DEPTH
}

/// How deep arrays and objects nest, outside strings.
fn depth(json: &[u8]) -> usize {
    let (mut deepest, mut depth, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

pub(crate) const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_strings() {
        assert_eq!(depth(br#"{"a":[1,{"b":"[[\"[["}],"c":[]}"#), 3);
        let nested = |times| format!("{}{}", "[".repeat(times), "]".repeat(times));
        assert!(!is_too_deep(nested(32).as_bytes()) && is_too_deep(nested(33).as_bytes()));
    }
}

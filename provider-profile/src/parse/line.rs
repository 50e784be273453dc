//! What a single line is made of.

/// The text before the `]`, when nothing but a comment follows it.
pub(super) fn inside_brackets(header: &str) -> Option<&str> {
    let (inner, behind) = header.split_once(']')?;
    let behind = behind.split_once(COMMENT).map_or(behind, |(behind, _)| behind).trim_end();
    if behind.is_empty() {
        return Some(inner);
    }
    // `[a]b]` closes all the same; its name is refused later.
    behind.ends_with(']').then(|| &header[..inner.len() + behind.len()])
}

/// A comment behind a value needs white space in front.
pub(super) fn without_comment(line: &str) -> &str {
    let starts = line.match_indices(COMMENT).find(|(at, _)| line[..*at].ends_with([' ', '\t']));
    line[..starts.map_or(line.len(), |(at, _)| at)].trim_end()
}

pub(super) fn is_key(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// What a comment starts with.
pub(super) const COMMENT: [char; 2] = ['#', ';'];

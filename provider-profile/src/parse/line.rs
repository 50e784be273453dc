//! What a single line is made of.

use crate::text::cut;

/// The text before the `]`, when nothing but a comment follows it.
pub(super) fn inside_brackets(header: &str) -> Option<&str> {
    let (inner, behind) = cut(header, b']')?;
    let comment = behind.bytes().position(|b| COMMENT.contains(&b)).unwrap_or(behind.len());
    let behind = behind.split_at(comment).0.trim_end();
    if behind.is_empty() {
        return Some(inner);
    }
    // `[a]b]` closes all the same; its name is refused later.
    behind.ends_with(']').then(|| &header[..inner.len() + behind.len()])
}

/// A comment behind a value needs white space in front.
#[inline(never)]
pub(super) fn without_comment(line: &str) -> &str {
    let mut blank = false;
    for (at, b) in line.bytes().enumerate() {
        if blank && COMMENT.contains(&b) {
            return line.split_at(at).0.trim_end();
        }
        blank = matches!(b, b' ' | b'\t');
    }
    line.trim_end()
}

#[inline]
pub(super) fn is_key(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// What a comment starts with.
pub(super) const COMMENT: [u8; 2] = *b"#;";

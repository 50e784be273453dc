//! One page of a list: pure.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::index::Entry;

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resume {
    /// Behind this key.
    Key(String),
    /// Behind every key with this prefix.
    Prefix(String),
}

impl Resume {
    /// Opaque text, safe in XML whatever the key holds.
    pub(super) fn token(&self) -> String {
        let (kind, text) = match self {
            Self::Key(key) => ('k', key),
            Self::Prefix(prefix) => ('p', prefix),
        };
        text.bytes().fold(String::from(kind), |token, byte| token + &format!("{byte:02x}"))
    }

    pub(super) fn from_token(token: &str) -> Option<Self> {
        let (kind, digits) = token.split_at_checked(1)?;
        let bytes: Option<Vec<u8>> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect();
        let text = String::from_utf8(bytes?).ok()?;
        match kind {
            "k" => Some(Self::Key(text)),
            "p" => Some(Self::Prefix(text)),
            _ => None,
        }
    }
}

/// An item of a list, in its order.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    Object(&'a str, &'a Entry),
    /// Everything that begins with this text.
    Prefix(String),
}

/// At most `max` items, and where to go on if there are more.
pub(super) fn page<'a>(
    objects: &'a BTreeMap<String, Entry>,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<&Resume>,
    max: usize,
) -> (Vec<Item<'a>>, Option<Resume>) {
    let start = match after {
        Some(Resume::Key(key) | Resume::Prefix(key)) if key.as_str() >= prefix => Bound::Excluded(key.as_str()),
        _ => Bound::Included(prefix),
    };
    let skipped = match after {
        Some(Resume::Prefix(prefix)) => Some(prefix.as_str()),
        _ => None,
    };
    let mut items = Vec::new();
    let mut last: Option<Resume> = None;
    for (key, entry) in objects.range::<str, _>((start, Bound::Unbounded)) {
        let Some(rest) = key.strip_prefix(prefix) else { break };
        if skipped.is_some_and(|skipped| key.starts_with(skipped)) {
            continue;
        }
        let cut = delimiter
            .filter(|delimiter| !delimiter.is_empty())
            .and_then(|delimiter| rest.find(delimiter).map(|at| &key[..prefix.len() + at + delimiter.len()]));
        let next = match cut {
            Some(cut) if matches!(&last, Some(Resume::Prefix(last)) if last == cut) => continue,
            Some(cut) => (Item::Prefix(cut.to_owned()), Resume::Prefix(cut.to_owned())),
            None => (Item::Object(key, entry), Resume::Key(key.clone())),
        };
        if items.len() == max {
            return (items, last);
        }
        items.push(next.0);
        last = Some(next.1);
    }
    (items, None)
}

/// As S3 writes names when asked for `encoding-type=url`: a space is `+`, a slash stays.
pub(super) fn url_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace("%2F", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(keys: &[&str], prefix: &str, delimiter: Option<&str>, max: usize) -> Vec<String> {
        let modified = std::time::SystemTime::UNIX_EPOCH.into();
        let entry = Entry { stored: String::new(), size: 0, etag: None, modified };
        let objects = keys.iter().map(|key| ((*key).to_owned(), entry.clone())).collect();
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = page(&objects, prefix, delimiter, after.as_ref(), max);
            let names: Vec<String> = items
                .into_iter()
                .map(|item| match item {
                    Item::Object(key, _) => key.to_owned(),
                    Item::Prefix(prefix) => format!("[{prefix}]"),
                })
                .collect();
            pages.push(names.join(" "));
            let Some(next) = next else { return pages };
            after = Resume::from_token(&next.token());
            assert_eq!(after.as_ref(), Some(&next));
        }
    }

    #[test]
    fn pages_add_up_to_the_whole() {
        let keys = ["a", "a/1", "a/2", "b//x", "b/1", "c", "\u{1}", "é/x"];
        assert_eq!(pages(&keys, "", None, 1000), ["\u{1} a a/1 a/2 b//x b/1 c é/x"]);
        assert_eq!(pages(&keys, "", Some("/"), 1000), ["\u{1} a [a/] [b/] c [é/]"]);
        assert_eq!(pages(&keys, "", Some("/"), 2), ["\u{1} a", "[a/] [b/]", "c [é/]"]);
        assert_eq!(pages(&keys, "", Some("/"), 1), ["\u{1}", "a", "[a/]", "[b/]", "c", "[é/]"]);
        assert_eq!(pages(&keys, "a/", Some("/"), 1), ["a/1", "a/2"]);
        assert_eq!(pages(&keys, "b/", Some("/"), 10), ["[b//] b/1"]);
        assert_eq!(pages(&keys, "x", None, 10), [""]);
        assert_eq!(pages(&keys, "", None, 3), ["\u{1} a a/1", "a/2 b//x b/1", "c é/x"]);
    }

    #[test]
    fn names_are_encoded_as_s3_does() {
        assert_eq!(url_encode("a b+c/%\u{1}é~*"), "a+b%2Bc/%25%01%C3%A9%7E*");
    }

    #[test]
    fn a_foreign_token_is_refused() {
        for token in ["", "k", "x61", "k6", "kzz", "kff", "é"] {
            let valid = token == "k";
            assert_eq!(Resume::from_token(token).is_some(), valid, "{token}");
        }
    }
}

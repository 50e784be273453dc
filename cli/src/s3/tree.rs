//! Which file belongs to which key when a tree is copied. Downloads never leave their directory.

use std::path::{Component, Path, PathBuf};

use super::Place;
use super::cp::End;
use crate::failure::Failure;

type Pairs = Vec<(End, Result<End, String>)>;

/// The files below `root`, each with its key below `place`. Symbolic links are what they lead to.
pub(crate) fn uploads(root: &Path, place: &Place) -> Result<Pairs, Failure> {
    let mut found = Vec::new();
    walk(root, &mut Vec::new(), &mut found).map_err(|error| Failure::file(root, &error))?;
    let mut pairs: Pairs = found
        .into_iter()
        .map(|(path, fit)| {
            let target = fit
                .and_then(|()| key_of(root, &path))
                .map(|tail| End::Object(Place { bucket: place.bucket.clone(), key: joined(&place.key, &tail) }));
            (End::File(path), target)
        })
        .collect();
    pairs.sort_by(|(a, _), (b, _)| file(a).cmp(&file(b)));
    Ok(pairs)
}

/// What lies below a directory, and what of it cannot be copied. `above` are the directories on the way here, as they
/// are called without links: a link to one of them would lead round for ever.
fn walk(
    directory: &Path,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<(PathBuf, Result<(), String>)>,
) -> std::io::Result<()> {
    let place = std::fs::canonicalize(directory)?;
    if above.contains(&place) {
        found.push((directory.to_owned(), Err("leads back to a directory that it is in".to_owned())));
        return Ok(());
    }
    above.push(place);
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let depth = above.len();
                if let Err(error) = walk(&path, above, found) {
                    found.push((path, Err(error.to_string())));
                }
                above.truncate(depth);
            }
            Ok(metadata) if metadata.is_file() => found.push((path, Ok(()))),
            Ok(_) => found.push((path, Err("is no regular file".to_owned()))),
            Err(error) => found.push((path, Err(error.to_string()))),
        }
    }
    Ok(())
}

/// The keys below `place`, each with its file below `root`.
pub(crate) fn downloads(keys: &[String], place: &Place, root: &Path) -> Pairs {
    keys.iter()
        .map(|key| {
            let target = inside(root, tail(key, &place.key)).map(End::File).ok_or_else(|| {
                "this key is no path inside the directory; copy it by itself to a name of your choice".to_owned()
            });
            (End::Object(Place { bucket: place.bucket.clone(), key: key.clone() }), target)
        })
        .collect()
}

/// The keys below `from`, each with its key below `to`.
pub(crate) fn copies(keys: &[String], from: &Place, to: &Place) -> Pairs {
    keys.iter()
        .map(|key| {
            let target = Place { bucket: to.bucket.clone(), key: joined(&to.key, tail(key, &from.key)) };
            (End::Object(Place { bucket: from.bucket.clone(), key: key.clone() }), Ok(End::Object(target)))
        })
        .collect()
}

/// The path of `name` below `root`, or `None` when it would lie elsewhere or cannot be a file: empty, `.`
/// and `..` segments, drive letters, NUL.
pub(crate) fn inside(root: &Path, name: &str) -> Option<PathBuf> {
    let mut path = root.to_path_buf();
    for segment in name.split('/') {
        let mut components = Path::new(segment).components();
        let plain =
            matches!((components.next(), components.next()), (Some(Component::Normal(one)), None) if one == segment);
        if !plain || segment.contains('\0') || (cfg!(windows) && segment.contains([':', '\\'])) {
            return None;
        }
        path.push(segment);
    }
    Some(path)
}

fn key_of(root: &Path, path: &Path) -> Result<String, String> {
    let tail = path.strip_prefix(root).map_err(|error| error.to_string())?;
    let mut key = String::new();
    for component in tail.components() {
        let name = component.as_os_str().to_str().ok_or("has a name that is not UTF-8")?;
        if !key.is_empty() {
            key.push('/');
        }
        key.push_str(name);
    }
    Ok(key)
}

fn tail<'a>(key: &'a str, prefix: &str) -> &'a str {
    // Below `logs` comes `logs/a`, not `logs2/a`: whole segments only.
    let at = prefix.rfind('/').map_or(0, |slash| slash + 1);
    let rest = key.get(at..).unwrap_or(key);
    if prefix.ends_with('/') || prefix.is_empty() {
        return rest;
    }
    rest.split_once('/').filter(|(first, _)| *first == &prefix[at..]).map_or(rest, |(_, below)| below)
}

fn joined(prefix: &str, tail: &str) -> String {
    if prefix.is_empty() || prefix.ends_with('/') { format!("{prefix}{tail}") } else { format!("{prefix}/{tail}") }
}

fn file(end: &End) -> Option<&Path> {
    match end {
        End::File(path) => Some(path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_keys_stay_out() {
        for key in ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "./x", "a/.", "a/", "x\0y"] {
            assert_eq!(inside(Path::new("/d"), key), None, "{key:?}");
        }
        assert_eq!(inside(Path::new("/d"), "a/b..c/é"), Some(PathBuf::from("/d/a/b..c/é")));
    }

    #[test]
    fn the_tail_is_what_lies_below_the_prefix() {
        for (key, prefix, expected) in [
            ("logs/a", "", "logs/a"),
            ("logs/a", "logs/", "a"),
            ("logs/a", "logs", "a"),
            ("logs2/a", "logs", "logs2/a"),
            ("x/logs/a", "x/lo", "logs/a"),
            ("x", "x", "x"),
        ] {
            assert_eq!(tail(key, prefix), expected, "{key} below {prefix:?}");
        }
    }

    #[test]
    fn prefixes_are_joined_with_one_slash() {
        assert_eq!((joined("", "a"), joined("p", "a"), joined("p/", "a")), ("a".into(), "p/a".into(), "p/a".into()));
    }
}

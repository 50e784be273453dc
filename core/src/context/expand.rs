//! Paths as people write them into variables.

use std::path::{Path, PathBuf};

use super::Env;

impl Env {
    /// Puts variables (`$NAME`, `${NAME}`) into a path, then the home directory for a leading `~`; `None` when
    /// there is no home directory.
    pub fn expand(&self, path: &Path) -> Option<PathBuf> {
        self.expand_by_rules_of(path, cfg!(windows))
    }

    /// The same by the rules of Windows, or of every other system, whichever this is.
    pub fn expand_by_rules_of(&self, path: &Path, windows: bool) -> Option<PathBuf> {
        let Some(text) = path.to_str() else { return Some(path.to_owned()) };
        let text = expand_variables(text, &|name| self.var(name).ok().flatten());
        match text.strip_prefix('~') {
            Some("") => self.home_by_rules_of(windows),
            Some(rest) if rest.starts_with('/') || (windows && rest.starts_with('\\')) => {
                Some(self.home_by_rules_of(windows)?.join(&rest[1..]))
            }
            _ => Some(PathBuf::from(text)),
        }
    }
}

/// Replaces `$NAME` and `${NAME}`; a variable that is not set stays as it is written.
fn expand_variables(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte == b'$') {
        let (before, from) = rest.split_at(at);
        expanded.push_str(before);
        let (written, name) = variable(from);
        let (written, behind) = from.split_at(written);
        match (!name.is_empty()).then(|| value(name)).flatten() {
            Some(value) => expanded.push_str(&value),
            None => expanded.push_str(written),
        }
        rest = behind;
    }
    expanded.push_str(rest);
    expanded
}

/// How much of a text that begins with `$` names a variable, and its name.
fn variable(text: &str) -> (usize, &str) {
    if text[1..].starts_with('{') {
        return text.bytes().position(|byte| byte == b'}').map_or((1, ""), |end| (end + 1, &text[2..end]));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let end = text.bytes().skip(1).position(|byte| !is_name(byte)).map_or(text.len(), |end| end + 1);
    (end, &text[1..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expected: Option<&str>) {
        let env = Env::fake([("HOME", "/h"), ("X", "x"), ("A_1", "~")]);
        assert_eq!(env.expand_by_rules_of(Path::new(written), false), expected.map(PathBuf::from), "{written}");
    }

    #[test]
    fn home_and_variables_are_put_into_the_path() {
        check("~", Some("/h"));
        check("~/a", Some("/h/a"));
        check("$A_1/a", Some("/h/a"));
        check("~x/a", Some("~x/a"));
        check("/~/a", Some("/~/a"));
        check("$X/${X}y$X", Some("x/xyx"));
        check("$NOT/${NOT}/$/${/${}/$é", Some("$NOT/${NOT}/$/${/${}/$é"));
        assert_eq!(Env::fake([("X", "x")]).expand_by_rules_of(Path::new("~/a"), false), None);
        assert_eq!(
            Env::fake([("HOME", "C:\\h")]).expand_by_rules_of(Path::new("~\\a"), true),
            Some(Path::new("C:\\h").join("a"))
        );
    }
}

//! The file format that the AWS SDKs share, read a second time and written so that botocore reads the same.
//!
//! Independent of the parser that is under test.

/// Which of the two shared files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Config,
    Credentials,
}

/// One section that counts, its keys in lower case, the last of each, with values of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// `profile`, `sso-session` or `services`.
    pub(super) sort: &'static str,
    pub(super) name: String,
    pub(super) keys: Vec<(String, String)>,
    /// `[default]` of the config file, without the word `profile`.
    bare: bool,
}

impl Section {
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, key: &str, value: String) {
        match self.keys.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.keys.push((key.to_owned(), value)),
        }
    }
}

/// The sections of a file; `None` when it is an error.
pub(super) fn read(kind: Kind, text: &str) -> Option<Vec<Section>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut sections: Vec<Section> = Vec::new();
    // The section and the key that lines belong to: `None` before the first, an inner `None` for an ignored one.
    let (mut section, mut key): (Option<Option<usize>>, Option<Option<String>>) = (None, None);
    for line in text.split('\n') {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            let current = section?;
            let (Some(index), Some(name)) = (current, key.clone()?) else { continue };
            let old = sections[index].value(&name).unwrap_or_default().to_owned();
            let nested = old.is_empty() || old.starts_with('\n');
            if nested && content.split_once('=').is_none_or(|(name, _)| name.trim().is_empty()) {
                return None;
            }
            sections[index].set(&name, format!("{old}\n{content}"));
        } else if let Some(header) = line.strip_prefix('[') {
            key = None;
            section =
                Some(named(kind, inner(header)?).map(|(sort, name, bare)| place(&mut sections, sort, name, bare)));
        } else {
            let current = section?;
            let (name, value) = uncommented(line).split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || name.split_once(':').is_some_and(|(name, _)| DECISIVE.contains(&name.trim())) {
                return None;
            }
            let counts = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
            key = Some(counts.then(|| name.clone()));
            if let (Some(index), true) = (current, counts) {
                sections[index].set(&name, value.trim().to_owned());
            } else {
                key = Some(None);
            }
        }
    }
    // `[profile default]` wins over `[default]` whole.
    if sections.iter().any(|section| section.sort == "profile" && section.name == "default" && !section.bare) {
        sections.retain(|section| !section.bare);
    }
    Some(sections)
}

/// The sections in words that both grammars read alike.
pub(super) fn plain(kind: Kind, sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        let header = match (kind, section.sort, section.name.as_str()) {
            (Kind::Credentials, ..) | (_, "profile", "default") => section.name.clone(),
            (_, sort, name) => format!("{sort} {name}"),
        };
        text.push_str(&format!("[{header}]\n"));
        for (key, value) in &section.keys {
            text.push_str(&format!("{key} = {}\n", value.replace('\n', "\n  ")));
        }
    }
    text
}

/// What stands for a section `DEFAULT`, which botocore would inherit from instead of naming it; sorts like it.
pub(super) const STAND_IN: &str = "DEFAULT.";

/// What no grammar reads.
pub(super) const BROKEN: &str = "[broken";

fn inner(header: &str) -> Option<&str> {
    let end = header.find(']')?;
    let behind = header[end + 1..].split(['#', ';']).next().unwrap_or_default().trim_end();
    match behind.is_empty() {
        true => Some(&header[..end]),
        // `[a]b]` is no name, but no error.
        false => behind.ends_with(']').then_some("]"),
    }
}

fn named(kind: Kind, inner: &str) -> Option<(&'static str, &str, bool)> {
    let inner = inner.trim();
    let (prefix, name) = match inner.split_once([' ', '\t']) {
        Some((prefix, name)) => (prefix, name.trim()),
        None => ("", inner),
    };
    let (sort, bare) = match (kind, prefix) {
        (Kind::Credentials, "") | (Kind::Config, "profile") => ("profile", false),
        (Kind::Config, "sso-session") => ("sso-session", false),
        (Kind::Config, "services") => ("services", false),
        (Kind::Config, "") if name == "default" => ("profile", true),
        _ => return None,
    };
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&b));
    fits.then_some((sort, name, bare))
}

fn place(sections: &mut Vec<Section>, sort: &'static str, name: &str, bare: bool) -> usize {
    let same = |section: &Section| section.sort == sort && section.name == name && section.bare == bare;
    sections.iter().position(same).unwrap_or_else(|| {
        sections.push(Section { sort, name: name.to_owned(), keys: Vec::new(), bare });
        sections.len() - 1
    })
}

fn uncommented(line: &str) -> &str {
    let bytes = line.as_bytes();
    let comment = (1..bytes.len()).find(|at| b"#;".contains(&bytes[*at]) && b" \t".contains(&bytes[*at - 1]));
    line[..comment.unwrap_or(line.len())].trim_end()
}

/// With a colon behind one of these a line is an error, not a key that is left out.
const DECISIVE: [&str; 13] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "credential_source",
    "login_session",
    "region",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, text: &str, expected: Option<&str>) {
        let read = read(kind, text).map(|sections| plain(kind, &sections));
        assert_eq!(read.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn what_counts_is_written_plainly() {
        let config = |text, expected| check(Kind::Config, text, expected);
        config("", Some(""));
        config("[profile a] ; c\nK = v # c\nk2=v;c\n", Some("[profile a]\nk = v\nk2 = v;c\n"));
        config("[profile a]\nk=1\n[ profile a ]\nk=2\nl=3", Some("[profile a]\nk = 2\nl = 3\n"));
        config("[default]\nk=1\n[profile default]\nl=2", Some("[default]\nl = 2\n"));
        config("[a]\nk=1\n[profile \"a\"]\nk=2\n[Profile a]\nk=3\n[profilea]\nk=4", Some(""));
        config("[profile a]\ns3 =\n  x = y\n\n # c\n  z=1\n", Some("[profile a]\ns3 = \n  x = y\n  z=1\n"));
        config("[profile a]\nk = 1\n  2 # c\n", Some("[profile a]\nk = 1\n  2 # c\n"));
        config("[profile a]\nkey with space = 1\n  more\né = 2\n", Some("[profile a]\n"));
        config("\u{feff}[sso-session s]\r\nk = 1\r[services s]", Some("[sso-session s]\nk = 1\n[services s]\n"));
        config("[profile a]b]\nk=1\n", Some(""));
        check(Kind::Credentials, "[a]\nk=1\n[profile b]\nk=1\n[sso-session s]\n", Some("[a]\nk = 1\n"));
    }

    #[test]
    fn errors_are_found() {
        let wrong = ["k=1", "[profile a", "[profile a]x", "[profile a]\nk", "[profile a]\n=1", "[profile a]\n k=1"];
        wrong.iter().for_each(|text| check(Kind::Config, text, None));
        check(Kind::Config, "[profile a]\ns3 =\n x", None);
        check(Kind::Config, "[profile a]\nregion: x=y", None);
        check(Kind::Config, " [profile a]", None);
    }
}

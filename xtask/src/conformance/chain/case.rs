//! A case as predicates look at it.

use serde_json::{Value, json};

use super::grammar::{self, Kind, Section};

/// One question to both sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case(Value);

impl Case {
    pub(super) fn new(json: Value) -> Self {
        Self(json)
    }

    pub(super) fn json(&self) -> &Value {
        &self.0
    }

    pub(super) fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    pub(super) fn family(&self) -> &str {
        self.0["family"].as_str().unwrap_or_else(|| self.id().split('-').next().unwrap_or_default())
    }

    /// A variable as it is set, empty or not.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.0["env"][name].as_str()
    }

    /// A variable that holds more than blanks.
    pub(super) fn env(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0["env"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    pub(super) fn without_env(mut self, name: &str) -> Self {
        if let Some(variables) = self.0["env"].as_object_mut() {
            variables.remove(name);
        }
        self
    }

    pub(super) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.0["env"][name] = json!(value);
        self
    }

    /// An argument of the session that is not empty, as boto3 sees it.
    pub(super) fn explicit(&self, name: &str) -> Option<&str> {
        self.0["explicit"][name].as_str().filter(|value| !value.is_empty())
    }

    /// What is given in code besides keys, in another way or not at all.
    pub(super) fn with_code(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(fields) = self.0.as_object_mut() {
            match value {
                Some(value) => drop(fields.insert(name.to_owned(), json!(value))),
                None => drop(fields.remove(name)),
            }
        }
        self
    }

    /// What was given in code.
    pub(super) fn code(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    /// Leaves a note for divergences that are looked at later; botocore's side ignores it.
    pub(super) fn marked(mut self, note: &str) -> Self {
        self.0["notes"][note] = json!(true);
        self
    }

    pub(super) fn has_mark(&self, note: &str) -> bool {
        self.0["notes"][note] == true
    }

    /// The name under which the case lists one of the shared files.
    pub(super) fn path(&self, kind: Kind) -> String {
        let (variable, usual) = match kind {
            Kind::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
            Kind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        };
        self.env(variable).map_or_else(|| usual.to_owned(), listed)
    }

    /// What the case puts there: text, or an object for a folder or bytes.
    pub(super) fn file(&self, path: &str) -> Option<&Value> {
        self.0["files"].get(path).filter(|content| !content.is_null())
    }

    pub(super) fn with_file(mut self, path: &str, content: &str) -> Self {
        self.0["files"][path] = json!(content);
        self
    }

    /// The same with one of the shared files, where it can be read, written again.
    pub(super) fn with_sections(self, kind: Kind, change: impl FnOnce(&mut Vec<Section>)) -> Self {
        let path = self.path(kind);
        let (Some(mut sections), Some(_)) = (self.sections(kind), self.file(&path)) else { return self };
        let before = sections.clone();
        change(&mut sections);
        if sections == before { self } else { self.with_file(&path, &grammar::plain(kind, &sections)) }
    }

    /// Every profile of both files.
    pub(super) fn profiles(&self) -> impl Iterator<Item = Section> {
        let both = [Kind::Config, Kind::Credentials].map(|kind| self.sections(kind).unwrap_or_default());
        both.into_iter().flatten().filter(|section| section.sort == "profile")
    }

    /// The text of every file, and of every answer of the scripted network.
    pub(super) fn texts(&self) -> Vec<String> {
        let files = self.0["files"].as_object().into_iter().flatten().filter_map(|(_, content)| match content {
            Value::String(text) => Some(text.clone()),
            content => bytes(content),
        });
        let routes = self.0["http"].as_array().into_iter().flatten();
        let answers = routes.flat_map(|route| route["responses"].as_array().into_iter().flatten());
        let bodies = answers.map(|answer| match &answer["body"] {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        });
        files.chain(bodies).collect()
    }

    pub(super) fn without_file(mut self, path: &str) -> Self {
        if let Some(files) = self.0["files"].as_object_mut() {
            files.remove(path);
        }
        self
    }

    /// The sections of one of the shared files; `None` when it cannot be read.
    pub(super) fn sections(&self, kind: Kind) -> Option<Vec<Section>> {
        match self.file(&self.path(kind)) {
            None => Some(Vec::new()),
            Some(Value::String(text)) => grammar::read(kind, text),
            Some(content) => grammar::read(kind, &bytes(content)?),
        }
    }

    /// The sections of one profile in both files: config, then credentials.
    pub(super) fn profile(&self, name: &str) -> [Option<Section>; 2] {
        [Kind::Config, Kind::Credentials].map(|kind| {
            let sections = self.sections(kind).unwrap_or_default();
            sections.into_iter().find(|section| section.sort == "profile" && section.name == name)
        })
    }

    /// The selected profile, and whether somebody selected it.
    pub(super) fn selected(&self) -> (&str, bool) {
        let chosen =
            self.code("profile").or_else(|| self.env("AWS_PROFILE")).or_else(|| self.env("AWS_DEFAULT_PROFILE"));
        (chosen.unwrap_or("default"), chosen.is_some())
    }

    /// A key of the selected profile, the credentials file's first.
    pub(super) fn setting(&self, key: &str) -> Option<String> {
        let sections = self.profile(self.selected().0);
        sections.iter().rev().flatten().find_map(|section| section.value(key).map(str::to_owned))
    }

    /// Whether the keys of the environment or of the code answer before any file is asked.
    pub(super) fn has_keys_outside_files(&self) -> bool {
        let explicit = self.explicit("aws_access_key_id").is_some() && self.explicit("aws_secret_access_key").is_some();
        let env = self.env("AWS_ACCESS_KEY_ID").is_some() && self.env("AWS_SECRET_ACCESS_KEY").is_some();
        explicit || env && self.code("profile").is_none()
    }
}

/// A path of a variable in the way the case lists its files.
pub(super) fn listed(path: &str) -> String {
    let below_home = ["{HOME}/", "${HOME}/", "$HOME/", "../home/"].iter().find_map(|home| path.strip_prefix(home));
    below_home.map_or_else(|| path.to_owned(), |below| format!("~/{below}"))
}

/// The text of a file that is given in base64; `None` for a folder and for what is no UTF-8.
fn bytes(content: &Value) -> Option<String> {
    let coded = content["b64"].as_str()?;
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in coded.bytes().filter(|letter| *letter != b'=') {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        held = held << 6 | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_profiles_of_a_case() {
        let case = Case::new(json!({
            "env": { "AWS_CONFIG_FILE": "$HOME/alt", "AWS_PROFILE": "a", "E": " " },
            "files": { "~/alt": { "b64": "W3Byb2ZpbGUgYV0Kaz0x" }, "~/.aws/credentials": "[a]\nl=2" },
        }));
        assert_eq!(case.selected(), ("a", true));
        assert_eq!((case.setting("k").as_deref(), case.setting("l").as_deref()), (Some("1"), Some("2")));
        assert_eq!((case.raw("E"), case.env("E")), (Some(" "), None));
        assert!(!case.has_keys_outside_files());
        assert!(case.clone().without_file("~/alt").profile("a")[0].is_none());
        let folder = Case::new(json!({ "files": { "~/.aws/config": { "dir": true } } }));
        assert_eq!(folder.sections(Kind::Config), None);
    }
}

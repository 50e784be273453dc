//! A case as the generator writes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One question: an environment, files, what the program says in code, and a scripted network.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Option<Content>>,
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
    #[serde(default)]
    pub(crate) explicit: BTreeMap<String, String>,
    pub(crate) mfa: Option<String>,
    #[serde(default)]
    pub(crate) probe: Vec<String>,
    pub(crate) client: Option<ClientCase>,
    #[serde(default)]
    pub(crate) http: Vec<Route>,
    #[serde(default)]
    pub(crate) link_local: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Other(Other),
}

/// What a file is when it is not text.
#[derive(Debug, Deserialize)]
pub(crate) struct Other {
    #[serde(default)]
    pub(crate) dir: bool,
    pub(crate) symlink: Option<String>,
    pub(crate) b64: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClientCase {
    pub(crate) service: String,
    #[serde(default)]
    pub(crate) kwargs: serde_json::Map<String, Value>,
}

/// What the scripted network answers to a kind of request, one answer after the other, the last for ever.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Route {
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) prefix: Option<String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) responses: Vec<Answer>,
    /// How many requests came.
    #[serde(skip)]
    pub(crate) asked: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Value,
    #[serde(default)]
    pub(crate) delay: f64,
    #[serde(default)]
    pub(crate) close: bool,
}

//! Two answers side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::kinds::same_as;

/// What an answer comes down to, field by field.
type Facts = BTreeMap<String, Value>;

/// One field that is not the same.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) field: String,
    pub(super) theirs: Value,
    pub(super) ours: Value,
}

impl Difference {
    /// Whether it is of this field: `probe` is every field that begins with `probe.`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.field == name || self.field.split('.').next() == Some(name)
    }
}

/// That both sides answered at all.
pub(super) fn answered(theirs: &Value, ours: &Value) -> Result<(), String> {
    match [("botocore", &theirs["oracle_error"]), ("tucuxi", &ours["broken"])]
        .iter()
        .find(|(_, error)| !error.is_null())
    {
        Some((who, error)) => Err(format!("  {who} gave no answer: {error}\n")),
        None => Ok(()),
    }
}

/// The fields in which botocore's answer and ours differ.
pub(super) fn differences(their: &Value, our: &Value) -> Vec<Difference> {
    differing(&theirs(their), &ours(our))
}

/// Facts of botocore's answer.
fn theirs(answer: &Value) -> Facts {
    let mut facts = facts(answer);
    // What came but has expired is judged behind the chain.
    if let Some(error) = error(answer).filter(|error| error["kind"] != "still_expired") {
        let link = answer["load"]["visited"].as_array().and_then(|visited| visited.last()).cloned();
        // Inside a role's source other links are asked, but it is the role that fails.
        let within_role = has(&answer["load"]["visited"], "assume-role") && error["kind"] != "io";
        let found = answer["load"]["found"]["method"].as_str();
        let link =
            found.map(|found| json!([found])).or_else(|| Some(json!([link?]))).filter(|_| answer["session"].is_null());
        let mut links: Vec<Value> = link.and_then(|link| link.as_array().cloned()).unwrap_or_default();
        if within_role && !links.is_empty() && found.is_none() {
            links.push(json!("assume-role"));
        }
        facts.insert("link".to_owned(), json!(links));
    }
    facts
}

/// Facts of our answer.
fn ours(answer: &Value) -> Facts {
    let mut facts = facts(answer);
    if let Some(error) = error(answer) {
        facts.insert("link".to_owned(), error["link"].clone());
    }
    facts
}

fn facts(answer: &Value) -> Facts {
    let mut facts = Facts::new();
    let mut put = |name: &str, value: Value| drop(facts.insert(name.to_owned(), value));
    match (error(answer), &answer["creds"]) {
        (Some(error), _) => {
            put("outcome", json!("error"));
            put("kind", error["kind"].clone());
            put("code", error["code"].clone());
        }
        (None, Value::Object(credentials)) => {
            put("outcome", json!("credentials"));
            put("method", answer["load"]["found"]["method"].clone());
            for field in CREDENTIALS {
                put(field, credentials.get(*field).cloned().unwrap_or_default());
            }
        }
        (None, _) => put("outcome", json!("none")),
    }
    for field in ["region", "profile", "profiles"] {
        if let Some(value) = answer[field].get("value") {
            put(field, value.clone());
        }
    }
    for (name, value) in answer["probe"].as_object().into_iter().flatten() {
        if let Some(value) = value.get("value") {
            put(&format!("probe.{name}"), value.clone());
        }
    }
    match &answer["client"] {
        Value::Object(client) if client.contains_key("error") => put("client", json!("error")),
        Value::Object(client) if client.contains_key("endpoint_url") => {
            let url = client["endpoint_url"].as_str().unwrap_or_default();
            put("client", json!(url.trim_end_matches('/')));
        }
        _ => {}
    }
    if let Some(requests) = answer["requests"].as_array() {
        put("requests", requests_of(requests));
    }
    facts
}

fn error(answer: &Value) -> Option<&Value> {
    [&answer["session"], &answer["load"]["error"], &answer["freeze"]].into_iter().find(|error| error.is_object())
}

/// What reached the server. How often one request is sent again is a setting of its own, and each side has its
/// own name for a session that nobody named.
fn requests_of(requests: &[Value]) -> Value {
    let mut shown: Vec<Value> = Vec::new();
    for request in requests {
        let mut form = request["form"].clone();
        if let Some(name) = form.get_mut("RoleSessionName")
            && name.as_str().is_some_and(|name| name.starts_with("botocore-session-") || name.starts_with("tucuxi-"))
        {
            *name = json!("(nobody's)");
        }
        // What proves who asks, where no signature does.
        let bearer: Vec<&Value> = BEARERS.iter().map(|name| &request["headers"][*name]).collect();
        let request = json!([request["method"], request["target"], request["auth"], bearer, form]);
        if shown.last() != Some(&request) {
            shown.push(request);
        }
    }
    Value::Array(shown)
}

/// The headers that carry a token.
const BEARERS: [&str; 3] = ["authorization", "x-aws-ec2-metadata-token", "x-amz-sso_bearer_token"];

fn differing(theirs: &Facts, ours: &Facts) -> Vec<Difference> {
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    let same_outcome = theirs["outcome"] == ours["outcome"];
    let null = Value::Null;
    let differ = names.into_iter().filter_map(|name| {
        let follows = FOLLOW.contains(&name.as_str()) || CREDENTIALS.contains(&name.as_str());
        if follows && !same_outcome {
            return None;
        }
        let (their, our) = (theirs.get(name), ours.get(name));
        // A field that only one side knows cannot be compared.
        if !follows && (their.is_none() || our.is_none()) {
            return None;
        }
        let (their, our) = (their.unwrap_or(&null), our.unwrap_or(&null));
        // An empty token is not sent, an empty account not used: there is none.
        let [their, our] = [their, our]
            .map(|value| if *value == json!("") && OPTIONAL.contains(&name.as_str()) { &null } else { value });
        let same = match name.as_str() {
            "kind" => same_kind(their, our),
            "code" => their.is_null() || our.is_null() || their == our,
            "link" => their.as_array().is_none_or(|links| links.is_empty() || links.contains(our)),
            "expiry" => same_expiry(their, our),
            _ => their == our,
        };
        (!same).then(|| Difference { field: name.clone(), theirs: their.clone(), ours: our.clone() })
    });
    differ.collect()
}

fn same_kind(theirs: &Value, ours: &Value) -> bool {
    let accepted = same_as(theirs.as_str().unwrap_or_default());
    accepted.is_empty() || accepted.iter().any(|kind| ours == kind)
}

/// Seconds from now may differ by the jitter of instance metadata.
fn same_expiry(theirs: &Value, ours: &Value) -> bool {
    let seconds = |value: &Value| value.as_str()?.strip_prefix("NOW")?.parse::<i64>().ok();
    match (seconds(theirs), seconds(ours)) {
        (Some(theirs), Some(ours)) => theirs.abs_diff(ours) <= 300,
        _ => theirs == ours,
    }
}

fn has(list: &Value, word: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|item| item == word))
}

const CREDENTIALS: &[&str] = &["access_key", "secret_key", "token", "account_id", "expiry"];
const OPTIONAL: &[&str] = &["token", "account_id"];
/// Fields that say nothing when the outcomes differ already.
const FOLLOW: &[&str] = &["kind", "code", "link", "method", "requests"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(their: Value, our: Value, expected: &[&str]) {
        let found = differences(&their, &our);
        let fields: Vec<&str> = found.iter().map(|difference| difference.field.as_str()).collect();
        assert_eq!(fields, expected, "{found:?}");
    }

    fn creds(method: &str, key: &str, expiry: &str) -> Value {
        json!({ "session": null, "load": { "found": { "method": method } }, "creds": { "access_key": key, "expiry": expiry } })
    }

    #[test]
    fn credentials_are_compared_field_by_field() {
        check(creds("env", "A", "NOW+60"), creds("env", "A", "NOW+120"), &[]);
        check(creds("env", "A", "NOW+60"), creds("env", "A", "NOW+600"), &["expiry"]);
        check(creds("env", "A", "x"), creds("sso", "B", "x"), &["access_key", "method"]);
        check(creds("env", "A", "x"), json!({ "load": { "found": null } }), &["outcome"]);
    }

    #[test]
    fn errors_are_compared_by_kind_and_link() {
        let their = |kind: &str, visited: &[&str]| json!({ "load": { "error": { "kind": kind }, "visited": visited } });
        let our = |kind: &str, link: &str| json!({ "load": { "error": { "kind": kind, "link": link } } });
        check(their("partial_credentials", &["env"]), our("invalid_config", "env"), &[]);
        check(their("partial_credentials", &["env"]), our("denied", "env"), &["kind"]);
        check(their("partial_credentials", &["env"]), our("invalid_config", "sso"), &["link"]);
        check(their("py:KeyError", &["assume-role", "sso"]), our("denied", "assume-role"), &[]);
        check(json!({ "session": { "kind": "config_parse" } }), our("invalid_config", "sso"), &[]);
    }

    #[test]
    fn requests_count_once_however_often_they_are_sent() {
        let their = json!([{ "method": "GET", "target": "/" }, { "method": "GET", "target": "/" }]);
        let our = json!([{ "method": "GET", "target": "/" }]);
        check(json!({ "requests": their }), json!({ "requests": our }), &[]);
        check(json!({ "requests": their }), json!({ "requests": [] }), &["requests"]);
    }

    #[test]
    fn a_field_that_one_side_does_not_know_is_left_out() {
        check(json!({ "region": { "value": "a" } }), json!({}), &[]);
        check(json!({ "region": { "value": "a" } }), json!({ "region": { "value": "b" } }), &["region"]);
        check(json!({ "region": { "error": {} } }), json!({ "region": { "value": "b" } }), &[]);
    }
}

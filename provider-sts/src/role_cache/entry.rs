//! A role's session in a file: the answer of the service, as the AWS CLI keeps it. Pure.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use tucuxi_core::{Credentials, Error, format_rfc3339, parse_timestamp};
use zeroize::Zeroizing;

use crate::wire::account_of;

/// The session in a file, without provenance; `None` for a file that holds none, or one that will soon end.
pub(crate) fn read(json: &[u8], now: SystemTime) -> Option<Credentials> {
    let entry: Map<String, Value> = serde_json::from_slice(json).ok()?;
    let found = session(&entry, now);
    wipe(entry);
    found
}

fn session(entry: &Map<String, Value>, now: SystemTime) -> Option<Credentials> {
    let kept = entry.get("Credentials")?;
    let text = |name: &str| kept.get(name)?.as_str().filter(|text| !text.is_empty());
    let expires_at = parse_timestamp(text("Expiration")?)?;
    if expires_at < now + LAST_PART {
        return None;
    }
    let credentials = Credentials::new(text("AccessKeyId")?, text("SecretAccessKey")?)
        .with_session_token(text("SessionToken")?)
        .with_expires_at(expires_at);
    let role = || entry.get("AssumedRoleUser")?.get("Arn")?.as_str().and_then(account_of);
    Some(match text("AccountId").or_else(role) {
        Some(account) => credentials.with_account_id(account),
        None => credentials,
    })
}

/// The file's new text. Fields of other tools in the old one stay.
///
/// # Errors
/// `InvalidConfig` should a field not be JSON, which texts always are.
pub(crate) fn write(old: Option<&[u8]>, session: &Credentials) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut entry: Map<String, Value> = old.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default();
    let mut kept = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            kept.insert(name.to_owned(), value.into());
        }
    };
    add("AccessKeyId", Some(session.access_key_id().to_owned()));
    add("SecretAccessKey", Some(session.secret_access_key().to_owned()));
    add("SessionToken", session.session_token().map(str::to_owned));
    add("Expiration", session.expires_at().map(|at| format_rfc3339(at).replace('Z', "UTC")));
    add("AccountId", session.account_id().map(str::to_owned));
    if let Some(Value::Object(before)) = entry.insert("Credentials".to_owned(), Value::Object(kept)) {
        wipe(before);
    }
    // It tells of the old session.
    entry.remove("AssumedRoleUser");
    let json = serde_json::to_vec(&entry).map_err(|error| Error::invalid_config(error.to_string()));
    wipe(entry);
    Ok(Zeroizing::new(json?))
}

/// Secrets do not stay in memory that is given back.
fn wipe(entry: Map<String, Value>) {
    use zeroize::Zeroize;
    for (_, value) in entry {
        match value {
            Value::String(mut text) => text.zeroize(),
            Value::Object(inner) => wipe(inner),
            _ => {}
        }
    }
}

/// What the AWS CLI leaves unused as well.
const LAST_PART: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        parse_timestamp(text).unwrap()
    }

    #[track_caller]
    fn check(json: &str, now: &str, expected: Option<(&str, Option<&str>)>) {
        let found = read(json.as_bytes(), at(now));
        let found = found.as_ref().map(|found| (found.access_key_id(), found.account_id()));
        assert_eq!(found, expected, "{json}");
    }

    const THEIRS: &str = r#"{"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": "2026-01-01T01:00:00UTC"}, "AssumedRoleUser": {"AssumedRoleId": "A:me",
        "Arn": "arn:aws:sts::123456789012:assumed-role/r/me"}, "ResponseMetadata": {"RequestId": "1"}}"#;

    #[test]
    fn what_the_aws_cli_kept_is_used_until_a_quarter_of_an_hour_before_its_end() {
        let found = Some(("ASIA", Some("123456789012")));
        check(THEIRS, "2026-01-01T00:00:00Z", found);
        check(THEIRS, "2026-01-01T00:45:00Z", found);
        check(THEIRS, "2026-01-01T00:45:01Z", None);
        let newer = THEIRS.replace("\"Expiration\"", "\"AccountId\": \"210987654321\", \"Expiration\"");
        check(&newer, "2026-01-01T00:00:00Z", Some(("ASIA", Some("210987654321"))));
        check(&THEIRS.replace("UTC", "+00:00"), "2026-01-01T00:00:00Z", found);
    }

    #[test]
    fn what_makes_no_sense_is_as_good_as_absent() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"Credentials": {}}"#,
            &THEIRS.replace("UTC", ""),
            &THEIRS.replace("\"t\"", "null"),
            &THEIRS.replace("\"s\"", "\"\""),
        ] {
            check(json, "2026-01-01T00:00:00Z", None);
        }
    }

    #[test]
    fn what_is_written_is_read_back_beside_what_others_keep_there() {
        let session = Credentials::new("ASIA2", "s2")
            .with_session_token("t2")
            .with_account_id("111111111111")
            .with_expires_at(at("2026-01-01T08:00:00Z"));
        let old = THEIRS.replace("\"ResponseMetadata\"", "\"ours\": {\"x\": 1}, \"ResponseMetadata\"");
        let json = write(Some(old.as_bytes()), &session).unwrap();
        let text = std::str::from_utf8(&json).unwrap();
        assert!(read(&json, at("2026-01-01T00:00:00Z")).unwrap().signs_like(&session));
        assert!(
            text.contains(r#""ours":{"x":1}"#) && text.contains(r#""Expiration":"2026-01-01T08:00:00UTC""#),
            "{text}"
        );
        assert!(!text.contains("123456789012"), "{text}");
        for old in [None, Some(b"not JSON".as_slice())] {
            let json = write(old, &session).unwrap();
            assert_eq!(read(&json, at("2026-01-01T00:00:00Z")).unwrap().account_id(), Some("111111111111"));
        }
    }
}

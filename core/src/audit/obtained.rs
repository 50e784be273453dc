//! What is recorded of credentials. Pure.

use std::time::SystemTime;

use crate::encode::push_unit;
use crate::{Credentials, format_rfc3339};

/// Credentials that a session obtained, without their secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Obtained {
    /// When.
    pub time: SystemTime,
    /// The sources that acted: `profile dev > assume-role deploy`.
    pub provenance: String,
    /// The access key id.
    pub access_key_id: String,
    /// The account, if it is known.
    pub account_id: Option<String>,
    /// When they end, if they do.
    pub expires_at: Option<SystemTime>,
    /// The number of the process that obtained them.
    pub process: u32,
    /// The name of the machine, where it can be told.
    pub host: Option<String>,
}

impl Obtained {
    pub(crate) fn new(credentials: &Credentials, time: SystemTime, host: Option<String>) -> Self {
        Self {
            time,
            provenance: format!("{}", credentials.provenance()),
            access_key_id: credentials.access_key_id().to_owned(),
            account_id: credentials.account_id().map(str::to_owned),
            expires_at: credentials.expires_at(),
            process: std::process::id(),
            host,
        }
    }

    /// One JSON object in one line, without a line break at its end; what is not known is `null`.
    ///
    /// Its fields are `time`, `provenance`, `access_key_id`, `account_id`, `expires_at`, `process` and `host`; times
    /// are RFC 3339 in UTC.
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(256);
        json.push('{');
        push(&mut json, "time", Some(&format_rfc3339(self.time)));
        push(&mut json, "provenance", Some(&self.provenance));
        push(&mut json, "access_key_id", Some(&self.access_key_id));
        push(&mut json, "account_id", self.account_id.as_deref());
        push(&mut json, "expires_at", self.expires_at.map(format_rfc3339).as_deref());
        json.push_str("\"process\":");
        json.push_str(&self.process.to_string());
        json.push(',');
        push(&mut json, "host", self.host.as_deref());
        json.pop();
        json.push('}');
        json
    }
}

#[inline(never)]
fn push(json: &mut String, name: &str, value: Option<&str>) {
    push_text(json, name);
    json.push(':');
    match value {
        Some(value) => push_text(json, value),
        None => json.push_str("null"),
    }
    json.push(',');
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            // Also what ends a line for some reader.
            // None of them is beyond the first plane.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => push_unit(json, u32::from(c) as u16),
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_is_one_line_of_json_whatever_stands_in_it() {
        let odd = "a\"b\\c\n\r\t\u{0}\u{7f}\u{85}\u{2028}é😀";
        let obtained = Obtained {
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600),
            provenance: odd.to_owned(),
            access_key_id: "ASIA".to_owned(),
            account_id: None,
            expires_at: Some(SystemTime::UNIX_EPOCH),
            process: 7,
            host: Some("h".to_owned()),
        };
        let json = obtained.to_json();
        assert_eq!(
            json,
            "{\"time\":\"2026-01-01T00:00:00Z\",\"provenance\":\"a\\\"b\\\\c\\u000a\\u000d\\u0009\\u0000\\u007f\\u0085\\u2028é😀\",\
             \"access_key_id\":\"ASIA\",\"account_id\":null,\"expires_at\":\"1970-01-01T00:00:00Z\",\"process\":7,\"host\":\"h\"}"
        );
        assert_eq!(json.lines().count(), 1);
    }
}

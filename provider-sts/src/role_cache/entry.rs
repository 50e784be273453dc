//! A role's session in a file: the answer of the service, as the AWS CLI keeps it. Pure.

use std::time::{Duration, SystemTime};

use tucuxi_core::json::{self, Rest, Writer, member, rest};
use tucuxi_core::{Credentials, Secret, format_rfc3339, parse_timestamp};
use zeroize::Zeroizing;

use crate::wire::account_of;

/// The session in a file, without provenance; `None` for a file that holds none, or one that will soon end.
pub(crate) fn read(json: &[u8], now: SystemTime) -> Option<Credentials> {
    let (mut id, mut secret, mut token, mut expiration) =
        (String::new(), Secret::new(""), Secret::new(""), String::new());
    let (mut account, mut arn) = (None::<String>, None::<String>);
    let session = vec![
        member("AccessKeyId", &mut id),
        member("SecretAccessKey", &mut secret),
        member("SessionToken", &mut token),
        member("Expiration", &mut expiration),
        member("AccountId", &mut account),
    ];
    let role = vec![member("Arn", &mut arn)];
    json::read(json, vec![member("Credentials", session), member("AssumedRoleUser", role).optional()]).ok()?;
    let expires_at = parse_timestamp(&expiration)?;
    let credentials = Credentials::new(id, secret).with_session_token(token).with_expires_at(expires_at);
    if expires_at < now + LAST_PART || credentials.fault().is_some() {
        return None;
    }
    let told = account.as_deref().filter(|account| !account.is_empty());
    Some(match told.or_else(|| account_of(arn.as_deref()?)) {
        Some(account) => credentials.with_account_id(account),
        None => credentials,
    })
}

/// The file's new text. Fields of other tools in the old one stay.
pub(crate) fn write(old: Option<&[u8]>, session: &Credentials) -> Zeroizing<Vec<u8>> {
    let (mut kept, mut entry) = (Writer::default(), Writer::default());
    kept.text("AccessKeyId", session.access_key_id()).text("SecretAccessKey", session.secret_access_key());
    kept.optional("SessionToken", session.session_token());
    if let Some(at) = session.expires_at() {
        kept.text("Expiration", &format_rfc3339(at).replace('Z', "UTC"));
    }
    kept.optional("AccountId", session.account_id());
    entry.object("Credentials", kept);
    let mut others = Rest::default();
    // Both tell of the old session.
    let session = member("Credentials", Vec::new()).optional();
    let members = vec![session, member("AssumedRoleUser", Vec::new()).optional(), rest(&mut others)];
    if old.is_some_and(|json| json::read(json, members).is_ok()) {
        entry.rest(&others);
    }
    entry.finish()
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
        let json = write(Some(old.as_bytes()), &session);
        let text = std::str::from_utf8(&json).unwrap();
        assert!(read(&json, at("2026-01-01T00:00:00Z")).unwrap().signs_like(&session));
        assert!(
            text.contains(r#""ours":{"x": 1}"#) && text.contains(r#""Expiration":"2026-01-01T08:00:00UTC""#),
            "{text}"
        );
        assert!(!text.contains("123456789012"), "{text}");
        let told = |old: &str| String::from_utf8(write(Some(old.as_bytes()), &session).to_vec()).unwrap();
        assert!(told(r#"{"ours": 1}"#).ends_with(r#""AccountId":"111111111111"},"ours":1}"#));
        for old in [None, Some(b"{\"ours\": 1,".as_slice())] {
            let json = write(old, &session);
            assert_eq!(read(&json, at("2026-01-01T00:00:00Z")).unwrap().account_id(), Some("111111111111"));
            assert!(!std::str::from_utf8(&json).unwrap().contains("ours"));
        }
    }
}

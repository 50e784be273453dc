//! The cached sign-in, in the AWS CLI's own format. Pure.

use std::time::SystemTime;

use tucuxi_core::sign_in::{EXPIRES_AT, Format, Need, Token};
use tucuxi_core::{Credentials, Secret, format_rfc3339};

use crate::token_file::path;
use crate::wire::Grant;

/// A text that the format demands.
pub(crate) fn text<'a>(token: &'a Token, name: &str) -> &'a str {
    token.text(name).map_or("", Secret::expose)
}

/// The keys in it, without their end.
pub(crate) fn credentials(token: &Token) -> Credentials {
    Credentials::new(text(token, ACCESS_KEY_ID), text(token, SECRET_ACCESS_KEY))
        .with_session_token(text(token, SESSION_TOKEN))
        .with_account_id(text(token, ACCOUNT_ID))
}

/// The sign-in after a refresh, with everything that the answer does not name.
pub(crate) fn renewed(token: &Token, grant: Grant, now: SystemTime) -> Token {
    let mut texts = grant.texts;
    texts.push((EXPIRES_AT, Some(format_rfc3339(now + grant.lifetime).into())));
    token.with(texts)
}

/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
pub(crate) static FORMAT: Format = Format {
    path,
    members: &[
        (TOKEN_TYPE, Need::ElseAbsent),
        (CLIENT_ID, Need::Text),
        (REFRESH_TOKEN, Need::Text),
        (ID_TOKEN, Need::ElseAbsent),
        (DPOP_KEY, Need::Text),
    ],
    inner: (
        "accessToken",
        &[
            (ACCESS_KEY_ID, Need::Text),
            (SECRET_ACCESS_KEY, Need::Text),
            (SESSION_TOKEN, Need::Text),
            (ACCOUNT_ID, Need::Text),
            (EXPIRES_AT, Need::Text),
        ],
    ),
    // It counts once, whatever else stands in the file.
    grant: &[REFRESH_TOKEN],
    gives: ACCESS_KEY_ID,
    cure: SIGN_IN_AGAIN,
};

pub(crate) const ACCESS_KEY_ID: &str = "accessKeyId";
pub(crate) const SECRET_ACCESS_KEY: &str = "secretAccessKey";
pub(crate) const SESSION_TOKEN: &str = "sessionToken";
pub(crate) const ACCOUNT_ID: &str = "accountId";
/// What kind of keys these are: `aws_sigv4`.
pub(crate) const TOKEN_TYPE: &str = "tokenType";
/// Which way the sign-in went: on this device or on another one.
pub(crate) const CLIENT_ID: &str = "clientId";
/// What new keys are asked with; each use gives a new one.
pub(crate) const REFRESH_TOKEN: &str = "refreshToken";
/// Who signed in, as a signed statement.
pub(crate) const ID_TOKEN: &str = "idToken";
/// The key that the sign-in is bound to: SEC1 or PKCS#8 in PEM.
pub(crate) const DPOP_KEY: &str = "dpopKey";
pub(crate) const SIGN_IN_AGAIN: &str = "sign in again: aws login";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use tucuxi_core::{Env, Error, parse_timestamp};

    use super::*;
    use crate::token_file::token_file;

    const FILE: &str = r#"{"accessToken":{"accessKeyId":"ASIA","secretAccessKey":"SAK1","sessionToken":"ST1",
        "accountId":"123456789012","expiresAt":"2026-01-01T00:10:00Z","scope":"all"},"tokenType":"aws_sigv4",
        "clientId":"C","refreshToken":"RT1","idToken":"ID1","dpopKey":"KEY1","added":{"by":"another tool"}}"#;

    fn parse(json: &str) -> Result<Token, Error> {
        let context = tucuxi_testkit::context().with_env(Env::fake([("HOME", "/home/u")]));
        token_file(&context, "arn:aws:iam::123456789012:user/me").parse(json.as_bytes())
    }

    fn grant() -> Grant {
        let texts =
            [(ACCESS_KEY_ID, "ASIANEW"), (SECRET_ACCESS_KEY, "SAK2"), (SESSION_TOKEN, "ST2"), (REFRESH_TOKEN, "RT2")];
        let mut texts: Vec<_> = texts.into_iter().map(|(name, text)| (name, Some(Secret::from(text)))).collect();
        texts.push((ID_TOKEN, None));
        Grant { texts, lifetime: Duration::from_secs(900) }
    }

    #[test]
    fn a_file_is_read_and_written_without_losing_a_field() {
        let token = parse(FILE).unwrap();
        let token = renewed(&token, grant(), parse_timestamp("2026-01-01T00:06:00Z").unwrap());
        let written: Value = serde_json::from_slice(&token.to_json()).unwrap();
        let expected = serde_json::json!({"accessToken": {"accessKeyId": "ASIANEW", "secretAccessKey": "SAK2",
            "sessionToken": "ST2", "accountId": "123456789012", "expiresAt": "2026-01-01T00:21:00Z", "scope": "all"},
            "tokenType": "aws_sigv4", "clientId": "C", "refreshToken": "RT2", "idToken": "ID1", "dpopKey": "KEY1",
            "added": {"by": "another tool"}});
        assert_eq!(written, expected);
    }

    #[test]
    fn fields_are_written_in_the_order_of_the_aws_cli_and_others_after_them() {
        let token = parse(FILE).unwrap();
        assert_eq!(str::from_utf8(&token.to_json()).unwrap(), FILE.replace("\n        ", ""));
    }

    #[test]
    fn a_missing_field_is_named() {
        for field in [
            "accessKeyId",
            "secretAccessKey",
            "sessionToken",
            "accountId",
            "expiresAt",
            "clientId",
            "refreshToken",
            "dpopKey",
        ] {
            let error = parse(&FILE.replace(field, "something")).unwrap_err();
            assert!(error.to_string().contains(&format!("has no {field}")), "{field}: {error}");
        }
        for field in ["idToken", "tokenType"] {
            assert!(parse(&FILE.replace(field, "something")).is_ok(), "{field}");
        }
    }

    #[test]
    fn errors_and_debug_show_no_secret() {
        for broken in [r#"{"clientId":["SEKRIT"]}"#, r#"{"refreshToken":"SEKRIT""#, r#"{"accessToken":"SEKRIT"}"#] {
            let error = parse(broken).unwrap_err();
            assert!(!error.report().contains("SEKRIT"), "{}", error.report());
        }
        let shown = format!("{:?}", parse(FILE).unwrap());
        for secret in ["SAK1", "ST1", "RT1", "ID1", "KEY1", "another tool"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}

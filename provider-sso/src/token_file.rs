//! Where a sign-in is kept, and how: the AWS CLI's own files.

use std::path::PathBuf;
use std::time::SystemTime;

use sha1::{Digest, Sha1};
use tucuxi_core::encode::hex;
pub(crate) use tucuxi_core::sign_in::EXPIRES_AT;
use tucuxi_core::sign_in::{Format, Need, Token, TokenFile};
use tucuxi_core::{Context, Env, Error, ErrorKind, Secret, failure, parse_timestamp};

/// The file of one sign-in: `~/.aws/sso/cache/SHA1.json`, where SHA1 is that of the session's name or, for
/// a profile without a session, of its start URL. Reads nothing yet.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>
pub fn token_file(context: &Context, key: &str) -> TokenFile {
    TokenFile::new(context, key, &FORMAT)
}

/// What it takes to refresh a token.
pub(crate) struct Renewal<'a> {
    pub(crate) client_id: &'a Secret,
    pub(crate) client_secret: &'a Secret,
    pub(crate) refresh_token: &'a Secret,
}

impl<'a> Renewal<'a> {
    /// Nothing where something is missing or the registration has ended.
    pub(crate) fn of(token: &'a Token, now: SystemTime) -> Option<Self> {
        let registration = parse_timestamp(token.text(REGISTRATION_EXPIRES_AT)?.expose())?;
        if registration <= now {
            return None;
        }
        Some(Self {
            client_id: token.text(CLIENT_ID)?,
            client_secret: token.text(CLIENT_SECRET)?,
            refresh_token: token.text(REFRESH_TOKEN)?,
        })
    }
}

fn path(env: &Env, key: &str) -> Result<PathBuf, Error> {
    let mut path = cache(env)?;
    path.push(file_name(key));
    Ok(path)
}

/// Where the AWS CLI keeps sign-ins and registrations.
pub(crate) fn cache(env: &Env) -> Result<PathBuf, Error> {
    let mut cache = home(env)?;
    [".aws", "sso", "cache"].into_iter().for_each(|folder| cache.push(folder));
    Ok(cache)
}

pub(crate) fn home(env: &Env) -> Result<PathBuf, Error> {
    env.home().ok_or_else(|| {
        let what = format_args!("there is no home directory (HOME), so no sign-in can be kept");
        failure(ErrorKind::InvalidConfig, what, Some(format_args!("set HOME")))
    })
}

pub(crate) fn file_name(key: &str) -> String {
    hex(&Sha1::digest(key.as_bytes())) + ".json"
}

pub(crate) static FORMAT: Format = Format {
    path,
    members: &[
        (START_URL, Need::ElseAbsent),
        (REGION, Need::ElseAbsent),
        (ACCESS_TOKEN, Need::TextOrNull),
        (EXPIRES_AT, Need::ElseNull),
        (CLIENT_ID, Need::ElseAbsent),
        (CLIENT_SECRET, Need::ElseAbsent),
        (REGISTRATION_EXPIRES_AT, Need::ElseAbsent),
        (REFRESH_TOKEN, Need::ElseAbsent),
    ],
    inner: ("", &[]),
    grant: &[ACCESS_TOKEN, REFRESH_TOKEN],
    gives: ACCESS_TOKEN,
    cure: "sign in again: aws sso login",
};

pub(crate) const START_URL: &str = "startUrl";
pub(crate) const REGION: &str = "region";
/// What the portal accepts.
pub(crate) const ACCESS_TOKEN: &str = "accessToken";
/// The registration that may refresh it.
pub(crate) const CLIENT_ID: &str = "clientId";
pub(crate) const CLIENT_SECRET: &str = "clientSecret";
pub(crate) const REGISTRATION_EXPIRES_AT: &str = "registrationExpiresAt";
/// What a new access token is asked with; each use gives a new one.
pub(crate) const REFRESH_TOKEN: &str = "refreshToken";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_the_aws_cli_chooses() {
        assert_eq!(file_name("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
    }

    const FILE: &str = r#"{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"AT",
        "expiresAt":"2026-01-01T00:00:00UTC","clientId":"C","clientSecret":"CS",
        "registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT","added":{"by":"another tool"}}"#;

    fn parse(json: &str) -> Result<Token, Error> {
        let context = tucuxi_testkit::context().with_env(Env::fake([("HOME", "/home/u")]));
        token_file(&context, "my-sso").parse(json.as_bytes())
    }

    #[test]
    fn fields_are_written_in_the_order_of_the_aws_cli_and_others_after_them() {
        let check = |json: &str, expected: &str| {
            assert_eq!(str::from_utf8(&parse(json).unwrap().to_json()).unwrap(), expected);
        };
        check(
            r#"{"z":1,"refreshToken":"RT","accessToken":null,"a":[2],"region":"r"}"#,
            r#"{"region":"r","accessToken":null,"expiresAt":null,"refreshToken":"RT","z":1,"a":[2]}"#,
        );
        check(FILE, &FILE.replace("\n        ", ""));
    }

    #[test]
    fn a_registration_that_ended_refreshes_nothing() {
        let at = |text| parse_timestamp(text).unwrap();
        let token = parse(FILE).unwrap();
        assert!(Renewal::of(&token, at("2026-02-01T00:00:00Z")).is_some());
        assert!(Renewal::of(&token, at("2026-03-01T00:00:00Z")).is_none());
        for needed in [CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN] {
            let token = parse(&FILE.replace(needed, "else")).unwrap();
            assert!(Renewal::of(&token, at("2026-02-01T00:00:00Z")).is_none(), "{needed}");
        }
    }

    #[test]
    fn errors_and_debug_show_no_secret() {
        for broken in [r#"{"accessToken":["SEKRIT"]}"#, r#"{"accessToken":"SEKRIT""#] {
            let error = parse(broken).unwrap_err();
            assert!(!error.report().contains("SEKRIT"), "{}", error.report());
        }
        let shown = format!("{:?}", parse(FILE).unwrap());
        assert!(!shown.contains("\"AT\"") && !shown.contains("RT\"") && !shown.contains("CS"), "{shown}");
    }
}

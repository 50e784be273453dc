//! Every combination of variables that changes the answer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use tucuxi_core::{Context, Env, ErrorKind, ProvideCredentials, format_rfc3339};
use tucuxi_provider_env::EnvProvider;
use tucuxi_testkit::{block_on, context, contract};

type Variables<'a> = &'a [(&'a str, &'a str)];

/// Access key id, secret, token, account id, expiry.
type Row<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn with(variables: Variables<'_>) -> Context {
    context().with_env(Env::fake(variables.iter().copied()))
}

#[track_caller]
fn check(variables: Variables<'_>, expected: Row<'_>) {
    let credentials = block_on(EnvProvider::new(&with(variables)).provide_credentials()).unwrap();
    let expiry = credentials.expires_at().map(format_rfc3339);
    let row = (
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token(),
        credentials.account_id(),
        expiry.as_deref(),
    );
    assert_eq!(row, expected);
    assert_eq!(credentials.provenance().to_string(), "environment AWS_ACCESS_KEY_ID");
}

#[track_caller]
fn check_error(variables: Variables<'_>, kind: ErrorKind, message: &str) {
    let error = block_on(EnvProvider::new(&with(variables)).provide_credentials()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
}

#[test]
fn keys_token_account_and_expiry() {
    check(&[ID, SECRET], ("AKID", "secret", None, None, None));
    check(&[ID, SECRET, ("AWS_SESSION_TOKEN", "new")], ("AKID", "secret", Some("new"), None, None));
    check(&[ID, SECRET, ("AWS_SECURITY_TOKEN", "old")], ("AKID", "secret", Some("old"), None, None));
    check(
        &[ID, SECRET, ("AWS_SECURITY_TOKEN", "old"), ("AWS_SESSION_TOKEN", "new")],
        ("AKID", "secret", Some("new"), None, None),
    );
    check(&[ID, SECRET, ("AWS_ACCOUNT_ID", " 123456789012 ")], ("AKID", "secret", None, Some("123456789012"), None));
    for expiry in ["2026-01-01T00:00:01Z", "2026-01-01T01:00:01+01:00", "2026-01-01T00:00:01UTC"] {
        check(
            &[ID, SECRET, ("AWS_CREDENTIAL_EXPIRATION", expiry)],
            ("AKID", "secret", None, None, Some("2026-01-01T00:00:01Z")),
        );
    }
}

#[test]
fn empty_and_blank_variables_are_unset() {
    let blank = [
        ("AWS_SESSION_TOKEN", " "),
        ("AWS_SECURITY_TOKEN", ""),
        ("AWS_ACCOUNT_ID", "\t"),
        ("AWS_CREDENTIAL_EXPIRATION", "\n"),
    ];
    let [a, b, c, d] = blank;
    check(&[ID, SECRET, a, b, c, d], ("AKID", "secret", None, None, None));
    check(&[ID, SECRET, a, ("AWS_SECURITY_TOKEN", "old")], ("AKID", "secret", Some("old"), None, None));
    let unset = "AWS_ACCESS_KEY_ID is not set";
    let blank = "AWS_ACCESS_KEY_ID is blank, which counts as not set";
    check_error(&[], ErrorKind::NotConfigured, unset);
    check_error(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", " ")], ErrorKind::NotConfigured, blank);
    check_error(&[("AWS_SESSION_TOKEN", "alone")], ErrorKind::NotConfigured, unset);
}

#[test]
fn half_a_pair_stops() {
    let without_secret = "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY";
    let without_id = "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID";
    check_error(&[ID], ErrorKind::InvalidConfig, without_secret);
    check_error(&[SECRET], ErrorKind::InvalidConfig, without_id);
    let blank = |without: &str| format!("{without}, which is blank");
    let [secret, id] = [("AWS_SECRET_ACCESS_KEY", " "), ("AWS_ACCESS_KEY_ID", "")];
    check_error(&[ID, secret], ErrorKind::InvalidConfig, &blank(without_secret));
    check_error(&[SECRET, id], ErrorKind::InvalidConfig, &blank(without_id));
}

#[test]
fn a_faulty_value_names_its_variable() {
    for (variable, other) in [("AWS_ACCESS_KEY_ID", SECRET), ("AWS_SECRET_ACCESS_KEY", ID)] {
        let message = format!("{variable} ends in a line break");
        check_error(&[other, (variable, "value\n")], ErrorKind::InvalidConfig, &message);
    }
    for variable in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] {
        let message = format!("{variable} holds a blank");
        check_error(&[ID, SECRET, (variable, "to ken")], ErrorKind::InvalidConfig, &message);
    }
}

#[test]
fn an_expiry_that_is_no_time_or_has_passed_stops() {
    for bad in ["soon", "1767225600", "2026-01-01T00:00:00", "2026-01-01"] {
        check_error(
            &[ID, SECRET, ("AWS_CREDENTIAL_EXPIRATION", bad)],
            ErrorKind::InvalidConfig,
            "AWS_CREDENTIAL_EXPIRATION is not an RFC 3339 time with a zone",
        );
    }
    check_error(
        &[ID, SECRET, ("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:00:00Z")],
        ErrorKind::InvalidConfig,
        "the keys in AWS_ACCESS_KEY_ID expired at 2026-01-01T00:00:00Z (AWS_CREDENTIAL_EXPIRATION)",
    );
}

#[cfg(unix)]
#[test]
fn bytes_that_are_not_utf8_name_their_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] {
        let mut variables = vec![(ID.0, OsString::from(ID.1)), (SECRET.0, SECRET.1.into())];
        variables.push((variable, OsString::from_vec(vec![b'a', 0xff])));
        let provider = EnvProvider::new(&context().with_env(Env::fake(variables)));
        let error = block_on(provider.provide_credentials()).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::InvalidConfig, format!("{variable} is not UTF-8")));
    }
}

#[test]
fn the_contract() {
    let keys = |secret: &str, token: &str| with(&[ID, ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)]);
    contract("env", |context| Arc::new(EnvProvider::new(context)))
        .configured("a session", &["secret", "token"], |secrets| keys(secrets[0].value(), secrets[1].value()))
        .broken("a line break in the secret", ErrorKind::InvalidConfig, &["secret", "token"], |secrets| {
            keys(&format!("{}\n", secrets[0].value()), secrets[1].value())
        })
        .broken("a blank in the token", ErrorKind::InvalidConfig, &["secret", "token"], |secrets| {
            keys(secrets[0].value(), &format!("x {}", secrets[1].value()))
        })
        .broken("a secret as the expiry", ErrorKind::InvalidConfig, &["secret"], |secrets| {
            with(&[ID, SECRET, ("AWS_CREDENTIAL_EXPIRATION", secrets[0].value())])
        })
        .broken("a secret alone", ErrorKind::InvalidConfig, &["secret"], |secrets| {
            with(&[("AWS_SECRET_ACCESS_KEY", secrets[0].value())])
        })
        .run();
}

const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKID");
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "secret");

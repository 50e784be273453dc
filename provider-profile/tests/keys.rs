//! Plain keys of the two files.

mod common;

use std::sync::Arc;

use common::{CONFIG, CREDENTIALS, context};
use tucuxi_core::{Context, Credentials, Error, ErrorKind, ProvideCredentials};
use tucuxi_provider_profile::{Part, ProfileProvider, Profiles};
use tucuxi_testkit::{block_on, contract};

const PAIR: &str = "aws_access_key_id = AKID\naws_secret_access_key = secret";

fn ask(context: &Context) -> [Result<Credentials, Error>; 2] {
    let profiles = Profiles::new(context);
    [Part::CredentialsFile, Part::ConfigFile]
        .map(|part| block_on(ProfileProvider::of(&profiles).only(part).provide_credentials()))
}

#[track_caller]
fn check(config: &str, credentials: &str, variables: &[(&str, &str)], expected: [Result<&str, (ErrorKind, &str)>; 2]) {
    let answers = ask(&context(config, credentials, variables));
    for (answer, expected) in answers.into_iter().zip(expected) {
        match (answer, expected) {
            (Ok(credentials), Ok(expected)) => {
                let token = credentials.session_token().unwrap_or("-");
                let account = credentials.account_id().unwrap_or("-");
                let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
                assert_eq!(format!("{id} {secret} {token} {account}: {}", credentials.provenance()), expected);
            }
            (Err(error), Err((kind, message))) => {
                assert_eq!((error.to_string().as_str(), error.kind()), (message, kind));
                assert!(error.hint().is_some() || kind == ErrorKind::NotConfigured, "{error}");
            }
            (answer, expected) => panic!("{answer:?}, expected {expected:?}"),
        }
    }
}

const ABSENT: ErrorKind = ErrorKind::NotConfigured;
const WRONG: ErrorKind = ErrorKind::InvalidConfig;

#[test]
fn each_provider_reads_its_own_file() {
    check(
        &format!("[default]\n{PAIR}"),
        "",
        &[],
        [
            Err((ABSENT, "profile \"default\" has no aws_access_key_id in /h/.aws/credentials")),
            Ok("AKID secret - -: config-file /h/.aws/config:2"),
        ],
    );
    check(
        "",
        &format!("[default]\n{PAIR}"),
        &[],
        [
            Ok("AKID secret - -: shared-credentials-file /h/.aws/credentials:2"),
            Err((ABSENT, "profile \"default\" has no aws_access_key_id in /h/.aws/config")),
        ],
    );
    check(
        &format!("[profile a]\n{PAIR}2"),
        &format!("[a]\n{PAIR}1"),
        &[("AWS_PROFILE", "a")],
        [
            Ok("AKID secret1 - -: profile a > shared-credentials-file /h/.aws/credentials:2"),
            Ok("AKID secret2 - -: profile a > config-file /h/.aws/config:2"),
        ],
    );
    let nobody = "no profile is chosen, and there is no \"default\" in /h/.aws/config, /h/.aws/credentials";
    check("[profile a]", "", &[], [Err((ABSENT, nobody)), Err((ABSENT, nobody))]);
    let named = "profile \"b\" (from AWS_PROFILE) is not in /h/.aws/config, /h/.aws/credentials";
    check("[profile a]", "", &[("AWS_PROFILE", "b")], [Err((WRONG, named)), Err((WRONG, named))]);
    let broken = "/h/.aws/config:1: expected a profile definition";
    check("x", "", &[], [Err((WRONG, broken)), Err((WRONG, broken))]);
}

#[track_caller]
fn check_shared(section: &str, expected: Result<&str, &str>) {
    let [answer, _] = ask(&context("", section, &[]));
    match (answer, expected) {
        (Ok(credentials), Ok(expected)) => {
            let (token, account) = (credentials.session_token(), credentials.account_id());
            assert_eq!(format!("{} {}", token.unwrap_or("-"), account.unwrap_or("-")), expected, "{section}");
        }
        (Err(error), Err(message)) => {
            assert_eq!((error.to_string().as_str(), error.kind()), (message, WRONG), "{section}");
            assert!(error.hint().is_some());
        }
        (answer, expected) => panic!("{answer:?}, expected {expected:?}"),
    }
}

#[test]
fn token_and_account_belong_to_the_pair_of_their_file() {
    check_shared(&format!("[default]\n{PAIR}\naws_session_token=t\naws_account_id=1"), Ok("t 1"));
    check_shared(&format!("[default]\n{PAIR}\naws_security_token=u"), Ok("u -"));
    check_shared(&format!("[default]\n{PAIR}\naws_security_token=u\naws_session_token=t"), Ok("t -"));
    check_shared(&format!("[default]\n{PAIR}\naws_session_token=\naws_account_id ="), Ok("- -"));
    let token_elsewhere = context("[default]\naws_session_token = t", &format!("[default]\n{PAIR}"), &[]);
    assert_eq!(ask(&token_elsewhere)[0].as_ref().unwrap().session_token(), None);
    let token_alone = "profile \"default\" has no aws_access_key_id in /h/.aws/credentials";
    check(
        "",
        "[default]\naws_session_token=t",
        &[],
        [Err((ABSENT, token_alone)), Err((ABSENT, "profile \"default\" has no aws_access_key_id in /h/.aws/config"))],
    );
}

#[test]
fn half_a_pair_stops() {
    let id = "[default]\naws_access_key_id = AKID";
    let secret = "[default]\n\naws_secret_access_key = SEKRIT";
    let no_secret = "profile \"default\" has aws_access_key_id at /h/.aws/credentials:2 without aws_secret_access_key";
    check_shared(id, Err(no_secret));
    check_shared(
        secret,
        Err("profile \"default\" has aws_secret_access_key at /h/.aws/credentials:3 without aws_access_key_id"),
    );
    check_shared(
        "[default]\naws_access_key_id =\naws_secret_access_key =",
        Err("aws_access_key_id at /h/.aws/credentials:2 is empty"),
    );
    check_shared(
        "[default]\naws_access_key_id = A\naws_secret_access_key =",
        Err("aws_secret_access_key at /h/.aws/credentials:3 is empty"),
    );
    let split = |first: &str, second: &str| {
        format!("profile \"default\" has aws_access_key_id at {first} but aws_secret_access_key at {second}")
    };
    check(
        secret,
        id,
        &[],
        [
            Err((WRONG, &split(&format!("{CREDENTIALS}:2"), &format!("{CONFIG}:3")))),
            Err((
                WRONG,
                "profile \"default\" has aws_secret_access_key at /h/.aws/config:3 but aws_access_key_id at /h/.aws/credentials:2",
            )),
        ],
    );
    check(
        id,
        secret,
        &[],
        [
            Err((
                WRONG,
                "profile \"default\" has aws_secret_access_key at /h/.aws/credentials:3 but aws_access_key_id at /h/.aws/config:2",
            )),
            Err((WRONG, &split(&format!("{CONFIG}:2"), &format!("{CREDENTIALS}:3")))),
        ],
    );
    check(
        id,
        &format!("[default]\n{PAIR}"),
        &[],
        [
            Ok("AKID secret - -: shared-credentials-file /h/.aws/credentials:2"),
            Err((WRONG, &split(&format!("{CONFIG}:2"), &format!("{CREDENTIALS}:3")))),
        ],
    );
}

#[test]
fn keys_that_cannot_be_keys_are_refused() {
    let with = |secret: &str| format!("[default]\naws_access_key_id = A\naws_secret_access_key = {secret}");
    let at = "aws_secret_access_key at /h/.aws/credentials:3";
    check_shared(&with("SEK\n  RIT"), Err(&format!("{at} goes on in the next line, which is indented")));
    check_shared(&with("SEK RIT"), Err(&format!("{at} holds a blank")));
    check_shared(&with("SEK\0RIT"), Err(&format!("{at} holds a control character")));
    check_shared(&with("SEKRIT\u{200b}"), Err(&format!("{at} holds a character that is not ASCII")));
    check_shared(&with("\"SEKRIT\""), Err(&format!("{at} is wrapped in quotes")));
    check_shared(&with("minio\"'~/+= # comment"), Ok("- -"));
    let swapped = "[default]\naws_access_key_id = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\naws_secret_access_key = A";
    let message = "aws_access_key_id at /h/.aws/credentials:2 holds what looks like a secret access key";
    check_shared(swapped, Err(message));
    let token = format!("{}\naws_session_token = a b", with("s"));
    check_shared(&token, Err("aws_session_token at /h/.aws/credentials:4 holds a blank"));
}

#[test]
fn contract_of_the_providers() {
    let file = |secret: &str| {
        format!("[default]\naws_access_key_id = AKID\naws_secret_access_key = {secret}\naws_session_token = t{secret}")
    };
    let half = |secret: &str| format!("[default]\naws_secret_access_key = {secret}");
    let wrong = |secret: &str| format!("[default]\naws_secret_access_key: {secret}=\n{secret}");
    contract("shared-credentials-file", |context| Arc::new(ProfileProvider::new(context).only(Part::CredentialsFile)))
        .configured("keys", &["secret"], |secrets| context("", &file(secrets[0].value()), &[]))
        .broken("half a pair", WRONG, &["secret"], |secrets| context("", &half(secrets[0].value()), &[]))
        .broken("a broken file", WRONG, &["secret"], |secrets| context("", &wrong(secrets[0].value()), &[]))
        .broken("a line break", WRONG, &["secret"], |secrets| {
            context("", &file(&format!("{}\n  x", secrets[0].value())), &[])
        })
        .run();
    contract("config-file", |context| Arc::new(ProfileProvider::new(context).only(Part::ConfigFile)))
        .configured("keys", &["secret"], |secrets| context(&file(secrets[0].value()), "", &[]))
        .broken("half a pair", WRONG, &["secret"], |secrets| context(&half(secrets[0].value()), "", &[]))
        .run();
    contract("profile", |context| Arc::new(ProfileProvider::new(context)))
        .configured("keys", &["secret"], |secrets| context("", &file(secrets[0].value()), &[]))
        .broken("half a pair", WRONG, &["secret"], |secrets| context("", &half(secrets[0].value()), &[]))
        .broken("an unknown profile", WRONG, &["secret"], |secrets| {
            context("", &file(secrets[0].value()), &[("AWS_PROFILE", "x")])
        })
        .run();
}

//! Where tools disagree: one table for each decision, by its number in ARCHITECTURE.md.
#![cfg(feature = "default-chain")]

mod common;

use tucuxi::{Session, SessionBuilder};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "secret")];
const OFF: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

/// Variables, config file, credentials file.
type Given<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);

/// The access key id, or the kind of the error and its report.
#[track_caller]
fn found((variables, config, credentials): Given<'_>, code: impl FnOnce(SessionBuilder) -> SessionBuilder) -> String {
    let builder = Session::builder().context(common::context(variables, config, credentials));
    let answer = block_on(async {
        let session = code(builder).load().await?;
        session.credentials().provide_credentials().await
    });
    match answer {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => format!("{:?}: {}", error.kind(), error.report()),
    }
}

#[track_caller]
fn check(given: Given<'_>, expected: &str) {
    let found = found(given, |builder| builder);
    assert!(found.starts_with(expected), "{given:?} is {found}, expected {expected}");
}

fn section(name: &str, key: &str) -> String {
    format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n")
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KEYS.iter().chain(more).copied().collect()
}

#[test]
fn d2_aws_profile_comes_before_aws_default_profile() {
    let file = section("new", "AKIDNEW") + &section("old", "AKIDOLD");
    let (new, old) = (("AWS_PROFILE", "new"), ("AWS_DEFAULT_PROFILE", "old"));
    check((&[new, old], "", &file), "AKIDNEW");
    check((&[old], "", &file), "AKIDOLD");
    check((&[("AWS_PROFILE", ""), old], "", &file), "AKIDOLD");
}

#[test]
fn d3_aws_region_counts() {
    let region = |variables: &[(&str, &str)]| {
        let context = common::context(variables, "[default]\nregion = eu-west-3", "");
        let session = block_on(Session::builder().context(context).load()).expect("nothing is wrong");
        session.region().expect("the profile has one").to_string()
    };
    let (new, old) = (("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2"));
    assert_eq!([region(&[new, old]), region(&[old]), region(&[])], ["eu-west-1", "eu-west-2", "eu-west-3"]);
}

#[test]
fn d4_the_newer_token_variable_counts() {
    let token = |variables: &[(&str, &str)]| {
        let context = common::context(&with(variables), "", "");
        let answer = block_on(async {
            let session = Session::builder().context(context).load().await?;
            session.credentials().provide_credentials().await
        });
        answer.expect("keys are there").session_token().map(str::to_owned)
    };
    let (new, old) = (("AWS_SESSION_TOKEN", "new"), ("AWS_SECURITY_TOKEN", "old"));
    assert_eq!(token(&[new, old]).as_deref(), Some("new"));
    assert_eq!(token(&[old]).as_deref(), Some("old"));
    assert_eq!(token(&[]), None);
}

#[test]
fn d5_a_bad_profile_or_file_does_not_defeat_keys() {
    let bad = ("AWS_PROFILE", "gone");
    check((&with(&[bad]), "", ""), "AKIDENV");
    check((&KEYS, "[default\n", ""), "AKIDENV");
    check((&KEYS, "", "aws_access_key_id = no section\n"), "AKIDENV");
    let explicit = |builder: SessionBuilder| builder.access_key("AKIDCODE", "secret");
    assert_eq!(found((&[bad], "", ""), explicit), "AKIDCODE");
    assert_eq!(found((&[], "[default\n", ""), explicit), "AKIDCODE");
    assert_eq!(found((&[], "[profile dev\n", ""), |builder| explicit(builder).profile_name("dev")), "AKIDCODE");
    check((&[bad], "", ""), "InvalidConfig: assume-role: profile \"gone\"");
    check((&[], "[default\n", &section("default", "AKIDFILE")), "InvalidConfig: assume-role: /h/.aws/config:1");
    let unknown = found((&[], "", ""), |builder| explicit(builder).profile_name("gone"));
    assert!(unknown.starts_with("InvalidConfig: profile \"gone\""), "{unknown}");
}

#[test]
fn d6_blank_counts_as_unset() {
    let file = section("default", "AKIDFILE");
    let blank = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", " "), ("AWS_PROFILE", "\t")];
    check((&blank, "", &file), "AKIDFILE");
    check((&with(&[("AWS_SESSION_TOKEN", "")]), "", ""), "AKIDENV");
}

#[test]
fn d7_half_a_pair_stops() {
    let file = section("default", "AKIDFILE");
    check((&KEYS[..1], "", &file), "InvalidConfig: env: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
    check((&KEYS[1..], "", &file), "InvalidConfig: env: AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID");
    check((&[OFF], &file, "[default]\naws_access_key_id = A\n"), "InvalidConfig: shared-credentials-file: ");
    check((&[OFF], "[default]\naws_secret_access_key = s\n", ""), "InvalidConfig: config-file: ");
    let explicit = found((&KEYS, "", &file), |builder| builder.access_key("AKIDCODE", ""));
    assert!(explicit.starts_with("InvalidConfig: the secret access key given in code is empty"), "{explicit}");
}

#[test]
fn d8_version_1_of_instance_metadata_is_not_used() {
    let http = ScriptedHttp::new([Exchange::put("http://169.254.169.254/latest/api/token").answers(404, "")]);
    let context = common::context(&[], "", "").with_http(http.clone());
    let answer = block_on(async {
        let session = Session::builder().context(context).load().await?;
        session.credentials().provide_credentials().await
    });
    assert!(answer.is_err_and(|error| error.is_not_configured()));
    http.assert_done();
}

#[test]
fn d13_a_pair_split_over_both_files_is_refused() {
    let (id, secret) = ("[default]\naws_access_key_id = A\n", "[default]\naws_secret_access_key = s\n");
    for (config, credentials) in [(id, secret), (secret, id)] {
        let found = found((&[OFF], config, credentials), |builder| builder);
        assert!(found.starts_with("InvalidConfig: "), "{found}");
        assert!(found.contains("/h/.aws/config:2") && found.contains("/h/.aws/credentials:2"), "{found}");
    }
}

#[test]
fn of_two_names_that_differ_the_one_that_counts_is_told() {
    let told = |variables: &[(&str, &str)], code: fn(SessionBuilder) -> SessionBuilder| {
        let files = section("one", "AKIDONE");
        let builder = Session::builder().context(common::context(&with(variables), "", &files));
        let session = block_on(code(builder).load()).unwrap();
        let warnings = session.warnings().iter().filter_map(|line| line.split_once(" counts; "));
        warnings.map(|(counts, _)| counts.to_owned()).collect::<Vec<_>>()
    };
    let as_is = |builder| builder;
    let regions = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "us-east-1")];
    let tokens = [("AWS_SESSION_TOKEN", "a"), ("AWS_SECURITY_TOKEN", "b")];
    assert_eq!(told(&regions, as_is), ["AWS_REGION"]);
    assert_eq!(told(&tokens, as_is), ["AWS_SESSION_TOKEN"]);
    // What code says counts more than either.
    assert!(told(&regions, |builder| builder.region("eu-west-2")).is_empty());
    assert!(told(&tokens, |builder| builder.profile_name("one")).is_empty());
    // One alone, two that agree, and a blank one are no contradiction.
    assert!(told(&[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-1")], as_is).is_empty());
    assert!(told(&[("AWS_SESSION_TOKEN", " "), ("AWS_SECURITY_TOKEN", "b")], as_is).is_empty());
}

#[test]
fn a_session_tells_of_keys_and_variables_that_do_not_count_whichever_source_answers() {
    let told = |variables: &[(&str, &str)], config: &str, code: fn(SessionBuilder) -> SessionBuilder| {
        let builder = Session::builder().context(common::context(variables, config, ""));
        block_on(code(builder).load()).unwrap().warnings().to_vec()
    };
    let as_is = |builder| builder;
    let mistyped = "[default]\nrole_arm = R\nsource_profile = b\n";
    let warning = "/h/.aws/config:3: source_profile does not count: profile \"default\" has no role_arn, but role_arm at /h/.aws/config:2";
    assert_eq!(told(&[], mistyped, as_is), [warning]);
    assert_eq!(told(&KEYS, mistyped, as_is), [warning]);
    assert_eq!(told(&KEYS, mistyped, |builder| builder.access_key("A", "s")), [warning]);
    let role = "[default]\nweb_identity_token_file = T\nrole_arn = R\n";
    let variable = [("AWS_ROLE_ARN", "V")];
    let warning = "/h/.aws/config:3: role_arn does not count: AWS_ROLE_ARN comes first";
    assert_eq!(told(&variable, role, as_is), [warning]);
    assert!(told(&variable, role, |builder| builder.profile_name("default")).is_empty());
}

//! Where each setting comes from, and what is said when it cannot be used.
#![cfg(all(feature = "profile", feature = "s3"))]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::fmt::Debug;

use tucuxi::{Error, Session, SessionBuilder, Setting, Settings};
use tucuxi_testkit::block_on;

const FILE: &str = "[default]
region = eu-north-1
use_fips_endpoint = true
use_dualstack_endpoint = false
retry_mode = adaptive
max_attempts = 7
ca_bundle = /etc/ca.pem
s3 =
  addressing_style = path
  use_accelerate_endpoint = true
  use_dualstack_endpoint = true
";

fn load(
    variables: &[(&str, &str)],
    config: &str,
    code: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> Result<Session, Error> {
    let builder = Session::builder().context(common::context(variables, config, "")).access_key("AKID", "secret");
    block_on(code(builder).load())
}

fn shown<T: Debug>(setting: Option<&Setting<T>>) -> String {
    setting.map_or_else(|| "none".to_owned(), |setting| format!("{:?} {}", setting.value(), setting.origin()))
}

fn check_region(variables: &[(&str, &str)], config: &str, code: Option<&str>, expected: &str) {
    let session = load(variables, config, |builder| match code {
        Some(region) => builder.region(region),
        None => builder,
    });
    let found = match &session {
        Ok(session) => match session.settings().region() {
            Ok(Some(region)) => format!("{} {}", region.value(), region.origin()),
            Ok(None) => "none".to_owned(),
            Err(error) => format!("unknown: {error}"),
        },
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{variables:?} {config:?} {code:?}");
}

#[test]
fn region_is_code_then_variables_then_profile() {
    let (new, old) = (("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2"));
    let file = "[default]\nregion = eu-west-3";
    check_region(&[new, old], file, Some("us-east-2"), "us-east-2 given in code");
    check_region(&[new, old], file, None, "eu-west-1 AWS_REGION");
    check_region(&[old], file, None, "eu-west-2 AWS_DEFAULT_REGION");
    check_region(&[], file, None, "eu-west-3 /h/.aws/config:2");
    check_region(&[], "", None, "none");
    check_region(&[("AWS_REGION", "")], file, None, "eu-west-3 /h/.aws/config:2");
    check_region(&[("AWS_REGION", " eu-west-1\n")], "", None, "eu-west-1 AWS_REGION");
    check_region(&[], "[default]\nregion =", None, "none");
}

#[test]
fn a_region_that_is_none_names_its_origin() {
    check_region(&[("AWS_REGION", "eu_west")], "", None, "AWS_REGION: \"eu_west\" is not a region name");
    check_region(&[], "[default]\nregion = -a", None, "/h/.aws/config:2: region: \"-a\" is not a region name");
    check_region(&[], "", Some("a/b"), "region given in code: \"a/b\" is not a region name");
    check_region(&[], "", Some(""), "region given in code: \"\" is not a region name");
}

#[test]
fn a_broken_file_leaves_the_region_unknown_only_where_it_could_name_it() {
    let broken = "[default\n";
    let session = load(&[], broken, |builder| builder).unwrap();
    let unknown = session.settings().region().unwrap_err();
    assert!(unknown.to_string().contains("/h/.aws/config:1"), "{unknown}");
    assert_eq!(session.region(), None);
    assert_eq!(session.warnings().len(), 1, "{:?}", session.warnings());
    check_region(&[("AWS_REGION", "eu-west-1")], broken, None, "eu-west-1 AWS_REGION");
    check_region(&[], broken, Some("eu-west-1"), "eu-west-1 given in code");
}

fn rows(settings: &Settings) -> [String; 8] {
    let s3 = settings.s3().unwrap();
    [
        shown(settings.use_fips_endpoint()),
        shown(settings.use_dualstack_endpoint()),
        shown(settings.retry_mode()),
        shown(settings.max_attempts()),
        shown(settings.ca_bundle()),
        shown(s3.addressing_style()),
        shown(s3.use_accelerate_endpoint()),
        shown(s3.use_dualstack_endpoint()),
    ]
}

#[test]
fn every_other_setting_follows_the_same_rule() {
    let session = load(&[], FILE, |builder| builder).unwrap();
    assert_eq!(
        rows(session.settings()),
        [
            "true /h/.aws/config:3",
            "false /h/.aws/config:4",
            "Adaptive /h/.aws/config:5",
            "7 /h/.aws/config:6",
            "\"/etc/ca.pem\" /h/.aws/config:7",
            "Path /h/.aws/config:9",
            "true /h/.aws/config:10",
            "true /h/.aws/config:11",
        ]
    );
    let variables = [
        ("AWS_USE_FIPS_ENDPOINT", "FALSE"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_RETRY_MODE", "Standard"),
        ("AWS_MAX_ATTEMPTS", " 4 "),
        ("AWS_CA_BUNDLE", "/env/ca.pem"),
    ];
    let session = load(&variables, FILE, |builder| builder).unwrap();
    assert_eq!(
        rows(session.settings())[..5],
        [
            "false AWS_USE_FIPS_ENDPOINT",
            "true AWS_USE_DUALSTACK_ENDPOINT",
            "Standard AWS_RETRY_MODE",
            "4 AWS_MAX_ATTEMPTS",
            "\"/env/ca.pem\" AWS_CA_BUNDLE",
        ]
    );
    let code = |builder: SessionBuilder| {
        builder
            .use_fips_endpoint(true)
            .use_dualstack_endpoint(false)
            .retry_mode(tucuxi::RetryMode::Standard)
            .max_attempts(2)
    };
    let session = load(&variables, FILE, code).unwrap();
    assert_eq!(
        rows(session.settings())[..4],
        ["true given in code", "false given in code", "Standard given in code", "2 given in code"]
    );
    let session = load(&[], "", |builder| builder).unwrap();
    assert!(rows(session.settings()).iter().all(|row| row == "none"));
}

fn check_refused(variables: &[(&str, &str)], config: &str, expected: &str) {
    let error = load(variables, config, |builder| builder).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (tucuxi::ErrorKind::InvalidConfig, expected));
}

#[test]
fn a_setting_that_cannot_be_used_names_its_origin() {
    check_refused(&[("AWS_MAX_ATTEMPTS", "0")], "", "AWS_MAX_ATTEMPTS: \"0\" is not a whole number from 1 on");
    check_refused(&[("AWS_MAX_ATTEMPTS", "many")], FILE, "AWS_MAX_ATTEMPTS: \"many\" is not a whole number from 1 on");
    check_refused(
        &[("AWS_RETRY_MODE", "fast")],
        "",
        "AWS_RETRY_MODE: \"fast\" is not one of legacy, standard, adaptive",
    );
    check_refused(
        &[],
        "[default]\nuse_fips_endpoint = 1",
        "/h/.aws/config:2: use_fips_endpoint: \"1\" is neither true nor false",
    );
}

#[test]
fn a_setting_of_s3_that_cannot_be_used_is_the_error_of_whoever_needs_s3() {
    let session = load(&[], "[default]\ns3 =\n  addressing_style = both", |builder| builder).unwrap();
    let error = session.settings().s3().unwrap_err();
    assert_eq!(error.kind(), tucuxi::ErrorKind::InvalidConfig);
    let expected = "/h/.aws/config:3: addressing_style: \"both\" is not one of auto, virtual, path";
    assert_eq!(error.to_string(), expected);
    #[cfg(feature = "s3")]
    {
        let mut buckets = session.s3().buckets();
        let error = block_on(buckets.try_next()).unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), expected);
    }
}

#[test]
fn what_is_followed_differently_is_a_warning() {
    let warnings = |mode| load(&[("AWS_RETRY_MODE", mode)], "", |builder| builder).unwrap().warnings().to_vec();
    assert_eq!(warnings("legacy"), ["AWS_RETRY_MODE: retry mode legacy is followed as standard"]);
    assert!(warnings("adaptive").is_empty());
    assert!(warnings("standard").is_empty());
}

#[test]
fn a_ca_bundle_needs_the_session_to_make_its_own_client() {
    let error = load(&[], "", |builder| builder.ca_bundle("/ca.pem")).unwrap_err();
    assert_eq!(error.to_string(), "ca_bundle and context were both given in code");
    let session = load(&[], "[default]\nca_bundle = /ca.pem", |builder| builder).unwrap();
    assert_eq!(
        session.warnings(),
        ["/h/.aws/config:2: the CA bundle is not used, this session has a context of its own"]
    );
}

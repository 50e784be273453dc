//! Endpoint URLs by the shared cases and by tables of our own.
#![cfg(feature = "profile")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use tucuxi::{Error, Session, SessionBuilder};
use tucuxi_testkit::{block_on, shared_vectors};

const SERVICES: &str = "[profile dev]
endpoint_url = https://profile.example
services = all
[services all]
s3 =
  endpoint_url = https://services-s3.example
sso_oidc =
  endpoint_url = https://services-oidc.example
[profile plain]
endpoint_url = https://profile.example
[profile ignoring]
endpoint_url = https://profile.example
ignore_configured_endpoint_urls = TRUE
[profile lost]
services = none
[profile bad]
endpoint_url = s3.example
";

fn endpoint(builder: SessionBuilder, service: &str) -> Result<String, Error> {
    block_on(async {
        let session = builder.access_key("AKID", "secret").load().await?;
        Ok(session
            .endpoint_url_for(service)?
            .map_or_else(|| "aws".to_owned(), |setting| format!("{} {}", setting.value(), setting.origin())))
    })
}

fn check(variables: &[(&str, &str)], profile: &str, service: &str, expected: &str) {
    let builder = Session::builder().context(common::context(variables, SERVICES, "")).profile_name(profile);
    let found = endpoint(builder, service).unwrap_or_else(|error| format!("{error}"));
    assert_eq!(found, expected, "{variables:?} {profile} {service}");
}

#[test]
fn the_nearest_origin_wins_and_is_named() {
    let global = ("AWS_ENDPOINT_URL", "https://global.example");
    let s3 = ("AWS_ENDPOINT_URL_S3", "https://s3.example");
    check(&[global, s3], "dev", "s3", "https://s3.example AWS_ENDPOINT_URL_S3");
    check(&[global], "dev", "s3", "https://global.example AWS_ENDPOINT_URL");
    check(&[global, s3], "dev", "sts", "https://global.example AWS_ENDPOINT_URL");
    check(&[("AWS_ENDPOINT_URL_SSO_OIDC", "http://o")], "dev", "sso-oidc", "http://o AWS_ENDPOINT_URL_SSO_OIDC");
    check(&[("AWS_ENDPOINT_URL", " ")], "plain", "s3", "https://profile.example /h/.aws/config:10");
    check(&[], "dev", "s3", "https://services-s3.example /h/.aws/config:6");
    check(&[], "dev", "SSO OIDC", "https://services-oidc.example /h/.aws/config:8");
    check(&[], "dev", "sts", "https://profile.example /h/.aws/config:2");
}

#[test]
fn configured_endpoints_can_be_left_out() {
    let global = ("AWS_ENDPOINT_URL", "https://global.example");
    check(&[global], "ignoring", "s3", "aws");
    check(&[global, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], "plain", "s3", "aws");
    check(
        &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")],
        "ignoring",
        "s3",
        "https://profile.example /h/.aws/config:12",
    );
    let code = || Session::builder().context(common::context(&[global], SERVICES, "")).profile_name("ignoring");
    let kept = endpoint(code().ignore_configured_endpoint_urls(false), "s3").unwrap();
    assert_eq!(kept, "https://global.example AWS_ENDPOINT_URL");
    assert_eq!(endpoint(code().endpoint_url("http://code"), "s3").unwrap(), "http://code given in code");
}

#[test]
fn what_cannot_be_used_is_named() {
    let url = "the endpoint URL has no host";
    check(&[("AWS_ENDPOINT_URL_S3", "/path")], "dev", "s3", &format!("AWS_ENDPOINT_URL_S3: {url}"));
    check(&[("AWS_ENDPOINT_URL_S3", "/path")], "plain", "sts", "https://profile.example /h/.aws/config:10");
    check(
        &[],
        "bad",
        "s3",
        "/h/.aws/config:17: endpoint_url: the endpoint URL starts neither with http:// nor with https://",
    );
    check(&[], "lost", "s3", "/h/.aws/config:15: there is no section [services none]");
    check(&[("AWS_ENDPOINT_URL_S3", "http://s3")], "lost", "s3", "http://s3 AWS_ENDPOINT_URL_S3");
    check(
        &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes")],
        "dev",
        "s3",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: \"yes\" is neither true nor false",
    );
    let code = Session::builder().context(common::context(&[], "", "")).endpoint_url("s3.example:9000");
    let error = block_on(code.access_key("AKID", "secret").load()).unwrap_err();
    assert!(error.to_string().starts_with("endpoint_url given in code: the endpoint URL"), "{error}");
}

/// The error of the first request to STS.
#[cfg(feature = "sts")]
#[track_caller]
fn refused(variables: &[(&str, &str)], config: &str, change: fn(SessionBuilder) -> SessionBuilder, expected: &str) {
    let builder = Session::builder().context(common::context(variables, config, "")).access_key("AKID", "secret");
    let error = block_on(async { change(builder).load().await.unwrap().caller_identity().await }).unwrap_err();
    assert_eq!(error.kind(), tucuxi::ErrorKind::InvalidConfig, "{error}");
    assert!(
        error.to_string().contains(&format!("the endpoint of STS is given, so nothing can choose a {expected}")),
        "{error}"
    );
    assert_eq!(error.hint(), Some("drop one of the two settings"));
}

#[cfg(feature = "sts")]
#[test]
fn fips_and_an_endpoint_are_both_named() {
    let as_it_is = |builder| builder;
    let (fips, url) = (("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_ENDPOINT_URL_STS", "http://sts"));
    refused(&[fips, url], "", as_it_is, "FIPS one (AWS_USE_FIPS_ENDPOINT, AWS_ENDPOINT_URL_STS)");
    let config = "[default]\nuse_fips_endpoint = true\nendpoint_url = http://all\n";
    let lines = "use_fips_endpoint at /h/.aws/config:2, endpoint_url at /h/.aws/config:3";
    refused(&[], config, as_it_is, &format!("FIPS one ({lines})"));
    let dual_stack = "[default]\nuse_dualstack_endpoint = true\nuse_fips_endpoint = false\n";
    let expected = "dual-stack one (use_dualstack_endpoint at /h/.aws/config:2, endpoint_url given in code)";
    refused(&[], dual_stack, |builder| builder.endpoint_url("http://code"), expected);
    let expected = "FIPS one (use_fips_endpoint given in code, AWS_ENDPOINT_URL_STS)";
    refused(&[url], dual_stack, |builder| builder.use_fips_endpoint(true), expected);
}

/// What credentials of a sign-in at `now` are refused with; a sign-in to IAM Identity Center lasts until four past.
#[cfg(all(feature = "sso", feature = "login"))]
#[track_caller]
fn sign_in_refused(profile: &str, now: &str, variable: &str, expected: &str) {
    let config = "[profile corp]\nsso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = r\n\
        use_fips_endpoint = true\n[sso-session my-sso]\nsso_start_url = https://e.awsapps.com/start\n\
        sso_region = us-east-1\n[profile console]\nregion = eu-west-1\nuse_fips_endpoint = true\n\
        login_session = arn:aws:sts::123456789012:assumed-role/Admin/me\n";
    let sso = r#"{"accessToken":"t","expiresAt":"2026-01-01T00:04:00Z","clientId":"C","clientSecret":"CS",
        "registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT"}"#;
    let login = include_str!(
        "scenarios/login_refreshed/home/.aws/login/cache/c03a7323bda916bba892295dd46ea73c98866a0ad0a2606cb839909f35fbc865.json"
    );
    let context = common::context(&[(variable, "http://own")], "", "")
        .with_fs(tucuxi::Fs::fake([
            (common::CONFIG, config),
            ("/h/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json", sso),
            ("/h/.aws/login/cache/c03a7323bda916bba892295dd46ea73c98866a0ad0a2606cb839909f35fbc865.json", login),
        ]))
        .with_clock(tucuxi_testkit::FakeClock::auto().at(now));
    let error = block_on(async {
        let session = Session::builder().context(context).profile_name(profile).load().await.unwrap();
        session.credentials().provide_credentials().await.unwrap_err()
    });
    assert_eq!(error.kind(), tucuxi::ErrorKind::InvalidConfig, "{error}");
    let expected =
        format!("use_fips_endpoint cannot be combined with the endpoint http://own ({expected}, {variable})");
    assert!(error.to_string().contains(&expected), "{error}, expected {expected}");
    assert_eq!(error.hint(), Some("take one of the two away: use_fips_endpoint, or the endpoint URL"));
}

#[cfg(all(feature = "sso", feature = "login"))]
#[test]
fn sign_ins_name_both_as_well() {
    let at = |line: u8| format!("use_fips_endpoint at /h/.aws/config:{line}");
    sign_in_refused("corp", "2025-12-31T00:00:00Z", "AWS_ENDPOINT_URL_SSO", &at(5));
    sign_in_refused("corp", "2026-01-01T00:05:00Z", "AWS_ENDPOINT_URL_SSO_OIDC", &at(5));
    sign_in_refused("console", "2026-01-01T00:05:00Z", "AWS_ENDPOINT_URL_SIGNIN", &at(11));
}

#[test]
fn the_shared_cases_pass() {
    let manifest = env!("CARGO_MANIFEST_DIR");
    let Some(text) = shared_vectors(manifest, "files/configured-endpoint-url-tests.json", 39) else { return };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut run = 0;
    for suite in vectors["testSuites"].as_array().unwrap() {
        let config = config(suite);
        for case in suite["endpointUrlTests"].as_array().unwrap() {
            shared_case(suite, &config, case);
            run += 1;
        }
    }
    assert_eq!(run, 39);
}

fn shared_case(suite: &Value, config: &str, case: &Value) {
    let text = |name: &str| case[name].as_str().unwrap();
    let variables = &suite["environments"][text("environment")];
    let variables: Vec<(&str, &str)> =
        variables.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let mut builder = Session::builder().context(common::context(&variables, config, "")).profile_name(text("profile"));
    let client = suite["client_configs"][text("client_config")].as_object().unwrap();
    for (name, value) in client {
        builder = match name.as_str() {
            "endpoint_url" => builder.endpoint_url(value.as_str().unwrap()),
            "ignore_configured_endpoint_urls" => builder.ignore_configured_endpoint_urls(value.as_bool().unwrap()),
            other => panic!("{other} means nothing here"),
        };
    }
    let expected = case["output"]["endpointUrl"].as_str().unwrap();
    let service = text("service");
    let found = block_on(async {
        let session = builder.access_key("AKID", "secret").load().await.unwrap();
        let found = session.endpoint_url_for(service).unwrap();
        let region = session.region().unwrap().clone();
        found.map_or_else(|| format!("https://{service}.{region}.amazonaws.com"), |setting| setting.into_value())
    });
    assert_eq!(found, expected, "{}", text("name"));
}

/// The profiles and services of a suite as a config file.
fn config(suite: &Value) -> String {
    let mut text = String::new();
    let sections = |name: &str| -> BTreeMap<String, Value> {
        suite[name].as_object().unwrap().iter().map(|(name, keys)| (name.clone(), keys.clone())).collect()
    };
    for (name, keys) in sections("profiles") {
        writeln!(text, "[profile {name}]").unwrap();
        for (key, value) in keys.as_object().unwrap() {
            writeln!(text, "{key} = {}", value.as_str().unwrap()).unwrap();
        }
    }
    for (name, services) in sections("services") {
        writeln!(text, "[services {name}]").unwrap();
        for (service, keys) in services.as_object().unwrap() {
            writeln!(text, "{service} =").unwrap();
            for (key, value) in keys.as_object().unwrap() {
                writeln!(text, "  {key} = {}", value.as_str().unwrap()).unwrap();
            }
        }
    }
    text
}

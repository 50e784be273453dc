//! What a session's S3 client sends, by the session's settings.
#![cfg(all(feature = "s3", feature = "profile"))]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use tucuxi::{Session, SessionBuilder, s3};
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on};

/// Asks for `head_object("bucket", "key")` and yields the URL asked for, or the error.
#[track_caller]
fn found(variables: &[(&str, &str)], config: &str, code: impl FnOnce(SessionBuilder) -> SessionBuilder) -> String {
    let http = ScriptedHttp::refusing();
    let context = common::context(variables, config, "").with_http(http.clone());
    let builder = code(Session::builder().context(context).access_key("AKID", "secret").max_attempts(1));
    let error = block_on(async {
        let session = builder.load().await.unwrap();
        session.s3().head_object("bucket", "key").await.unwrap_err()
    });
    match http.seen().first() {
        Some(seen) => seen.url.clone(),
        None => {
            assert_eq!(error.kind(), s3::ErrorKind::Config, "{}", error.report());
            error.report()
        }
    }
}

#[track_caller]
fn check(variables: &[(&str, &str)], config: &str, expected: &str) {
    let found = found(variables, config, |builder| builder);
    assert!(found.contains(expected), "{variables:?} {config:?} is {found}, expected {expected}");
}

#[test]
fn the_region_decides_the_host() {
    check(&[("AWS_REGION", "eu-west-1")], "", "https://bucket.s3.eu-west-1.amazonaws.com/key");
    check(&[], "[default]\nregion = cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn/key");
    check(&[], "", "https://bucket.s3.amazonaws.com/key");
}

#[test]
fn the_endpoint_is_that_of_the_service() {
    let (all, s3) = (("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_S3", "http://s3:9000"));
    check(&[all, s3], "", "http://s3:9000/bucket/key");
    check(&[all], "", "http://all/bucket/key");
    check(&[all], "[default]\ns3 =\n  addressing_style = virtual", "http://bucket.all/key");
    let services = "[default]\nservices = x\n[services x]\ns3 =\n  endpoint_url = https://services";
    check(&[], services, "https://services/bucket/key");
    let url = found(&[all, s3], services, |builder| builder.endpoint_url("http://code"));
    assert_eq!(url, "http://code/bucket/key");
}

#[test]
fn the_s3_section_and_the_flags_count() {
    let region = "[default]\nregion = eu-west-1\n";
    let with = |more: &str| format!("{region}{more}");
    check(&[], &with("s3 =\n  addressing_style = path"), "https://s3.eu-west-1.amazonaws.com/bucket/key");
    check(&[], &with("s3 =\n  use_accelerate_endpoint = true"), "https://bucket.s3-accelerate.amazonaws.com/key");
    check(&[], &with("use_dualstack_endpoint = true"), "https://bucket.s3.dualstack.eu-west-1.amazonaws.com/key");
    let special = with("s3 =\n  use_dualstack_endpoint = false");
    check(&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], &special, "https://bucket.s3.eu-west-1.amazonaws.com/key");
    let url = found(&[], &special, |builder| builder.use_dualstack_endpoint(true));
    assert_eq!(url, "https://bucket.s3.dualstack.eu-west-1.amazonaws.com/key");
    check(&[("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_REGION", "us-east-1")], "", "https://bucket.s3-fips.us-east-1.");
}

#[test]
fn what_cannot_be_used_is_the_error_of_the_first_call() {
    check(&[("AWS_ENDPOINT_URL", "nonsense")], "", "AWS_ENDPOINT_URL: the endpoint URL");
    check(
        &[("AWS_ENDPOINT_URL", "http://all"), ("AWS_USE_FIPS_ENDPOINT", "true")],
        "",
        "FIPS endpoints (AWS_USE_FIPS_ENDPOINT) and an endpoint URL (AWS_ENDPOINT_URL) exclude each other",
    );
    check(&[], "[default\n", "/h/.aws/config:1");
    check(&[("AWS_REGION", "eu-west-1")], "[default\n", "https://bucket.s3.eu-west-1.amazonaws.com/key");
}

#[test]
fn the_number_of_attempts_is_the_sessions() {
    let attempts = |variables: &[(&str, &str)]| {
        let http = ScriptedHttp::refusing();
        let context = common::context(variables, "", "").with_http(http.clone());
        block_on(async {
            let session = Session::builder().context(context).access_key("AKID", "secret").load().await.unwrap();
            session.s3().head_object("bucket", "key").await.unwrap_err();
        });
        http.seen().len()
    };
    assert_eq!([attempts(&[]), attempts(&[("AWS_MAX_ATTEMPTS", "5")])], [3, 5]);
}

#[test]
fn clients_of_a_session_sign_with_its_credentials() {
    let http = ScriptedHttp::new([Exchange::new("HEAD", "http://s3/bucket/key").answers(200, "")]);
    let context = common::context(&[("AWS_REGION", "eu-west-1")], "", "").with_http(http.clone());
    block_on(async {
        let builder = Session::builder().context(context).endpoint_url("http://s3");
        let session = builder.access_key("AKIDCODE", "secret").session_token("token").load().await.unwrap();
        session.s3().head_object("bucket", "key").await.unwrap();
    });
    http.assert_done();
    let seen = &http.seen()[0];
    let authorization = seen.header("authorization").unwrap();
    assert!(
        authorization.contains("Credential=AKIDCODE/") && authorization.contains("/eu-west-1/s3/"),
        "{authorization}"
    );
    assert_eq!(seen.header("x-amz-security-token"), Some("token"));
}

//! Instance metadata is as strict as AWS's.

use std::time::Duration;

use crate::common::{Answer, send};
use http::Request;
use tucuxi_sandbox::{Sandbox, Service};
use tucuxi_testkit::FakeClock;

const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

async fn token(sandbox: &Sandbox, ttl: &str) -> Answer {
    let url = format!("{}/latest/api/token", sandbox.imds_endpoint());
    send(Request::put(url).header(TTL, ttl), "").await
}

async fn get(sandbox: &Sandbox, path: &str, token: &str) -> Answer {
    send(Request::get(format!("{}{path}", sandbox.imds_endpoint())).header(TOKEN, token), "").await
}

#[tokio::test]
async fn a_token_has_a_time_to_live_of_1_to_21600_seconds() {
    let sandbox = Sandbox::start().await.unwrap();
    for (ttl, status) in [
        ("1", 200),
        ("21600", 200),
        ("0", 400),
        ("21601", 400),
        ("-1", 400),
        ("+1", 400),
        ("1.5", 400),
        ("", 400),
        ("ten", 400),
        ("99999999999999999999", 400),
    ] {
        let answer = token(&sandbox, ttl).await;
        assert_eq!(answer.status, status, "{ttl}");
        if status == 200 {
            assert_eq!((answer.header(TTL), answer.header("content-type")), (ttl, "text/plain"));
        }
    }
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let right = token(&sandbox, "60").await.body;
    let token_path = "/latest/api/token";
    for (method, path, headers, status) in [
        ("PUT", token_path, vec![], 400),
        ("PUT", token_path, vec![(TTL, "60"), ("x-forwarded-for", "10.0.0.1")], 403),
        ("GET", token_path, vec![(TTL, "60")], 405),
        ("POST", token_path, vec![(TTL, "60")], 405),
        ("GET", ROLES, vec![], 401),
        ("GET", ROLES, vec![(TOKEN, "")], 401),
        ("GET", ROLES, vec![(TOKEN, "wrong")], 401),
        ("GET", "/nowhere", vec![], 401),
        ("GET", ROLES, vec![(TOKEN, &right), ("x-forwarded-for", "10.0.0.1")], 403),
        ("PUT", ROLES, vec![(TOKEN, &right)], 405),
        ("DELETE", ROLES, vec![(TOKEN, &right)], 405),
        ("GET", "/nowhere", vec![(TOKEN, &right)], 404),
        ("GET", "/latest/meta-data/iam/security-credentials/other", vec![(TOKEN, &right)], 404),
        ("GET", "/latest/meta-data/iam/security-credentialssandbox", vec![(TOKEN, &right)], 404),
        ("HEAD", ROLES, vec![(TOKEN, &right)], 200),
        ("GET", ROLES, vec![(TOKEN, &right)], 200),
    ] {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", sandbox.imds_endpoint()));
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        assert_eq!(send(request, "").await.status, status, "{method} {path} {headers:?}");
    }
    assert_eq!(sandbox.count(Service::Imds), 17);
    assert!(!format!("{:?}", sandbox.requests()).contains(&right), "the journal holds a token");
}

#[tokio::test]
async fn the_documents_are_those_of_an_instance() {
    let sandbox = Sandbox::builder().region("eu-west-1").role("deploy").start().await.unwrap();
    let token = token(&sandbox, "60").await.body;
    for (path, expected) in [
        (ROLES, "deploy"),
        ("/latest/meta-data/iam/security-credentials", "deploy"),
        ("/latest/meta-data/placement/region", "eu-west-1"),
        ("/latest/meta-data/placement/availability-zone/", "eu-west-1a"),
        ("/latest/meta-data/instance-id", "i-0123456789abcdef0"),
    ] {
        assert_eq!(get(&sandbox, path, &token).await.body, expected, "{path}");
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let identity = json(&get(&sandbox, "/latest/dynamic/instance-identity/document", &token).await.body);
    assert_eq!(
        (identity["region"].as_str(), identity["accountId"].as_str()),
        (Some("eu-west-1"), Some("123456789012"))
    );
    let role = json(&get(&sandbox, &format!("{ROLES}deploy"), &token).await.body);
    assert_eq!((role["Code"].as_str(), role["Type"].as_str()), (Some("Success"), Some("AWS-HMAC")));
    for field in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration", "LastUpdated"] {
        assert!(role[field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
    }
    assert_eq!(role["AccessKeyId"].as_str().map(|id| (id.len(), &id[..4])), Some((20, "ASIA")));
}

#[tokio::test]
async fn an_instance_without_a_role_has_no_credentials() {
    let sandbox = Sandbox::builder().without_instance_role().start().await.unwrap();
    let token = token(&sandbox, "60").await.body;
    for path in [ROLES, "/latest/meta-data/iam/info", "/latest/meta-data/iam/security-credentials/sandbox"] {
        assert_eq!(get(&sandbox, path, &token).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn tokens_and_sessions_end_by_the_clock() {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).session_ttl(Duration::from_secs(3600)).start().await.unwrap();
    let role = format!("{ROLES}sandbox");
    let short = token(&sandbox, "10").await.body;
    let long = token(&sandbox, "21600").await.body;
    let first = get(&sandbox, &role, &short).await.body;
    clock.advance(Duration::from_secs(10));
    assert_eq!(get(&sandbox, &role, &short).await.status, 401);
    assert_eq!(get(&sandbox, &role, &long).await.body, first, "a session stays for half of its life");
    clock.advance(Duration::from_secs(1790));
    let second = get(&sandbox, &role, &long).await.body;
    assert_ne!(second, first);
    assert!(second.contains("\"Expiration\": \"2026-01-01T01:30:00Z\""), "the second session ends an hour later");
}

//! The container endpoint gives credentials to who has its token, at one path.

use http::Request;
use serde_json::Value;
use tucuxi_sandbox::{Sandbox, Service};

use crate::common::send;

#[tokio::test]
async fn the_token_opens_one_path() {
    let sandbox = Sandbox::builder().role("deploy").start().await.unwrap();
    let variables = sandbox.container_environment();
    let [(uri_name, uri), (token_name, token)] = &variables[..] else { panic!("{} variables", variables.len()) };
    assert_eq!(uri_name, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    assert_eq!(token_name, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    let other = format!("{uri}2");
    for (method, url, headers, status) in [
        ("GET", uri, vec![("authorization", token.as_str())], 200),
        ("GET", uri, vec![], 401),
        ("GET", uri, vec![("authorization", "")], 401),
        ("GET", uri, vec![("authorization", "wrong")], 401),
        ("GET", &other, vec![("authorization", token)], 404),
        ("POST", uri, vec![("authorization", token)], 405),
        ("GET", uri, vec![("authorization", token), ("x-forwarded-for", "10.0.0.1")], 403),
    ] {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = send(request, "").await;
        assert_eq!(answer.status, status, "{method} {url} {headers:?}");
        if status == 200 {
            assert_eq!(answer.header("content-type"), "application/json");
            let document: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(document["RoleArn"], "arn:aws:iam::123456789012:role/deploy");
            for field in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"] {
                assert!(document[field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
            }
        } else {
            assert!(!answer.body.contains("SecretAccessKey"), "{}", answer.body);
        }
    }
    assert_eq!(sandbox.count(Service::Container), 7);
    assert!(!format!("{sandbox:?}{:?}", sandbox.requests()).contains(token.as_str()));
}

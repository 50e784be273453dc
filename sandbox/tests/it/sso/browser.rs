//! The way through a browser.

use std::time::Duration;

use http::Request;
use serde_json::{Value, json};

use super::{CALLBACK, VERIFIER, World, by_code, check, check_grant, world};
use crate::common::send;

#[tokio::test]
async fn a_browser_brings_back_a_code_that_counts_once_and_for_who_asked() {
    let world = world().await;
    let client = world.browser().await;
    let page = send(Request::get(client.authorize_url(&world.sandbox, &[])), "").await;
    assert!(page.status == 200 && page.body.contains("tests &lt;b&gt;"), "{}", page.body);

    let code = world.code(&client).await;
    check_grant(&world.token(&world.browser().await, by_code(&code, &[])).await);
    let granted = World::granted(&world.token(&client, by_code(&code, &[])).await);
    assert_eq!((&granted["tokenType"], &granted["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    check_grant(&world.token(&client, by_code(&code, &[])).await);

    let other_verifier = VERIFIER.replace('d', "e");
    for (name, value) in [
        ("codeVerifier", other_verifier.as_str()),
        ("codeVerifier", "short"),
        ("redirectUri", "http://127.0.0.1:40002/oauth/callback"),
    ] {
        let code = world.code(&client).await;
        check_grant(&world.token(&client, by_code(&code, &[(name, value)])).await);
        check_grant(&world.token(&client, by_code(&code, &[])).await);
    }
    let code = world.code(&client).await;
    let answer = world.token(&client, by_code(&code, &[("codeVerifier", "")])).await;
    check(&answer, 400, "InvalidRequestException", "invalid_request");
    world.clock.advance(Duration::from_secs(600));
    check_grant(&world.token(&client, by_code(&code, &[])).await);

    let denied = world.decide(&client.authorize_url(&world.sandbox, &[]), "deny").await;
    let start = format!("{CALLBACK}?state=a%26b&error=access_denied&");
    assert!(denied.status == 302 && denied.header("location").starts_with(&start), "{}", denied.header("location"));
}

#[tokio::test]
async fn a_browser_is_led_nowhere_by_a_wrong_request() {
    let world = world().await;
    let client = world.browser().await;
    let device = world.device().await;
    let id = device.0["clientId"].as_str().unwrap();
    for (name, value, status, code) in [
        ("client_id", "nobody", 401, "invalid_client"),
        ("client_id", id, 400, "invalid_redirect_uri"),
        ("redirect_uri", "https://example.com/oauth/callback", 400, "invalid_redirect_uri"),
        ("redirect_uri", "http://127.0.0.1:1/elsewhere", 400, "invalid_redirect_uri"),
        ("response_type", "token", 400, "invalid_request"),
        ("code_challenge_method", "plain", 400, "invalid_request"),
        ("code_challenge", "short", 400, "invalid_request"),
        ("code_challenge", "", 400, "invalid_request"),
        ("scopes", "sso:account:access%20openid", 400, "invalid_scope"),
    ] {
        let url = client.authorize_url(&world.sandbox, &[(name, value)]);
        for answer in [send(Request::get(&url), "").await, world.decide(&url, "approve").await] {
            let found: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!((answer.status, found["error"].as_str()), (status, Some(code)), "{name} {value}");
            assert_eq!(answer.header("location"), "");
        }
    }
}

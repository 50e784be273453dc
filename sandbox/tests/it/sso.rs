//! IAM Identity Center signs in whom a person lets in, and refuses everybody else with the words of AWS.

mod browser;
mod portal;

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use http::Request;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tucuxi_core::{Credentials, parse_timestamp};
use tucuxi_sandbox::{IdentityCenter, Sandbox, Service};
use tucuxi_sigv4::Signer;
use tucuxi_testkit::FakeClock;

use crate::common::{Answer, http, now, send, send_to, signed};

const START_URL: &str = "https://sandbox.awsapps.com/start";
const CALLBACK: &str = "http://127.0.0.1:40001/oauth/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

struct World {
    sandbox: Sandbox,
    clock: FakeClock,
}

/// A program that has registered.
struct Client(Value);

async fn world() -> World {
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    World { sandbox, clock }
}

impl World {
    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(format!("{}{path}", self.sandbox.sso_oidc_endpoint()));
        send(request.header("content-type", "application/json"), body.to_string()).await
    }

    /// Asks for what is granted.
    #[track_caller]
    fn granted(answer: &Answer) -> Value {
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    async fn device(&self) -> Client {
        let body = json!({"clientName": "tests", "clientType": "public", "scopes": ["sso:account:access"]});
        Client(Self::granted(&self.post("/client/register", &body).await))
    }

    async fn browser(&self) -> Client {
        let body = json!({"clientName": "tests <b>", "clientType": "public", "scopes": ["sso:account:access"],
            "grantTypes": ["authorization_code", "refresh_token"], "issuerUrl": START_URL,
            "redirectUris": ["http://127.0.0.1/oauth/callback"]});
        Client(Self::granted(&self.post("/client/register", &body).await))
    }

    async fn token(&self, client: &Client, grant: Value) -> Answer {
        self.post("/token", &client.with(grant)).await
    }

    /// A code on a device, which nobody has entered yet.
    async fn shown(&self, client: &Client) -> Value {
        Self::granted(&self.post("/device_authorization", &client.with(json!({"startUrl": START_URL}))).await)
    }

    /// What a person decides on the page that a program leads to.
    async fn decide(&self, url: &str, decision: &str) -> Answer {
        let form = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
        send(form, format!("decision={decision}")).await
    }

    /// The code that a browser brings back.
    async fn code(&self, client: &Client) -> String {
        let answer = self.decide(&client.authorize_url(&self.sandbox, &[]), "approve").await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        let location = answer.header("location").strip_prefix(&format!("{CALLBACK}?state=a%26b&code="));
        location.unwrap_or_else(|| panic!("{}", answer.header("location"))).to_owned()
    }

    async fn portal(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::get(format!("{}{path}", self.sandbox.sso_endpoint()));
        if let Some(token) = token {
            request = request.header("x-amz-sso_bearer_token", token);
        }
        send(request, "").await
    }
}

impl Client {
    fn with(&self, body: Value) -> Value {
        let mut body = body;
        for field in ["clientId", "clientSecret"] {
            if body[field].is_null() {
                body[field] = self.0[field].clone();
            }
        }
        body
    }

    fn authorize_url(&self, sandbox: &Sandbox, changes: &[(&str, &str)]) -> String {
        let challenge = Base64UrlUnpadded::encode_string(digest(&SHA256, VERIFIER.as_bytes()).as_ref());
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", self.0["clientId"].as_str().unwrap()),
            ("redirect_uri", CALLBACK),
            ("state", "a%26b"),
            ("code_challenge_method", "S256"),
            ("scopes", "sso:account:access"),
            ("code_challenge", &challenge),
        ];
        for (name, value) in changes {
            query.retain(|(known, _)| known != name);
            query.push((name, value));
        }
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}/authorize?{}", sandbox.sso_oidc_endpoint(), query.join("&"))
    }
}

fn by_code(code: &str, changes: &[(&str, &str)]) -> Value {
    let mut grant = json!({"grantType": "authorization_code", "code": code, "redirectUri": CALLBACK,
        "codeVerifier": VERIFIER});
    for (name, value) in changes {
        grant[name] = (*value).into();
    }
    grant
}

fn by_device(shown: &Value) -> Value {
    json!({"grantType": DEVICE_CODE, "deviceCode": shown["deviceCode"]})
}

fn by_refresh(granted: &Value) -> Value {
    json!({"grantType": "refresh_token", "refreshToken": granted["refreshToken"]})
}

/// A refusal as SDKs tell it apart: by the header and by the code.
#[track_caller]
fn check(answer: &Answer, status: u16, exception: &str, code: &str) {
    let found: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, found["error"].as_str()), (status, Some(code)), "{}", answer.body);
    assert_eq!(answer.header("x-amzn-errortype"), exception, "{}", answer.body);
    assert!(found["error_description"].is_string() && !answer.header("x-amzn-requestid").is_empty());
}

#[track_caller]
fn check_grant(answer: &Answer) {
    check(answer, 400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn a_device_is_let_in_by_whoever_enters_its_code() {
    let world = world().await;
    let client = world.device().await;
    assert_eq!(client.0["clientSecretExpiresAt"], json!(1_767_225_600 + 90 * 24 * 3600));
    let shown = world.shown(&client).await;
    assert_eq!((&shown["expiresIn"], &shown["interval"]), (&json!(600), &json!(1)));
    let (page, code) = (shown["verificationUri"].as_str().unwrap(), shown["userCode"].as_str().unwrap());
    let complete = format!("{page}?user_code={code}");
    assert_eq!(shown["verificationUriComplete"], complete);

    let pending = ("AuthorizationPendingException", "authorization_pending");
    check(&world.token(&client, by_device(&shown)).await, 400, pending.0, pending.1);
    check(&world.token(&client, by_device(&shown)).await, 400, "SlowDownException", "slow_down");
    world.clock.advance(Duration::from_secs(6));
    check(&world.token(&client, by_device(&shown)).await, 400, pending.0, pending.1);

    assert!(send(Request::get(page), "").await.body.contains("user_code"));
    let question = send(Request::get(&complete), "").await;
    assert!(question.body.contains("<b>tests</b>") && question.body.contains(code), "{}", question.body);
    assert_eq!(send(Request::get(format!("{page}?user_code=BBBB-BBBB")), "").await.status, 404);
    assert_eq!(world.decide(&complete, "perhaps").await.status, 400);
    assert_eq!(world.decide(&complete, "approve").await.status, 200);
    assert_eq!(world.decide(&complete, "deny").await.status, 404, "a decision is final");

    check_grant(&world.token(&world.device().await, by_device(&shown)).await);
    let granted = World::granted(&world.token(&client, by_device(&shown)).await);
    assert_eq!((&granted["tokenType"], &granted["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert!(granted["accessToken"].is_string() && granted["refreshToken"].is_string());
    check_grant(&world.token(&client, by_device(&shown)).await);
}

#[tokio::test]
async fn a_device_that_is_denied_or_waits_too_long_stays_outside() {
    let world = world().await;
    let client = world.device().await;
    let shown = world.shown(&client).await;
    let page = shown["verificationUriComplete"].as_str().unwrap();
    assert_eq!(world.decide(page, "deny").await.status, 200);
    check(&world.token(&client, by_device(&shown)).await, 400, "AccessDeniedException", "access_denied");

    let shown = world.shown(&client).await;
    world.clock.advance(Duration::from_secs(600));
    let page = shown["verificationUriComplete"].as_str().unwrap();
    assert_eq!(world.decide(page, "approve").await.status, 404);
    check(&world.token(&client, by_device(&shown)).await, 400, "ExpiredTokenException", "expired_token");
    let other = client.with(json!({"startUrl": "https://other.awsapps.com/start"}));
    let answer = world.post("/device_authorization", &other).await;
    check(&answer, 400, "InvalidRequestException", "invalid_request");
    let browser = world.browser().await.with(json!({"startUrl": START_URL}));
    let answer = world.post("/device_authorization", &browser).await;
    check(&answer, 400, "UnauthorizedClientException", "unauthorized_client");
}

#[tokio::test]
async fn a_refresh_token_counts_once_for_its_program_until_the_session_ends() {
    let world = world().await;
    let client = world.browser().await;
    let code = world.code(&client).await;
    let first = World::granted(&world.token(&client, by_code(&code, &[])).await);
    check_grant(&world.token(&world.browser().await, by_refresh(&first)).await);
    let second = World::granted(&world.token(&client, by_refresh(&first)).await);
    assert_ne!(second["accessToken"], first["accessToken"]);
    assert_ne!(second["refreshToken"], first["refreshToken"]);
    check_grant(&world.token(&client, by_refresh(&first)).await);
    world.clock.advance(Duration::from_secs(7 * 3600 + 1800));
    let third = World::granted(&world.token(&client, by_refresh(&second)).await);
    assert_eq!(third["expiresIn"], 1800, "no longer than the session");
    world.clock.advance(Duration::from_secs(1800));
    check_grant(&world.token(&client, by_refresh(&third)).await);

    let legacy = json!({"clientName": "legacy", "clientType": "public"});
    let legacy = Client(World::granted(&world.post("/client/register", &legacy).await));
    let shown = world.shown(&legacy).await;
    world.decide(shown["verificationUriComplete"].as_str().unwrap(), "approve").await;
    let granted = World::granted(&world.token(&legacy, by_device(&shown)).await);
    assert!(granted["refreshToken"].is_null(), "a program without a scope signs in again");
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused() {
    let world = world().await;
    let client = world.device().await;
    let grant = json!({"grantType": "refresh_token", "refreshToken": "x"});
    let with = |name: &str, value: Value| {
        let mut body = client.with(grant.clone());
        body[name] = value;
        body
    };
    for (body, status, exception, code) in [
        (with("clientId", "x".into()), 401, "InvalidClientException", "invalid_client"),
        (with("clientSecret", "x".into()), 401, "InvalidClientException", "invalid_client"),
        (with("clientSecret", 7.into()), 400, "InvalidRequestException", "invalid_request"),
        (with("refreshToken", Value::Null), 400, "InvalidRequestException", "invalid_request"),
        (with("grantType", "password".into()), 400, "UnsupportedGrantTypeException", "unsupported_grant_type"),
        (client.with(by_code("x", &[])), 400, "UnauthorizedClientException", "unauthorized_client"),
        (json!("x"), 400, "InvalidRequestException", "invalid_request"),
    ] {
        check(&world.post("/token", &body).await, status, exception, code);
    }
    let private = json!({"clientName": "n", "clientType": "confidential"});
    let answer = world.post("/client/register", &private).await;
    check(&answer, 400, "InvalidClientMetadataException", "invalid_client_metadata");
    for (path, body) in [("/token", "x".repeat(70_000)), ("/token", "grantType=refresh_token".to_owned())] {
        let request = Request::post(format!("{}{path}", world.sandbox.sso_oidc_endpoint()));
        check(&send(request, body).await, 400, "InvalidRequestException", "invalid_request");
    }
    let lost = send(Request::get(format!("{}/token", world.sandbox.sso_oidc_endpoint())), "").await;
    assert_eq!((lost.status, lost.header("x-amzn-errortype")), (404, "UnknownOperationException"));
    world.clock.advance(Duration::from_secs(90 * 24 * 3600));
    check(&world.token(&client, grant).await, 401, "InvalidClientException", "invalid_client");
}

#[tokio::test]
async fn everything_that_lasts_can_be_made_shorter() {
    let mut center = IdentityCenter::default();
    center.access_token_ttl = Duration::from_secs(60);
    center.poll_interval = Duration::from_secs(7);
    center.start_url = "https://corp.awsapps.com/start".to_owned();
    let clock = FakeClock::new();
    let sandbox = Sandbox::builder().identity_center(center).clock(clock.clone()).start().await.unwrap();
    let sign_in = sign_in(&sandbox);
    assert_eq!(sign_in["startUrl"], "https://corp.awsapps.com/start");
    let expiry = parse_timestamp(sign_in["expiresAt"].as_str().unwrap());
    assert_eq!(expiry, parse_timestamp("2026-01-01T00:01:00Z"));
    let world = World { sandbox, clock };
    let client = Client(sign_in);
    let body = client.with(json!({"startUrl": "https://corp.awsapps.com/start"}));
    assert_eq!(World::granted(&world.post("/device_authorization", &body).await)["interval"], 7);
    assert!(world.sandbox.profiles().contains("sso_start_url = https://corp.awsapps.com/start\n"));
}

/// A sign-in that nobody had to approve, in the AWS CLI's format.
fn sign_in(sandbox: &Sandbox) -> Value {
    let (name, text) = sandbox.sso_sign_in();
    // The SHA-1 of `sandbox`, by Python's hashlib.
    assert_eq!(name, "9ed037b84943c4caa3a520e48a5540181c46c98c.json");
    serde_json::from_str(text.expose()).unwrap()
}

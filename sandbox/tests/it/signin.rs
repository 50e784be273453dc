//! Console sign-in: a browser, a code, keys for whoever proves to hold the key, and nothing for anybody else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Request;
use serde_json::{Value, json};
use tucuxi_core::{Context, Credentials, Env, Error, ErrorKind, Fs, ProvideCredentials, Region, Secret};
use tucuxi_provider_login::{EndpointOptions, LoginProvider, LoginSettings, SignIn, SignedIn, token_file};
use tucuxi_sandbox::{Sandbox, Service, SignInRefusal};
use tucuxi_sigv4::Signer;
use tucuxi_testkit::FakeClock;

use crate::common::{Answer, context, http, now, send, send_to, signed};

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/sandbox/console";

/// A machine whose sign-in service is the sandbox.
fn machine() -> Context {
    context().with_env(Env::fake([("HOME", "/home/u")])).with_fs(Fs::fake::<&str, &str>([]))
}

fn endpoints(sandbox: &Sandbox) -> EndpointOptions {
    let mut options = EndpointOptions::default();
    options.url = Some(sandbox.signin_endpoint());
    options
}

fn region() -> Region {
    Region::new("us-east-1").unwrap()
}

fn same_device(sandbox: &Sandbox) -> SignIn {
    SignIn::same_device(&region(), &endpoints(sandbox), 4711).unwrap()
}

fn provider(context: &Context, sandbox: &Sandbox) -> LoginProvider {
    LoginProvider::new(context, LoginSettings::new(SESSION).with_endpoints(endpoints(sandbox)))
}

async fn open(url: &str) -> Answer {
    send(Request::get(url), "").await
}

async fn decide(url: &str, decision: &str) -> Answer {
    let form = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
    send(form, format!("decision={decision}")).await
}

/// What the browser comes back with.
async fn callback(sign_in: &SignIn, decision: &str) -> String {
    let page = open(&sign_in.authorize_url()).await;
    assert!(page.status == 200 && page.body.contains("<form method=\"post\">"), "{}", page.body);
    let answer = decide(&sign_in.authorize_url(), decision).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    let (place, query) = answer.header("location").split_once('?').unwrap();
    assert_eq!(place, sign_in.redirect_uri());
    query.to_owned()
}

async fn signed_in(context: &Context, sign_in: &SignIn) -> Result<SignedIn, Error> {
    let code = sign_in.code_from_callback(&callback(sign_in, "approve").await)?;
    sign_in.redeem(context, &code).await
}

async fn list_buckets(sandbox: &Sandbox, credentials: &Credentials) -> Answer {
    let list = Request::get(format!("{}/", sandbox.s3_endpoint()));
    send_to(&http(), signed(&Signer::s3("us-east-1"), list, "", credentials, now())).await
}

#[tokio::test]
async fn a_sign_in_on_this_device_gives_keys_that_s3_knows() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    let signed_in = signed_in(&machine, &same_device(&sandbox)).await.unwrap();
    assert_eq!((signed_in.session.as_str(), sandbox.login_session().as_str()), (SESSION, SESSION));
    signed_in.keep(&machine).await.unwrap();
    let credentials = provider(&machine, &sandbox).provide_credentials().await.unwrap();
    assert_eq!(credentials.account_id(), Some(sandbox.account_id()));
    let answer = list_buckets(&sandbox, &credentials).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let seen: Vec<String> = sandbox.requests().iter().map(ToString::to_string).collect();
    assert_eq!(
        seen,
        ["signin GET /v1/authorize 200", "signin POST /v1/authorize 302", "signin POST /v1/token 200", "s3 GET / 200"]
    );
}

#[tokio::test]
async fn a_sign_in_on_another_device_shows_a_text_to_paste() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    let sign_in = SignIn::cross_device(&region(), &endpoints(&sandbox)).unwrap();
    let query = callback(&sign_in, "approve").await;
    let page = open(&format!("{}?{query}", sign_in.redirect_uri())).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let code = sign_in.code_from_paste(page.element("code")).unwrap();
    let signed_in = sign_in.redeem(&machine, &code).await.unwrap();
    assert_eq!(signed_in.session, SESSION);
    let again = sign_in.redeem(&machine, &code).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (ErrorKind::Denied, Some("AUTHCODE_EXPIRED")));
}

#[tokio::test]
async fn a_sign_in_is_refreshed_for_twelve_hours_and_its_old_keys_end() {
    let clock = FakeClock::new().at("2026-01-01T00:00:00Z");
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let machine = machine().with_clock(clock.clone());
    signed_in(&machine, &same_device(&sandbox)).await.unwrap().keep(&machine).await.unwrap();
    let provider = provider(&machine, &sandbox);
    let first = provider.provide_credentials().await.unwrap();
    clock.advance(Duration::from_secs(9 * 60));
    assert_eq!(provider.provide_credentials().await.unwrap().access_key_id(), first.access_key_id());
    clock.advance(Duration::from_secs(2 * 60));
    let second = provider.provide_credentials().await.unwrap();
    assert_ne!(first.access_key_id(), second.access_key_id());
    clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(list_buckets(&sandbox, &first).await.element("Code"), "ExpiredToken");
    assert_eq!(list_buckets(&sandbox, &second).await.status, 200);
    clock.advance(Duration::from_secs(12 * 3600));
    let error = provider.provide_credentials().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("TOKEN_EXPIRED")), "{error}");
}

#[tokio::test]
async fn a_sign_in_of_some_time_ago_is_refreshed_with_its_own_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    let (path, _) = kept_before(&machine, &sandbox).await;
    let credentials = provider(&machine, &sandbox).provide_credentials().await.unwrap();
    assert_eq!(list_buckets(&sandbox, &credentials).await.status, 200);
    assert_eq!(sandbox.count(Service::SignIn), 1);
    let kept = kept(&machine, &path).await;
    assert_eq!(kept["accessToken"]["accessKeyId"], credentials.access_key_id());

    // The key of another sign-in proves nothing for this one.
    let other: Value = serde_json::from_str(sandbox.console_sign_in().unwrap().1.expose()).unwrap();
    let mut stolen = kept.clone();
    stolen["dpopKey"] = other["dpopKey"].clone();
    stolen["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z".into();
    machine.fs().replace(&path, stolen.to_string().as_bytes()).await.unwrap();
    let error = provider(&machine, &sandbox).provide_credentials().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("INVALID_REQUEST")), "{error}");
}

/// A sign-in that the sandbox says took place before: its file and its text.
async fn kept_before(machine: &Context, sandbox: &Sandbox) -> (PathBuf, String) {
    let (name, text) = sandbox.console_sign_in().unwrap();
    let path = Path::new("/home/u/.aws/login/cache").join(name);
    assert_eq!(path, token_file(machine, SESSION).path().unwrap());
    machine.fs().replace(&path, text.expose().as_bytes()).await.unwrap();
    (path, text.expose().to_owned())
}

async fn kept(machine: &Context, path: &Path) -> Value {
    serde_json::from_slice(&machine.fs().read(path, 1 << 16).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_sign_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    let (path, old) = kept_before(&machine, &sandbox).await;
    provider(&machine, &sandbox).provide_credentials().await.unwrap();
    let new = kept(&machine, &path).await;
    for (file, words) in [(old, "401 (TOKEN_EXPIRED)"), (ended(new), "401 (TOKEN_EXPIRED)")] {
        machine.fs().replace(&path, file.as_bytes()).await.unwrap();
        let error = provider(&machine, &sandbox).provide_credentials().await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

fn ended(mut file: Value) -> String {
    file["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z".into();
    file.to_string()
}

#[tokio::test]
async fn a_refusal_says_why() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    kept_before(&machine, &sandbox).await;
    let check = |error: Error, words: &str| assert!(error.report().contains(words), "{}", error.report());

    let sign_in = same_device(&sandbox);
    let declined = sign_in.code_from_callback(&callback(&sign_in, "deny").await).unwrap_err();
    check(declined, "the sign-in was refused (access_denied)");
    let remote = SignIn::cross_device(&region(), &endpoints(&sandbox)).unwrap();
    let page = open(&format!("{}?{}", remote.redirect_uri(), callback(&remote, "deny").await)).await;
    assert!(page.body.contains("was refused") && page.element("code").is_empty(), "{}", page.body);

    sandbox.refuse_console_sign_ins(Some(SignInRefusal::NotPermitted));
    check(signed_in(&machine, &same_device(&sandbox)).await.unwrap_err(), "signin:CreateOAuth2Token");
    check(provider(&machine, &sandbox).provide_credentials().await.unwrap_err(), "403 (INSUFFICIENT_PERMISSIONS)");
    sandbox.refuse_console_sign_ins(Some(SignInRefusal::CredentialsChanged));
    check(provider(&machine, &sandbox).provide_credentials().await.unwrap_err(), "403 (USER_CREDENTIALS_CHANGED)");
    sandbox.refuse_console_sign_ins(None);
    assert!(provider(&machine, &sandbox).provide_credentials().await.is_ok());
}

#[tokio::test]
async fn a_browser_is_sent_with_a_code_to_known_places_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let sign_in = same_device(&sandbox);
    let good = sign_in.authorize_url();
    let port = "127.0.0.1%3A4711";
    assert!(good.contains(port));
    let check = async |url: String, status: u16, words: &str| {
        let answer = decide(&url, "approve").await;
        assert_eq!(answer.status, status, "{url}: {}", answer.body);
        let said = if status == 302 { answer.header("location") } else { &answer.body };
        assert!(said.contains(words), "{url}: {said}");
        assert!(status == 302 || answer.header("location").is_empty());
    };
    check(good.clone(), 302, "code=").await;
    for (from, to, words) in [
        ("same-device", "other-device", "client_id"),
        ("same-device", "cross-device", "redirect_uri"),
        ("127.0.0.1%3A4711", "evil.example%3A4711", "redirect_uri"),
        (port, "127.0.0.1", "redirect_uri"),
        (port, "127.0.0.1%3A0", "redirect_uri"),
        (port, "127.0.0.1%3A04711", "redirect_uri"),
        (port, "127.0.0.1%3A4711%40evil.example%3A1", "redirect_uri"),
        ("oauth%2Fcallback", "oauth%2Fother", "redirect_uri"),
        ("&scope=openid", "&scope=openid&scope=openid", "twice"),
    ] {
        check(good.replace(from, to), 400, words).await;
    }
    for (from, to, words) in [
        ("response_type=code", "response_type=token", "error=unsupported_response_type"),
        ("scope=openid", "scope=all", "error=invalid_scope"),
        ("code_challenge_method=SHA-256", "code_challenge_method=plain", "error=invalid_request"),
        ("code_challenge_method=SHA-256", "code_challenge_method=S256", "error=invalid_request"),
        ("code_challenge=", "code_challenge=AAAA", "error=invalid_request"),
        ("&code_challenge=", "&x=", "error=invalid_request"),
    ] {
        check(good.replace(from, to), 302, words).await;
    }
    for body in ["", "decision=perhaps", "decision=approve&decision=approve"] {
        assert_eq!(send(Request::post(&good), body).await.status, 400, "{body}");
    }
    assert_eq!(send(Request::put(&good), "").await.status, 405);
    let script =
        open(&format!("{}/v1/sessions/confirmation?code=%3Cscript%3E&state=x", sandbox.signin_endpoint())).await;
    assert!(!script.body.contains("<script"), "{}", script.body);
}

#[tokio::test]
async fn keys_are_for_whoever_proves_to_hold_the_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let machine = machine();
    let url = format!("{}/v1/token", sandbox.signin_endpoint());
    let post = async |kind: &str, proofs: &[&str], body: &Value| {
        let mut request = Request::post(&url).header("content-type", kind);
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        send(request, body.to_string()).await
    };
    let sign_in = same_device(&sandbox);
    let code = sign_in.code_from_callback(&callback(&sign_in, "approve").await).unwrap();
    let proof = overheard(&sign_in, &machine, &code).await;
    let body = json!({
        "clientId": "arn:aws:signin:::devtools/same-device", "grantType": "authorization_code", "code": code.expose(),
        "codeVerifier": sign_in.verifier().expose(), "redirectUri": sign_in.redirect_uri()
    });
    let check = |answer: Answer, words: &str| {
        assert_eq!(answer.status, 400, "{words}: {}", answer.body);
        assert_eq!(answer.header("x-amzn-errortype"), "ValidationException");
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(document["error"], "INVALID_REQUEST");
        assert!(document["message"].as_str().unwrap().contains(words), "{words}: {document}");
    };
    check(post("application/json", &[], &body).await, "one DPoP header");
    check(post("application/json", &[&proof, &proof], &body).await, "one DPoP header");
    check(post("application/json", &["no proof"], &body).await, "three parts");
    check(post("application/x-www-form-urlencoded", &[&proof], &body).await, "application/json");
    assert_eq!(post("application/json; charset=utf-8", &[&proof], &body).await.status, 200);
    check(post("application/json", &[&proof], &body).await, "came before");
    for (name, words) in [("clientId", "no clientId"), ("grantType", "no grantType"), ("code", "no code")] {
        let proof = overheard(&sign_in, &machine, &code).await;
        let mut body = body.clone();
        body[name] = Value::Null;
        check(post("application/json", &[&proof], &body).await, words);
    }
    assert_eq!(send(Request::get(&url), "").await.status, 405);
    assert_eq!(open(&format!("{}/v1/other", sandbox.signin_endpoint())).await.status, 404);
}

/// The proof of a request that never arrives.
async fn overheard(sign_in: &SignIn, machine: &Context, code: &Secret) -> String {
    let http =
        tucuxi_testkit::ScriptedHttp::from_fn(|_| Ok(http::Response::builder().status(503).body("".into()).unwrap()));
    sign_in.redeem(&machine.clone().with_http(http.clone()), code).await.unwrap_err();
    http.seen()[0].header("dpop").unwrap().to_owned()
}

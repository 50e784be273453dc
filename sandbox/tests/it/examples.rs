//! The examples of the facade, each run in a sandbox.

use http::Request;
use tucuxi::login::SignIn;
use tucuxi::sso::{BrowserSignIn, DeviceSignIn, EndpointOptions, SignInSettings};
use tucuxi::{Context, Env, Error, Fs, Region, Session, SessionBuilder};
use tucuxi_sandbox::Sandbox;
use tucuxi_testkit::FakeClock;

use crate::common::{self, Answer, send};

#[path = "../../../facade/examples/browser_sign_in.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod browser_sign_in;
#[path = "../../../facade/examples/console_sign_in.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod console_sign_in;
#[path = "../../../facade/examples/credentials.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod credentials;
#[path = "../../../facade/examples/identity.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod identity;
#[path = "../../../facade/examples/list_buckets.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod list_buckets;
#[path = "../../../facade/examples/objects.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod objects;
#[path = "../../../facade/examples/own_chain.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod own_chain;
#[path = "../../../facade/examples/own_keys.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod own_keys;
#[path = "../../../facade/examples/sessions.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod sessions;
#[path = "../../../facade/examples/sign_in.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod sign_in;
#[path = "../../../facade/examples/single_provider.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod single_provider;

const CREDENTIALS: &str = "/home/u/.aws/credentials";

/// This sandbox's services, and its keys in the profile `prod`.
fn context(sandbox: &Sandbox) -> Context {
    let keys = sandbox.credentials();
    let (id, secret) = (keys.access_key_id(), keys.secret_access_key());
    let file = format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let env = [("HOME".to_owned(), "/home/u".to_owned())];
    let endpoints = [("AWS_ENDPOINT_URL_S3", sandbox.s3_endpoint()), ("AWS_ENDPOINT_URL_STS", sandbox.sts_endpoint())];
    let env = env.into_iter().chain(endpoints.map(|(name, url)| (name.to_owned(), url)));
    common::context().with_env(Env::fake(env)).with_fs(Fs::fake([(CREDENTIALS, file)]))
}

fn builder(sandbox: &Sandbox) -> SessionBuilder {
    Session::builder().context(context(sandbox))
}

#[tokio::test]
async fn credentials_identity_and_buckets() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).profile_name("prod").region(sandbox.region()).load().await.unwrap();
    credentials::run(&session).await.unwrap();
    for probe in [false, true] {
        identity::run(&session, probe).await.unwrap();
    }
    session.s3().create_bucket("example").await.unwrap();
    list_buckets::run(&session).await.unwrap();
    let strange = builder(&sandbox).credentials(tucuxi::Credentials::new("AKIANOBODY", "secret"));
    let strange = strange.region(sandbox.region()).load().await.unwrap();
    credentials::run(&strange).await.unwrap();
    let refused = list_buckets::run(&strange).await.unwrap_err();
    assert!(refused.to_string().contains("InvalidAccessKeyId"), "{refused}");
}

#[tokio::test]
async fn a_chain_and_a_source_of_ones_own() {
    let given = |variables: &[(&str, &str)]| common::context().with_env(Env::fake(variables.iter().copied()));
    let vault = own_chain::session(given(&[("VAULT_KEY_ID", "AKIDVAULT"), ("VAULT_SECRET", "s")])).await.unwrap();
    assert_eq!(vault.credentials().provide_credentials().await.unwrap().access_key_id(), "AKIDVAULT");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let session = own_chain::session(given(&keys)).await.unwrap();
    assert_eq!(session.credentials().provide_credentials().await.unwrap().access_key_id(), "AKIDENV");
    let error = own_chain::session(given(&[])).await.unwrap().credentials().provide_credentials().await.unwrap_err();
    let report = error.report();
    assert!(report.contains("vault: no vault here") && !report.contains("iam-role"), "{report}");

    let credentials = single_provider::cache(&given(&keys)).provide_credentials().await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDENV");
    let error = single_provider::cache(&given(&[])).provide_credentials().await.unwrap_err();
    assert!(error.is_not_configured(), "{error}");
}

#[tokio::test]
async fn objects() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).profile_name("prod").region(sandbox.region()).load().await.unwrap();
    objects::run(&session, "example").await.unwrap();
    // It left nothing behind.
    assert!(session.s3().buckets().try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn own_keys() {
    let sandbox = Sandbox::start().await.unwrap();
    own_keys::run(&context(&sandbox), sandbox.credentials().clone(), &sandbox.s3_endpoint()).await.unwrap();
    let strange = tucuxi::Credentials::new("AKIANOBODY", "secret");
    own_keys::run(&context(&sandbox), strange, &sandbox.s3_endpoint()).await.unwrap_err();
}

#[tokio::test]
async fn sessions() {
    let sandbox = Sandbox::builder().region("eu-west-1").start().await.unwrap();
    sessions::run(|| builder(&sandbox), "prod", &sandbox.role_arn()).await.unwrap();
    let absent = sessions::run(|| builder(&sandbox), "absent", &sandbox.role_arn()).await.unwrap_err();
    assert!(absent.to_string().contains("\"absent\""), "{absent}");
}

#[tokio::test]
async fn sign_in() {
    let clock = FakeClock::auto();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let settings = identity_center(&sandbox);
    let decided = |decision: &'static str| {
        move |sign_in: &DeviceSignIn| {
            tokio::spawn(decide(sign_in.verification_uri_complete().to_owned(), decision));
        }
    };
    let context = context(&sandbox).with_clock(clock);
    sign_in::run(&context, settings.clone(), decided("approve")).await.unwrap();
    let kept = context.fs().list("/home/u/.aws/sso/cache".as_ref()).await.unwrap();
    assert_eq!(kept.len(), 2, "the sign-in, and the registration of the program: {kept:?}");
    let refused = sign_in::run(&context, settings, decided("deny")).await.unwrap_err();
    assert_eq!(refused.code(), Some("access_denied"), "{refused}");
}

#[tokio::test]
async fn browser_sign_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let (context, settings) = (context(&sandbox), identity_center(&sandbox));
    let decided = |decision: &'static str| {
        move |sign_in: &BrowserSignIn| {
            let page = sign_in.authorize_url();
            tokio::spawn(async move {
                let answer = decide(page, decision).await;
                send(Request::get(answer.header("location")), "").await;
            });
        }
    };
    browser_sign_in::run(&context, settings.clone(), decided("approve")).await.unwrap();
    let kept = context.fs().list("/home/u/.aws/sso/cache".as_ref()).await.unwrap();
    assert_eq!(kept.len(), 1, "the registration of the program, since nobody is signed in any more: {kept:?}");
    let asked: Vec<String> = sandbox.requests().iter().map(ToString::to_string).collect();
    assert!(asked.iter().any(|request| request.contains("POST /logout 200")), "{asked:?}");
    let refused = browser_sign_in::run(&context, settings, decided("deny")).await.unwrap_err();
    assert!(refused.to_string().contains("access_denied"), "{refused}");
}

#[tokio::test]
async fn console_sign_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let (context, region) = (context(&sandbox), Region::new(sandbox.region()).unwrap());
    let mut endpoints = tucuxi::login::EndpointOptions::default();
    endpoints.url = Some(sandbox.signin_endpoint());
    let pasted = async |sign_in: &SignIn| {
        let answer = decide(sign_in.authorize_url(), "approve").await;
        let page = send(Request::get(answer.header("location")), "").await;
        Ok(page.element("code").to_owned())
    };
    console_sign_in::run(&context, &region, &endpoints, pasted).await.unwrap();
    // Its keys came from the file, which is gone.
    let kept = context.fs().list("/home/u/.aws/login/cache".as_ref()).await.unwrap_or_default();
    assert!(kept.is_empty(), "{kept:?}");
    let nonsense = async |_: &SignIn| Ok::<_, Error>("nonsense".to_owned());
    let refused = console_sign_in::run(&context, &region, &endpoints, nonsense).await.unwrap_err();
    assert!(refused.to_string().contains("is not the one that the page"), "{refused}");
}

/// The sandbox's IAM Identity Center.
fn identity_center(sandbox: &Sandbox) -> SignInSettings {
    let mut endpoints = EndpointOptions::default();
    endpoints.oidc_url = Some(sandbox.sso_oidc_endpoint());
    endpoints.portal_url = Some(sandbox.sso_endpoint());
    let region = Region::new(sandbox.region()).unwrap();
    SignInSettings::new(START_URL, region).with_session("corp").with_endpoints(endpoints)
}

/// What a person answers on the page of a sign-in.
async fn decide(page: String, decision: &str) -> Answer {
    let form = Request::post(page).header("content-type", "application/x-www-form-urlencoded");
    send(form, format!("decision={decision}")).await
}

const START_URL: &str = "https://sandbox.awsapps.com/start";

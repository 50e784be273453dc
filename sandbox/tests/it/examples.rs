//! The examples of the facade, each run in a sandbox.

use tucuxi::{Context, Env, Fs, Session, SessionBuilder};
use tucuxi_sandbox::Sandbox;

use crate::common;

#[path = "../../../facade/examples/objects.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod objects;
#[path = "../../../facade/examples/own_keys.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod own_keys;
#[path = "../../../facade/examples/sessions.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod sessions;

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

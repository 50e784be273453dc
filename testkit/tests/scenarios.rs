//! The scenario runner, run on the smallest provider.

use std::path::Path;

use tucuxi_core::{BoxFuture, Context, Credentials, Error, ProvideCredentials};
use tucuxi_provider_env::EnvProvider;
use tucuxi_testkit::{Case, scenario, scenarios};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");

fn resolve(context: Context, _: &Case) -> BoxFuture<'_, Result<Credentials, Error>> {
    Box::pin(async move { EnvProvider::new(&context).provide_credentials().await })
}

#[test]
fn cases_pass() {
    assert_eq!(scenarios(CASES, resolve), 2);
}

#[test]
fn a_case_fails_that_is_not_as_expected() {
    fn other(_: Context, _: &Case) -> BoxFuture<'_, Result<Credentials, Error>> {
        Box::pin(async { Ok(Credentials::new("OTHER", "SEKRIT/key+of+the+session")) })
    }
    let problems = scenario(&Path::new(CASES).join("env_session"), other).unwrap_err();
    for piece in ["access_key_id is Some(\"OTHER\")", "provenance is []", "session_token is None", "expires_at is None"]
    {
        assert!(problems.contains(piece), "{piece}: {problems}");
    }
}

#[test]
fn a_case_fails_that_shows_a_secret() {
    fn leak(context: Context, _: &Case) -> BoxFuture<'_, Result<Credentials, Error>> {
        Box::pin(async move {
            let secret = context.env().var("AWS_SECRET_ACCESS_KEY")?.unwrap_or_default();
            Err(Error::invalid_config(format!(
                "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: {}",
                &secret[..10]
            )))
        })
    }
    let problems = scenario(&Path::new(CASES).join("env_half_pair"), leak).unwrap_err();
    assert!(problems.contains("shows the marked secret"), "{problems}");
}

#[test]
fn a_case_fails_that_asks_what_nobody_expected() {
    fn ask(context: Context, _: &Case) -> BoxFuture<'_, Result<Credentials, Error>> {
        Box::pin(async move {
            let request = http::Request::get("http://169.254.169.254/").body(tucuxi_core::Body::empty());
            let request = request.map_err(|error| Error::invalid_config(error.to_string()))?;
            let asked = context.http().send(request, tucuxi_core::HttpOptions::default()).await;
            Err(asked.map_or_else(Error::from, |_| Error::unavailable("an answer")))
        })
    }
    let problems = scenario(&Path::new(CASES).join("env_half_pair"), ask).unwrap_err();
    assert!(problems.contains("nobody expected GET http://169.254.169.254/"), "{problems}");
}

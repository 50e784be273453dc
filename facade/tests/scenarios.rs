//! Every folder of `scenarios/` is a case for a session.
#![cfg(feature = "default-chain")]

use tucuxi::{Context, Credentials, Error, Session, SessionBuilder, Setting, Settings};
use tucuxi_testkit::{Case, scenarios};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");

#[test]
fn every_folder_is_a_case_that_passes() {
    let run = scenarios(CASES, |context, case| Box::pin(resolve(context, case)));
    assert!(run >= 25, "{run} cases");
}

async fn resolve(context: Context, case: &Case) -> Result<Credentials, Error> {
    let session = builder(case).context(context).load().await?;
    note(case, session.settings());
    case.note("warnings", session.warnings().len());
    session.credentials().provide_credentials().await
}

fn builder(case: &Case) -> SessionBuilder {
    let text = |name| case.setting(name).and_then(|value| value.as_str()).map(str::to_owned);
    let mut builder = Session::builder();
    if let Some(profile) = case.profile() {
        builder = builder.profile_name(profile);
    }
    if let Some(region) = case.region() {
        builder = builder.region(region);
    }
    if case.setting("region_from_imds").is_some() {
        builder = builder.region_from_imds();
    }
    if let (Some(id), Some(secret)) = (text("access_key_id"), text("secret_access_key")) {
        builder = builder.access_key(id, secret);
    }
    if let Some(token) = text("session_token") {
        builder = builder.session_token(token);
    }
    if let Some(account_id) = text("account_id") {
        builder = builder.account_id(account_id);
    }
    builder
}

fn note(case: &Case, settings: &Settings) {
    fn shown<T: ToString>(setting: &Setting<T>) -> String {
        format!("{} ({})", setting.value().to_string(), setting.origin())
    }
    case.note("profile", shown(settings.profile_name()));
    case.note(
        "region",
        match settings.region() {
            Ok(Some(region)) => shown(region),
            Ok(None) => "none".to_owned(),
            Err(_) => "unknown".to_owned(),
        },
    );
}

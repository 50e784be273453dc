//! A profile that names a source whose feature is off: an error that names profile, line and feature, never another
//! identity. `cargo xtask ci` runs this with each source alone.
#![cfg(feature = "profile")]

mod common;

use tucuxi::{Chain, Credentials, Error, ErrorKind, Session, Settings, profile_chain};
use tucuxi_testkit::{ScriptedHttp, block_on};

const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/r\n";

/// What a profile of these lines gives, with keys behind it that nobody may fall through to.
fn answer(lines: &str) -> Result<Credentials, Error> {
    let config = format!(
        "[profile dev]\n{lines}\n[profile keys]\naws_access_key_id = AKID\naws_secret_access_key = secret\n\
         [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
    );
    let context = common::context(&[("AWS_PROFILE", "dev"), ("AWS_REGION", "us-east-1")], &config, "");
    let context = context.with_http(ScriptedHttp::refusing());
    block_on(async {
        let settings = Settings::load(&context).await?;
        let next = Credentials::new("ANOTHER", "secret");
        let chain = Chain::builder().chain(profile_chain(&context, &settings)).link("next", next).build();
        let session = Session::builder().credentials(chain).context(context).load().await?;
        session.credentials().provide_credentials().await
    })
}

/// Whether `feature` is on, the profile is understood; where it is off, the error says so.
#[track_caller]
fn check(feature: &str, is_on: bool, lines: &str, line: u32) {
    let lacks = format!("this build of tucuxi lacks the feature `{feature}`");
    let error = match answer(lines) {
        Err(error) => error,
        Ok(credentials) => panic!("{feature}: {credentials:?}"),
    };
    if is_on {
        assert!(!error.report().contains(&lacks), "{feature}: {}", error.report());
        return;
    }
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{feature}: {}", error.report());
    let place = format!("at {}:{line}", common::CONFIG);
    let said = error.to_string();
    for part in ["profile \"dev\"", place.as_str(), lacks.as_str()] {
        assert!(said.contains(part), "{feature}: {said} does not say {part}");
    }
    assert_eq!(error.hint(), Some(format!("turn on the feature `{feature}` of the crate tucuxi").as_str()));
}

#[test]
fn a_source_that_is_not_built_in_is_named() {
    let over = |source: &str| format!("{ROLE}credential_source = {source}");
    check("env", cfg!(feature = "env"), &over("Environment"), 3);
    check("container", cfg!(feature = "container"), &over("EcsContainer"), 3);
    check("imds", cfg!(feature = "imds"), &over("Ec2InstanceMetadata"), 3);
    check("process", cfg!(feature = "process"), "credential_process = helper", 2);
    check("sso", cfg!(feature = "sso"), "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r", 4);
    check("login", cfg!(feature = "login"), "login_session = arn:aws:sts::123456789012:assumed-role/r/me", 2);
    check("sts", cfg!(feature = "sts"), &format!("{ROLE}web_identity_token_file = /token"), 3);
    check("sts", cfg!(feature = "sts"), &format!("{ROLE}source_profile = keys"), 2);
}

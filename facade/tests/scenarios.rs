//! Every folder of `scenarios/` is a case for a session, and of `scenarios_of_operations/` for one that has the feature
//! `sts-operations`.
#![cfg(feature = "default-chain")]

use tucuxi::{Context, Credentials, Error, Secret, Session, SessionBuilder, Setting, Settings};
use tucuxi_testkit::{Case, covers, scenarios};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
const OF_OPERATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios_of_operations");

#[test]
fn every_folder_is_a_case_that_passes() {
    let run = scenarios(CASES, |context, case| Box::pin(resolve(context, case)));
    assert!(run >= 100, "{run} cases");
}

#[cfg(feature = "sts-operations")]
#[test]
fn every_folder_of_operations_is_a_case_that_passes() {
    let run = scenarios(OF_OPERATIONS, |context, case| Box::pin(resolve(context, case)));
    assert!(run >= 8, "{run} cases");
}

async fn resolve(context: Context, case: &Case) -> Result<Credentials, Error> {
    let session = builder(case).context(context).load().await?;
    note(case, session.settings());
    case.note("warnings", session.warnings().len());
    #[cfg(feature = "sts-operations")]
    let session = match case.setting("ask_session") {
        Some(_) => session.session_token().session(),
        None => session,
    };
    if case.setting("show_links").is_some() {
        let trace = session.trace_offline().await;
        let links: Vec<_> = trace.attempts().iter().map(|attempt| attempt.id()).collect();
        case.note("links", links.join(", "));
    }
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
    if let Some(role_arn) = text("role_arn") {
        builder = builder.role_arn(role_arn);
    }
    if case.setting("region_from_imds").is_some() {
        builder = builder.region_from_imds();
    }
    if let Some(codes) = case.mfa().cloned() {
        builder = builder.mfa(move |serial| {
            let code = codes.get(&serial).map(|code| Secret::new(code.as_str()));
            std::future::ready(code.ok_or_else(|| Error::denied(format!("nobody has the device {serial}"))))
        });
    }
    #[cfg(feature = "sts-operations")]
    if let Some(assertion) = text("saml") {
        let account = "arn:aws:iam::123456789012";
        let role = tucuxi::sts::AssumeRoleWithSaml::new(
            format!("{account}:role/reader"),
            format!("{account}:saml-provider/corp"),
        );
        builder = builder.saml(role, assertion);
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

/// A source, the id of its link (none: it comes before the chain), and where it is denied or out of reach.
type Row = (&'static str, Option<&'static str>, FailsAt);

#[derive(Clone, Copy, PartialEq)]
enum FailsAt {
    /// Where credentials are fetched.
    Fetch,
    /// Keys lie ready in the program, the environment or a file: where a role is taken on with them.
    FirstUse,
}

const KINDS: &[&str] = &["success", "absence", "misconfiguration", "denial", "outage"];

const SOURCES: &[Row] = &[
    ("explicit", None, FailsAt::FirstUse),
    ("env", Some("env"), FailsAt::FirstUse),
    ("assume-role", Some("assume-role"), FailsAt::Fetch),
    ("assume-role-with-web-identity", Some("assume-role-with-web-identity"), FailsAt::Fetch),
    ("sso", Some("sso"), FailsAt::Fetch),
    ("shared-credentials-file", Some("shared-credentials-file"), FailsAt::FirstUse),
    ("login", Some("login"), FailsAt::Fetch),
    ("custom-process", Some("custom-process"), FailsAt::Fetch),
    ("config-file", Some("config-file"), FailsAt::FirstUse),
    ("ec2-credentials-file", Some("ec2-credentials-file"), FailsAt::FirstUse),
    ("boto-config", Some("boto-config"), FailsAt::FirstUse),
    ("ecs", Some("container-role"), FailsAt::Fetch),
    ("eks-pod-identity", Some("container-role"), FailsAt::Fetch),
    ("greengrass", Some("container-role"), FailsAt::Fetch),
    ("iam-role", Some("iam-role"), FailsAt::Fetch),
    ("assume-role-with-saml", Some("assume-role-with-saml"), FailsAt::Fetch),
    ("session-token", Some("session-token"), FailsAt::Fetch),
];

/// What a source is called in the provenance, where that is not the id of its link.
const IN_PROVENANCE: &[(&str, &str)] =
    &[("env", "environment"), ("sso", "sso-session"), ("session-token", "get-session-token")];

#[test]
fn every_source_has_a_scenario_for_whatever_can_happen_to_it() {
    let covers: Vec<_> = covers(CASES).into_iter().chain(covers(OF_OPERATIONS)).collect();
    let mut faults = Vec::new();
    for (source, ..) in SOURCES {
        for case in KINDS {
            if !covers.iter().any(|cover| cover.source == *source && cover.case == *case) {
                faults.push(format!("no scenario covers {source}:{case}"));
            }
        }
    }
    for cover in &covers {
        let what = format!("{} covers {}:{}", cover.scenario, cover.source, cover.case);
        let Some((_, link, fails_at)) = SOURCES.iter().find(|(source, ..)| cover.source == *source) else {
            faults.push(format!("{what}, which is not in the table"));
            continue;
        };
        let Some(link) = link else { continue };
        // The provenance names a source that answered, and so does whoever refused its keys.
        let by_provenance = cover.case == "success" || (cover.case == "denial" && *fails_at == FailsAt::FirstUse);
        let shown = IN_PROVENANCE.iter().find(|(id, _)| by_provenance && id == link);
        let word = match shown {
            Some((_, word)) => *word,
            None if cover.case == "outage" && *fails_at == FailsAt::FirstUse => "assume-role",
            None => *link,
        };
        // Where another source answers instead, nothing names the one that is absent.
        let must = cover.case != "absence" || cover.names.iter().any(|name| name == "iam-role");
        if must && !cover.names.iter().any(|name| name.split([' ', ':']).next() == Some(word)) {
            faults.push(format!("{what}, but expects {word} nowhere"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

//! What a trace shows: order, identifiers, what became of each source.
#![cfg(feature = "default-chain")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tucuxi::{Chain, Credentials, Error, Session, SessionBuilder, Trace, Verdict, from_fn};
use tucuxi_testkit::{ScriptedHttp, block_on};

const LINKS: [&str; 12] = [
    "env",
    "assume-role",
    "assume-role-with-web-identity",
    "sso",
    "shared-credentials-file",
    "login",
    "custom-process",
    "config-file",
    "ec2-credentials-file",
    "boto-config",
    "container-role",
    "iam-role",
];
const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "secret")];
const FILE: &str = "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret";

fn words(trace: &Trace) -> Vec<(String, Verdict)> {
    trace.verdicts().map(|(attempt, verdict)| (attempt.id().to_owned(), verdict)).collect()
}

/// Every link is `NotConfigured` but those given.
fn check(trace: &Trace, first: &[(&str, Verdict)], others: &[(&str, Verdict)]) {
    let mut expected: Vec<(String, Verdict)> = first.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect();
    for id in LINKS {
        let verdict =
            others.iter().find(|(other, _)| *other == id).map_or(Verdict::NotConfigured, |(_, verdict)| *verdict);
        expected.push((id.to_owned(), verdict));
    }
    assert_eq!(words(trace), expected, "{trace}");
}

fn offline(
    variables: &[(&str, &str)],
    config: &str,
    credentials: &str,
    code: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> Trace {
    let http = ScriptedHttp::new([]);
    let context = common::context(variables, config, credentials).with_http(http.clone());
    let trace = block_on(async {
        let session = code(Session::builder().context(context)).load().await?;
        Ok::<_, Error>(session.trace_offline().await)
    });
    assert!(http.seen().is_empty() && http.resolved().is_empty(), "asked {:?}", http.seen());
    trace.unwrap()
}

#[test]
fn every_source_is_shown_in_order() {
    let trace = offline(&KEYS, "", FILE, |builder| builder);
    check(
        &trace,
        &[],
        &[("env", Verdict::Used), ("shared-credentials-file", Verdict::Shadowed), ("iam-role", Verdict::NotAsked)],
    );
    assert_eq!(trace.used().unwrap().access_key_id(), "AKIDENV");
    assert_eq!(
        trace.attempts()[4].credentials().unwrap().provenance().to_string(),
        "shared-credentials-file /h/.aws/credentials:2"
    );
    assert!(trace.attempts()[11].to_string().contains("would ask 169.254.169.254"), "{trace}");
}

#[test]
fn explicit_keys_come_first_and_shadow_the_rest() {
    let trace = offline(&KEYS, "", "", |builder| builder.access_key("AKIDCODE", "secret"));
    check(&trace, &[("explicit", Verdict::Used)], &[("env", Verdict::Shadowed), ("iam-role", Verdict::NotAsked)]);
}

#[test]
fn a_failure_that_is_shadowed_is_told_from_one_that_stops() {
    let half = "[default]\naws_access_key_id = AKIDFILE";
    let trace = offline(&KEYS, "", half, |builder| builder);
    check(
        &trace,
        &[],
        &[
            ("env", Verdict::Used),
            ("shared-credentials-file", Verdict::ShadowedFailure),
            ("iam-role", Verdict::NotAsked),
        ],
    );
    let trace = offline(&[], FILE, half, |builder| builder);
    check(
        &trace,
        &[],
        &[
            ("shared-credentials-file", Verdict::Failed),
            ("config-file", Verdict::Shadowed),
            ("iam-role", Verdict::NotAsked),
        ],
    );
    assert!(trace.used().is_none());
}

#[test]
fn a_profile_given_in_code_shows_why_the_environment_is_off() {
    let file = "[dev]\naws_access_key_id = AKIDDEV\naws_secret_access_key = secret";
    let trace = offline(&KEYS, "", file, |builder| builder.profile_name("dev"));
    check(&trace, &[], &[("shared-credentials-file", Verdict::Used), ("iam-role", Verdict::NotAsked)]);
    assert_eq!(
        trace.attempts()[0].to_string(),
        "env: variables are not asked, since profile \"dev\" was given in code"
    );
}

#[test]
fn a_trace_that_may_asks_the_network_also_behind_the_answer() {
    let http = ScriptedHttp::refusing();
    let context = common::context(&KEYS, "", "").with_http(http.clone());
    let trace = block_on(async {
        let session = Session::builder().context(context).load().await?;
        Ok::<_, Error>(session.trace().await)
    });
    check(&trace.unwrap(), &[], &[("env", Verdict::Used)]);
    assert_eq!(http.seen().len(), 1);
}

#[test]
fn providers_of_the_program_are_not_asked_offline() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let vault = from_fn("vault", move || {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(Credentials::new("AKIDVAULT", "secret")) }
    });
    let session = block_on(async {
        let settings = tucuxi::Settings::load(&common::context(&KEYS, "", "")).await?;
        let context = common::context(&KEYS, "", "");
        let chain =
            Chain::builder().link("vault", vault).chain(tucuxi::default_chain(&context, &settings)).without("iam-role");
        Session::builder().context(context).credentials(chain.build()).load().await
    });
    let session = session.unwrap();
    let trace = block_on(session.trace_offline());
    assert!(trace.verdicts().all(|(_, verdict)| verdict == Verdict::NotAsked), "{trace}");
    assert_eq!((trace.attempts().len(), asked.load(Ordering::Relaxed)), (12, 0));
    let trace = block_on(session.trace());
    assert_eq!(words(&trace)[..2], [("vault".to_owned(), Verdict::Used), ("env".to_owned(), Verdict::Shadowed)]);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

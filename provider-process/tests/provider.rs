//! What is run, and what each way to fail means.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{
    Chain, CommandError, CommandErrorKind, CommandOutput, Context, Credentials, Env, Error, ErrorKind,
    ProvideCredentials,
};
use tucuxi_provider_process::ProcessProvider;
use tucuxi_testkit::{Canary, FakeCommands, block_on, context, contract};

const DOCUMENT: &str = r#"{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s","SessionToken":"t"}"#;

fn with(commands: &FakeCommands, variables: &[(&str, &str)]) -> Context {
    context().with_commands(commands.clone()).with_env(Env::fake(variables.iter().copied()))
}

#[track_caller]
fn check_error(context: &Context, line: &str, kind: ErrorKind, message: &str) -> Error {
    let error = block_on(ProcessProvider::new(context, line).provide_credentials()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    error
}

#[test]
fn the_program_runs_with_its_words_and_one_level_deeper() {
    for (before, after) in [(None, "1"), (Some(""), "1"), (Some("3"), "4")] {
        let commands = FakeCommands::printing(DOCUMENT);
        let variables: Vec<_> = before.map(|depth| (DEPTH, depth)).into_iter().collect();
        let provider = ProcessProvider::new(&with(&commands, &variables), "/opt/helper --name 'a b' \"\"")
            .with_account_id("123456789012")
            .with_limit(Duration::from_secs(7));
        let credentials = block_on(provider.provide_credentials()).unwrap();
        assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIA", Some("123456789012")));
        let run = &commands.runs()[0];
        assert_eq!((run.program.to_str(), run.limit), (Some("/opt/helper"), Duration::from_secs(7)));
        assert_eq!(run.arguments, ["--name", "a b", ""]);
        assert_eq!(run.variables, [(DEPTH.into(), after.into())]);
    }
    let commands = FakeCommands::printing(DOCUMENT);
    block_on(ProcessProvider::new(&with(&commands, &[]), "helper").provide_credentials()).unwrap();
    let run = &commands.runs()[0];
    assert_eq!((run.limit, run.output_limit), (Duration::from_secs(60), 64 * 1024));
}

#[test]
fn a_circle_is_stopped() {
    let commands = FakeCommands::printing(DOCUMENT);
    let message = "credential_process calls itself: 5 helpers are running already";
    check_error(&with(&commands, &[(DEPTH, "5")]), "helper", ErrorKind::InvalidConfig, message);
    let message = "TUCUXI_CREDENTIAL_PROCESS_DEPTH is not a number";
    check_error(&with(&commands, &[(DEPTH, "x")]), "helper", ErrorKind::InvalidConfig, message);
    assert!(commands.runs().is_empty());
}

#[test]
fn a_command_line_that_cannot_be_run() {
    let context = with(&FakeCommands::printing(DOCUMENT), &[]);
    for line in ["", " ", "'' a"] {
        check_error(&context, line, ErrorKind::InvalidConfig, "credential_process is empty");
    }
    let open = "credential_process has a quote that is not closed";
    check_error(&context, "helper \"SEKRIT", ErrorKind::InvalidConfig, open);
}

#[test]
fn what_the_runner_says() {
    let failing = |kind| {
        let commands = FakeCommands::new(move |command| {
            Err(CommandError::new(kind, format!("{} failed", command.name())).with_source(std::io::Error::other("x")))
        });
        with(&commands, &[])
    };
    let start = failing(CommandErrorKind::Start);
    let error = check_error(&start, "/opt/helper", ErrorKind::InvalidConfig, "helper failed");
    assert!(error.hint().unwrap().contains("path"), "{error:?}");
    let error = check_error(&start, "~/bin/helper", ErrorKind::InvalidConfig, "helper failed");
    assert!(error.hint().unwrap().contains('~'), "{error:?}");
    for kind in [CommandErrorKind::Timeout, CommandErrorKind::TooMuchOutput] {
        check_error(&failing(kind), "/opt/helper", ErrorKind::Unavailable, "helper failed");
    }
    let offline = check_error(&context().offline(), "/opt/helper a", ErrorKind::Unavailable, "would run helper");
    assert!(offline.is_offline());
}

#[test]
fn a_cache_waits_longer_than_the_helper_may_run() {
    let helper = || ProcessProvider::new(&context(), "helper");
    assert_eq!(helper().time_limit(), Duration::from_secs(62));
    assert_eq!(helper().with_limit(Duration::from_secs(5)).time_limit(), Duration::from_secs(7));
    let chain = Chain::builder().link("keys", Credentials::new("AKID", "s")).link("helper", helper()).build();
    assert_eq!(chain.time_limit(), Duration::from_secs(62));
}

#[test]
fn the_contract() {
    let printing = |code: i32, stdout: String, stderr: String| {
        let commands = FakeCommands::new(move |_| {
            Ok(CommandOutput::new(Some(code), stdout.clone().into_bytes(), stderr.clone().into_bytes()))
        });
        with(&commands, &[])
    };
    let document = |secrets: &[Canary]| {
        let document = DOCUMENT.replace(r#":"s""#, &format!(r#":"{}""#, secrets[0].value()));
        document.replace(r#":"t""#, &format!(r#":"{}""#, secrets[1].value()))
    };
    let names = ["secret", "token"];
    let argument = Canary::new("argument");
    let line = format!("helper --flag {}", argument.value());
    assert!(!format!("{:?}", ProcessProvider::new(&context(), line.as_str())).contains(argument.value()));
    contract("process", |context| Arc::new(ProcessProvider::new(context, line.as_str())))
        .asked_for()
        .configured("a session", &names, |secrets| printing(0, document(secrets), secrets[0].value().to_owned()))
        .configured("a secret in the arguments", &["secret", "token", "argument"], |secrets| {
            printing(0, document(secrets), String::new())
        })
        .broken("half a document", ErrorKind::Unavailable, &names, |secrets| {
            let document = document(secrets);
            printing(0, document[..document.len() - 2].to_owned(), String::new())
        })
        .broken("a secret on standard error", ErrorKind::Denied, &["secret", "token", "argument"], |secrets| {
            let stderr = format!("cannot use {} with {}", secrets[0].value(), secrets[2].value());
            printing(1, document(secrets), stderr)
        })
        .run();
}

const DEPTH: &str = "TUCUXI_CREDENTIAL_PROCESS_DEPTH";

//! Which steps a profile leads to, and which ones it must not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::context;
use tucuxi_core::ErrorKind;
use tucuxi_provider_profile::{Base, Plan, Profiles, Role, plan};
use tucuxi_testkit::block_on;

fn shown_base(base: &Base<'_>) -> String {
    match base {
        Base::StaticKeys(keys) => format!("keys {} {}", keys.access_key_id(), keys.provenance()),
        Base::WebIdentity(web) => {
            format!("web-identity {} {} {:?}", web.role_arn, web.token_file, web.session_name)
        }
        Base::Sso(sso) => {
            let session = sso.session.unwrap_or("-");
            format!("sso {session} {} {} {} {}", sso.start_url, sso.region, sso.account_id, sso.role_name)
        }
        Base::Login(login) => format!("login {}", login.session),
        Base::Process(process) => format!("process {:?} {:?}", process.command, process.account_id),
        simple => format!("{simple:?}"),
    }
}

fn shown_role(role: &Role<'_>) -> String {
    let line = role.asked_by.location().unwrap().line();
    let mut shown = format!("{}:{line} {}", role.asked_by.profile(), role.arn);
    let extras = [("session", role.session_name), ("external", role.external_id), ("mfa", role.mfa_serial)];
    for (name, value) in extras {
        value.iter().for_each(|value| shown.push_str(&format!(" {name}={value}")));
    }
    role.duration.iter().for_each(|duration| shown.push_str(&format!(" {}s", duration.as_secs())));
    shown
}

/// `base < profile:line key | role | role`
fn shown(plan: &Plan<'_>) -> String {
    let asked = &plan.asked_by;
    let line = asked.location().unwrap().line();
    let mut shown = format!("{} < {}:{line} {}", shown_base(&plan.base), asked.profile(), asked.key());
    plan.roles.iter().for_each(|role| shown.push_str(&format!(" | {}", shown_role(role))));
    shown
}

#[track_caller]
fn check_files(config: &str, credentials: &str, expected: Result<&str, &str>) {
    let set = block_on(Profiles::new(&context(config, credentials, &[])).load()).unwrap();
    match (plan(&set, "a"), expected) {
        (Ok(plan), Ok(expected)) => assert_eq!(shown(&plan), expected, "{config}"),
        (Err(error), Err(message)) => {
            let (shown, kind) = (error.to_string().replace("/h/.aws/", ""), error.kind());
            assert_eq!((shown.as_str(), kind), (message, ErrorKind::InvalidConfig), "{config}");
            assert!(error.hint().is_some(), "{config}");
        }
        (answer, expected) => panic!("{config}: {answer:?}, expected {expected:?}"),
    }
}

#[track_caller]
fn check(config: &str, expected: Result<&str, &str>) {
    check_files(config, "", expected);
}

/// Profile `b`, with keys.
const B: &str = "[profile b]\naws_access_key_id = B\naws_secret_access_key = s";
const KEYS: &str = "aws_access_key_id = K\naws_secret_access_key = s";

#[test]
fn a_profile_without_a_source_is_not_configured() {
    let set = block_on(Profiles::new(&context("[profile a]\nregion = r", "", &[])).load()).unwrap();
    let error = plan(&set, "a").unwrap_err();
    assert!(error.is_not_configured(), "{error}");
    assert_eq!(plan(&set, "x").unwrap_err().kind(), ErrorKind::InvalidConfig);
    check("[profile b]", Err("profile \"a\" is not in config, credentials"));
}

#[test]
fn sources_of_one_profile_in_botocores_order() {
    // Each file has all sources from the given one on; the first one counts.
    let role = "role_arn = R\nsource_profile = b\n";
    let web = "web_identity_token_file = T\n";
    let sso = "sso_account_id = 1\nsso_role_name = N\nsso_start_url = U\nsso_region = r\n";
    let login = "login_session = L\n";
    let process = "credential_process = P\n";
    let shared = format!("[a]\n{KEYS}");
    let (all, header) = (format!("{sso}{login}{process}{KEYS}"), "[profile a]\n");
    check_files(
        &format!("{header}{role}{all}\n{B}"),
        &shared,
        Ok("keys B config-file /h/.aws/config:13 < b:13 aws_access_key_id | a:2 R"),
    );
    check_files(
        &format!("{header}{role}{web}{all}\n{B}"),
        &shared,
        Ok("web-identity R T None < a:4 web_identity_token_file"),
    );
    check_files(&format!("{header}{all}"), &shared, Ok("sso - U r 1 N < a:3 sso_role_name"));
    check_files(
        &format!("{header}{login}{process}{KEYS}"),
        &shared,
        Ok("keys K shared-credentials-file /h/.aws/credentials:2 < a:2 aws_access_key_id"),
    );
    check(&format!("{header}{login}{process}{KEYS}"), Ok("login L < a:2 login_session"));
    check(&format!("{header}{process}{KEYS}"), Ok("process \"P\" None < a:2 credential_process"));
    check(&format!("{header}{KEYS}"), Ok("keys K config-file /h/.aws/config:2 < a:2 aws_access_key_id"));
    check(&format!("{header}{process}aws_account_id = 1"), Ok("process \"P\" Some(\"1\") < a:2 credential_process"));
}

#[test]
fn a_role_by_another_profile() {
    check(
        &format!(
            "[profile a]\nrole_arn=R\nsource_profile=b\nrole_session_name=N\nexternal_id=E\nmfa_serial=M\nduration_seconds=900\n{B}"
        ),
        Ok("keys B config-file /h/.aws/config:9 < b:9 aws_access_key_id | a:2 R session=N external=E mfa=M 900s"),
    );
    check(
        &format!(
            "[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\nrole_arn=C\nsource_profile=d\n[profile d]\nrole_arn=D\nsource_profile=b\n{B}"
        ),
        Ok("keys B config-file /h/.aws/config:11 < b:11 aws_access_key_id | d:8 D | c:5 C | a:2 A"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\nrole_arn=C\ncredential_source=Ec2InstanceMetadata",
        Ok("Imds < c:6 credential_source | c:5 C | a:2 A"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\nrole_arn=C\nweb_identity_token_file=T\nrole_session_name=N",
        Ok("web-identity C T Some(\"N\") < c:6 web_identity_token_file | a:2 A"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\ncredential_process=P",
        Ok("process \"P\" None < c:5 credential_process | a:2 A"),
    );
    check_files(
        "[profile a]\nrole_arn=A\nsource_profile=c",
        &format!("[c]\n{KEYS}"),
        Ok("keys K shared-credentials-file /h/.aws/credentials:2 < c:2 aws_access_key_id | a:2 A"),
    );
}

#[test]
fn keys_of_a_source_profile_come_before_its_role() {
    check(
        &format!("[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\nrole_arn=C\nsource_profile=a\n{KEYS}"),
        Ok("keys K config-file /h/.aws/config:7 < c:7 aws_access_key_id | a:2 A"),
    );
    check(
        &format!("[profile a]\nrole_arn=A\nsource_profile=a\n{KEYS}"),
        Ok("keys K config-file /h/.aws/config:4 < a:4 aws_access_key_id | a:2 A"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=c\n[profile c]\nrole_arn=C\nsource_profile=a\naws_access_key_id = K",
        Err("profile \"c\" has aws_access_key_id at config:7 without aws_secret_access_key"),
    );
}

#[test]
fn circles_are_refused_with_the_way() {
    check("[profile a]\nrole_arn=A\nsource_profile=a", Err("source_profile at config:3 leads in a circle: a > a"));
    let abca = "[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nrole_arn=B\nsource_profile=c\n[profile c]\nrole_arn=C\nsource_profile=";
    check(&format!("{abca}a"), Err("source_profile at config:9 leads in a circle: a > b > c > a"));
    check(&format!("{abca}b"), Err("source_profile at config:9 leads in a circle: a > b > c > b"));
    check(&format!("{abca}c"), Err("source_profile at config:9 leads in a circle: a > b > c > c"));
}

#[test]
fn a_role_needs_exactly_one_source() {
    check(
        "[profile a]\nrole_arn=A",
        Err("profile \"a\" has role_arn at config:2 but neither source_profile nor credential_source"),
    );
    check(
        &format!("[profile a]\nrole_arn=A\n{KEYS}"),
        Err("profile \"a\" has role_arn at config:2 but neither source_profile nor credential_source"),
    );
    check(
        &format!("[profile a]\nrole_arn=A\nsource_profile=b\ncredential_source=Environment\n{B}"),
        Err("source_profile at config:3 and credential_source at config:4 exclude each other"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=bb",
        Err("source_profile at config:3 names \"bb\", which is not in config, credentials"),
    );
    check(
        "[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nregion=r",
        Err("source_profile at config:3 names \"b\", which has no credentials"),
    );
    for (source, base) in
        [("Environment", "Environment"), ("EcsContainer", "Container"), ("Ec2InstanceMetadata", "Imds")]
    {
        let config = format!("[profile a]\nrole_arn=A\ncredential_source={source}");
        check(&config, Ok(&format!("{base} < a:3 credential_source | a:2 A")));
    }
    check(
        "[profile a]\nrole_arn=A\ncredential_source=environment",
        Err("credential_source at config:3 is \"environment\", which is no source"),
    );
    check(
        "[profile a]\nrole_arn=A\ncredential_source=Vault",
        Err("credential_source at config:3 is \"Vault\", which is no source"),
    );
}

#[test]
fn empty_and_impossible_values_name_their_line() {
    for key in ["role_arn", "web_identity_token_file", "login_session", "credential_process"] {
        check(&format!("[profile a]\n{key} ="), Err(&format!("{key} at config:2 is empty")));
    }
    let rest = format!("\n{B}");
    for key in ["role_session_name", "external_id", "mfa_serial", "duration_seconds", "credential_source"] {
        let config = format!("[profile a]\nrole_arn=R\nsource_profile=b\n{key} ={rest}");
        check(&config, Err(&format!("{key} at config:4 is empty")));
    }
    for text in ["x", "0", "-1", "1.5", "900s", "99999999999"] {
        let config = format!("[profile a]\nrole_arn=R\nsource_profile=b\nduration_seconds={text}{rest}");
        check(&config, Err("duration_seconds at config:4 is not a number of seconds"));
    }
    check(
        "[profile a]\nweb_identity_token_file = T",
        Err("profile \"a\" has web_identity_token_file at config:2, but there is no role to assume with the token"),
    );
}

#[test]
fn sso_by_session_or_by_itself() {
    let session = "[sso-session s]\nsso_start_url = U\nsso_region = eu-west-1\n";
    let profile = "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = N\n";
    check(&format!("{session}{profile}"), Ok("sso s U eu-west-1 1 N < a:7 sso_role_name"));
    check(&format!("{session}{profile}sso_region = eu-west-1"), Ok("sso s U eu-west-1 1 N < a:7 sso_role_name"));
    check(
        &format!("{session}{profile}sso_region = r"),
        Err("sso_region at config:8 differs from that of the session at config:3"),
    );
    check(profile, Err("sso_session at config:2 names \"s\", which is not in config"));
    let asked = "profile \"a\" has sso_role_name at config:2, but there is no";
    check("[profile a]\nsso_role_name = N", Err(&format!("{asked} sso_start_url")));
    check("[profile a]\nsso_role_name = N\nsso_start_url = U", Err(&format!("{asked} sso_region")));
    check("[profile a]\nsso_role_name = N\nsso_start_url = U\nsso_region = r", Err(&format!("{asked} sso_account_id")));
    check(
        "[profile a]\nsso_account_id = 1\nsso_start_url = U\nsso_region = r",
        Err("profile \"a\" has sso_account_id at config:2, but there is no sso_role_name"),
    );
    check("[profile a]\nsso_role_name = N\nsso_start_url =\nsso_region = r", Err("sso_start_url at config:3 is empty"));
    check(
        "[profile a]\nsso_role_name = N\nsso_start_url = U\nsso_region = evil.example/",
        Err("sso_region at config:4: \"evil.example/\" is not a region name"),
    );
    let set = block_on(Profiles::new(&context(&format!("{session}[profile a]\nsso_session = s"), "", &[])).load());
    assert!(plan(&set.unwrap(), "a").unwrap_err().is_not_configured(), "a profile for tokens has no credentials");
}

#[test]
fn keys_split_over_the_files_stop_a_plan_too() {
    check_files(
        "[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\naws_access_key_id=K",
        "[b]\naws_secret_access_key=s",
        Err("profile \"b\" has aws_secret_access_key at credentials:2 but aws_access_key_id at config:5"),
    );
}

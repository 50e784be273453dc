//! Every pair of keys of which one profile may have only one: who wins, and how one hears of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::context;
use tucuxi_core::ErrorKind;
use tucuxi_provider_profile::{ProfileSet, Profiles, WarningKind, plan};
use tucuxi_testkit::block_on;

/// Profile `a` of the two files: what asks for the first credentials, as `key file:line`, or the error; and what does
/// not count.
#[track_caller]
fn check_files(config: &str, credentials: &str, expected: Result<&str, &str>, beaten: &[&str]) {
    let profiles = Profiles::new(&context(config, credentials, &[])).with_profile_name("a");
    let set = block_on(profiles.load()).unwrap();
    match (plan(&set, "a"), expected) {
        (Ok(plan), Ok(expected)) => {
            let at = plan.asked_by.location().unwrap();
            assert_eq!(short(format!("{} {at}", plan.asked_by.key())), expected, "{config}");
        }
        (Err(error), Err(message)) => {
            let nothing = message.contains(" names no source ");
            let kind = if nothing { ErrorKind::NotConfigured } else { ErrorKind::InvalidConfig };
            assert_eq!((short(error.to_string()).as_str(), error.kind()), (message, kind), "{config}");
        }
        (answer, expected) => panic!("{config}: {answer:?}, expected {expected:?}"),
    }
    assert_eq!(contradictions(&set), beaten, "{config}\n{credentials}");
}

fn short(text: String) -> String {
    text.replace("/h/.aws/", "")
}

fn contradictions(set: &ProfileSet) -> Vec<String> {
    let warnings = set.warnings().iter().filter(|warning| warning.kind() == WarningKind::Contradiction);
    warnings.map(|warning| short(warning.to_string())).collect()
}

/// As `check_files`, with the lines of `[profile a]` from line 2 on and a profile `b` with keys behind them.
#[track_caller]
fn check(lines: &[&str], expected: Result<&str, &str>, beaten: &[&str]) {
    check_files(&format!("[profile a]\n{}\n[profile b]\n{ID}\n{SECRET}", lines.join("\n")), "", expected, beaten);
}

const ID: &str = "aws_access_key_id = K";
const SECRET: &str = "aws_secret_access_key = s";
const ROLE: &str = "role_arn = R";
const OVER_B: &str = "source_profile = b";
const OVER_ENV: &str = "credential_source = Environment";
const TOKEN: &str = "web_identity_token_file = T";
const SSO: [&str; 4] = ["sso_account_id = 1", "sso_role_name = N", "sso_start_url = U", "sso_region = r"];
const LOGIN: &str = "login_session = L";
const PROCESS: &str = "credential_process = P";

#[test]
fn a_role_has_one_source() {
    let both = "source_profile at config:3 and credential_source at config:4 exclude each other";
    check(&[ROLE, OVER_B, OVER_ENV], Err(both), &[]);
    let token = Ok("web_identity_token_file config:3");
    let loses =
        |key: &str, line: u32| format!("config:{line}: {key} does not count: web_identity_token_file at config:3");
    let [by_profile, by_source] = [loses("source_profile", 4), loses("credential_source", 4)];
    check(&[ROLE, TOKEN, OVER_B], token, &[&format!("{by_profile} comes first")]);
    check(&[ROLE, TOKEN, OVER_ENV], token, &[&format!("{by_source} comes first")]);
    let both = [by_profile, loses("credential_source", 5)].map(|beaten| format!("{beaten} comes first"));
    check(&[ROLE, TOKEN, OVER_B, OVER_ENV], token, &both.each_ref().map(String::as_str));
    for key in ["external_id", "mfa_serial", "duration_seconds"] {
        check(&[ROLE, TOKEN, &format!("{key} = 1")], token, &[&format!("{} takes none", loses(key, 4))]);
    }
    check(&[ROLE, TOKEN, "role_session_name = N"], token, &[]);
    check(&[ROLE, TOKEN, "source_profile =", "login_session =", "aws_session_token ="], token, &[]);
}

#[test]
fn the_first_source_in_botocores_order_counts() {
    // Each with its lines, the key that asks for it first.
    let sources: [&[&str]; 5] = [&[TOKEN, ROLE], &SSO, &[LOGIN], &[PROCESS], &[ID, SECRET]];
    let keys = ["web_identity_token_file", "sso_role_name", "login_session", "credential_process", "aws_access_key_id"];
    for (first, rest) in (0..).zip(sources.iter().zip(keys)).map(|(at, first)| (first, at + 1..sources.len())) {
        for other in rest {
            let ((lines, winner), loser) = (first, keys[other]);
            // The loser stands above, so that its place says nothing.
            let lines = [sources[other], lines].concat();
            let line = |key: &str| 2 + lines.iter().position(|line| line.starts_with(key)).unwrap();
            let asked = format!("{winner} config:{}", line(winner));
            let beaten = format!(
                "config:{}: {loser} does not count: {winner} at config:{} comes first",
                line(loser),
                line(winner)
            );
            check(&lines, Ok(&asked), &[&beaten]);
        }
    }
}

#[test]
fn a_role_comes_before_the_other_sources() {
    for lines in [&SSO[..], &[LOGIN], &[PROCESS], &[ID, SECRET]] {
        let key =
            lines.iter().map(|line| line.split(' ').next().unwrap()).find(|key| *key != "sso_account_id").unwrap();
        let at = if key == "sso_role_name" { 5 } else { 4 };
        let beaten = format!("config:{at}: {key} does not count: role_arn at config:2 comes first");
        let b = 5 + lines.len();
        check(&[&[ROLE, OVER_B], lines].concat(), Ok(&format!("aws_access_key_id config:{b}")), &[&beaten]);
        let beaten = format!("config:{at}: {key} does not count: credential_source at config:3 comes first");
        check(&[&[ROLE, OVER_ENV], lines].concat(), Ok("credential_source config:3"), &[&beaten]);
    }
    // Its own keys are what assumes it.
    check(&[ROLE, "source_profile = a", ID, SECRET], Ok("aws_access_key_id config:4"), &[]);
    let beaten = "config:4: login_session does not count: role_arn at config:2 comes first";
    check(&[ROLE, OVER_B, LOGIN], Ok("aws_access_key_id config:6"), &[beaten]);
}

#[test]
fn every_profile_of_the_plan_is_looked_at_and_no_other() {
    let c = format!("[profile c]\n{ROLE}\n{OVER_B}\n{ID}\n{SECRET}");
    let a = format!("[profile a]\n{ROLE}\nsource_profile = c\n{PROCESS}");
    check_files(
        &format!("{a}\n{c}\n[profile d]\n{LOGIN}\n{PROCESS}"),
        "",
        Ok("aws_access_key_id config:8"),
        &[
            "config:4: credential_process does not count: role_arn at config:2 comes first",
            "config:6: role_arn does not count: aws_access_key_id at config:8 comes first",
        ],
    );
}

#[test]
fn sso_says_each_thing_once() {
    let session = "[sso-session s]\nsso_start_url = U\nsso_region = r\nsso_account_id = 1\nsso_role_name = N\n";
    let a =
        |line: &str| format!("{session}[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = N\n{line}");
    for (key, at) in [("sso_start_url", 2), ("sso_region", 3)] {
        let differs = format!("{key} at config:10 differs from that of the session at config:{at}");
        check_files(&a(&format!("{key} = x")), "", Err(&differs), &[]);
    }
    check_files(&a("sso_start_url = U\nsso_region = r"), "", Ok("sso_role_name config:9"), &[]);
    let differs = a("").replace("sso_account_id = 1\nsso_role_name = N\n[", "sso_account_id = 2\nsso_role_name = N\n[");
    check_files(&differs, "", Err("sso_account_id at config:8 differs from that of the session at config:4"), &[]);
}

#[test]
fn pairs_are_whole_and_of_one_file() {
    let config = |lines: &[&str]| format!("[profile a]\n{}", lines.join("\n"));
    let credentials = |lines: &[&str]| format!("[a]\n{}", lines.join("\n"));
    check_files(
        &config(&[ID]),
        "",
        Err("profile \"a\" has aws_access_key_id at config:2 without aws_secret_access_key"),
        &[],
    );
    check_files(
        &config(&[ID]),
        &credentials(&[SECRET]),
        Err("profile \"a\" has aws_secret_access_key at credentials:2 but aws_access_key_id at config:2"),
        &[],
    );
    let pair = credentials(&[ID, SECRET]);
    let counts = Ok("aws_access_key_id credentials:2");
    let comes_first = "does not count: aws_access_key_id at credentials:2 comes first";
    check_files(&config(&[ID, SECRET]), &pair, counts, &[]);
    let other = format!("config:2: aws_access_key_id {comes_first}");
    check_files(&config(&["aws_access_key_id = X", SECRET]), &pair, counts, &[&other]);
    let other = format!("config:3: aws_secret_access_key {comes_first}");
    check_files(&config(&[ID, "aws_secret_access_key = x"]), &pair, counts, &[&other]);
    let other = format!("config:2: aws_session_token {comes_first}");
    check_files(&config(&["aws_session_token = t"]), &pair, counts, &[&other]);
    let tokens = |new: &str, old: &str| {
        credentials(&[ID, SECRET, &format!("aws_session_token ={new}"), &format!("aws_security_token ={old}")])
    };
    let old = "credentials:5: aws_security_token does not count: aws_session_token at credentials:4 comes first";
    check_files("", &tokens("t", "u"), counts, &[old]);
    check_files("", &tokens("t", "t"), counts, &[]);
    check_files("", &tokens("", "u"), counts, &[]);
}

#[test]
fn the_credentials_file_counts_where_both_files_have_a_key() {
    let config = format!("[profile a]\n{ROLE}\nsource_profile = b\n[profile b]\n{ID}\n{SECRET}");
    let role = "config:2: role_arn does not count: role_arn at credentials:2 comes first";
    check_files(&config, "[a]\nrole_arn = S", Ok("aws_access_key_id config:5"), &[role]);
    check_files(&config, "[a]\nrole_arn = R", Ok("aws_access_key_id config:5"), &[]);
    // Nobody asks for the region of a profile on the way.
    let regions = format!("{config}\nregion = r\n[profile a]\nregion = r");
    let region = "config:9: region does not count: region at credentials:2 comes first";
    check_files(&regions, "[a]\nregion = s\n[b]\nregion = s", Ok("aws_access_key_id config:5"), &[region]);
    check_files(
        &config,
        &format!("[a]\n{OVER_ENV}"),
        Err("source_profile at config:3 and credential_source at credentials:2 exclude each other"),
        &[],
    );
}

#[test]
fn keys_of_a_role_need_one() {
    // What other tools take from a profile with keys is told only beside what looks like a role.
    for key in ["mfa_serial", "duration_seconds", "role_session_name"] {
        let line = format!("{key} = b");
        check(&[PROCESS, &line], Ok("credential_process config:2"), &[]);
        let told = format!("config:3: {key} does not count: profile \"a\" has no role_arn, but role_arm at config:2");
        check(&["role_arm = R", &line, PROCESS], Ok("credential_process config:4"), &[&told]);
    }
    for key in ["source_profile", "credential_source", "external_id"] {
        let line = format!("{key} = b");
        let lacks = |at: u32| format!("config:{at}: {key} does not count: profile \"a\" has no role_arn");
        let none = Err("profile \"a\" names no source of credentials in config, credentials");
        check(&[&line], none, &[&lacks(2)]);
        check(&["role_arm = R", &line], none, &[&format!("{}, but role_arm at config:2", lacks(3))]);
        let half = Err("profile \"a\" has aws_access_key_id at config:2 without aws_secret_access_key");
        check(&[ID, &line], half, &[&lacks(3)]);
        for (lines, source) in [(&SSO[..], "sso_role_name at config:3"), (&[PROCESS], "credential_process at config:2")]
        {
            let told = format!("{}, and its source is {source}", lacks(2 + u32::try_from(lines.len()).unwrap()));
            check(&[lines, &[&line]].concat(), Ok(&source.replacen(" at", "", 1)), &[&told]);
        }
        check(&[&format!("{key} =")], none, &[]);
    }
    // That of a token may have its role from a variable.
    let no_role =
        "profile \"a\" has web_identity_token_file at config:2, but there is no role to assume with the token";
    check(&[TOKEN, "role_session_name = N"], Err(no_role), &[]);
}

#[test]
fn keys_of_a_role_are_told_wherever_the_profile_leads() {
    let a = "[profile a]\nrole_arn = R\nsource_profile = c\n[profile c]\nrole_arn = S\nsource_profile = d\n[profile d]";
    let lacks = "config:8: external_id does not count: profile \"d\" has no role_arn";
    let none = Err("source_profile at config:6 names \"d\", which has no credentials");
    check_files(&format!("{a}\nexternal_id = M"), "", none, &[lacks]);
    let with_source = format!("{lacks}, and its source is aws_access_key_id at config:9");
    let counts = Ok("aws_access_key_id config:9");
    check_files(&format!("{a}\nexternal_id = M\n{ID}\n{SECRET}"), "", counts, &[&with_source]);
    // Nobody comes to `d` when the keys of `c` are taken.
    let keys = format!("{a}\nexternal_id = M\n[profile c]\n{ID}\n{SECRET}");
    let beaten = "config:5: role_arn does not count: aws_access_key_id at config:10 comes first";
    check_files(&keys, "", Ok("aws_access_key_id config:10"), &[beaten]);
    let circle = "[profile a]\nrole_arn = R\nsource_profile = c\n[profile c]\nrole_arn = S\nsource_profile = a";
    let twice = "config:2: role_arn does not count: role_arn at credentials:2 comes first";
    let back = Err("source_profile at config:6 leads in a circle: a > c > a");
    check_files(circle, "[a]\nrole_arn = T", back, &[twice]);
}

#[test]
fn settings_that_the_files_disagree_on() {
    let keys = ["endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint", "sts_regional_endpoints"];
    for key in keys.into_iter().chain(["services", "ca_bundle", "retry_mode", "max_attempts", "region"]) {
        let config = format!("[profile a]\n{PROCESS}\n{key} = 1");
        let counts = Ok("credential_process config:2");
        let told = format!("config:3: {key} does not count: {key} at credentials:2 comes first");
        check_files(&config, &format!("[a]\n{key} = 2"), counts, &[&told]);
        check_files(&config, &format!("[a]\n{key} = 1"), counts, &[]);
        let way = format!("[profile a]\n{ROLE}\n{OVER_B}\n[profile b]\n{PROCESS}\n{key} = 1");
        check_files(&way, &format!("[b]\n{key} = 2"), Ok("credential_process config:5"), &[]);
    }
    let yes = |said: &str| format!("[profile a]\n{PROCESS}\nuse_fips_endpoint = {said}");
    check_files(&yes("true"), "[a]\nuse_fips_endpoint = True", Ok("credential_process config:2"), &[]);
    // Whichever source answers, and where none does.
    let none = Err("profile \"a\" names no source of credentials in config, credentials");
    let told = "config:2: endpoint_url does not count: endpoint_url at credentials:2 comes first";
    check_files("[profile a]\nendpoint_url = 1", "[a]\nendpoint_url = 2", none, &[told]);
}

/// Profile `a`, with the lines from line 2 on, is chosen by a variable, beside others.
#[track_caller]
fn check_variables(lines: &[&str], variables: &[(&str, &str)], told: &[&str]) {
    let config = format!("[profile a]\n{}\n[profile b]\n{ID}\n{SECRET}", lines.join("\n"));
    let variables = [&[("AWS_PROFILE", "a")], variables].concat();
    let set = block_on(Profiles::new(&context(&config, "", &variables)).load()).unwrap();
    assert_eq!(contradictions(&set), told, "{config}\n{variables:?}");
    let in_code = Profiles::new(&context(&config, "", &variables)).with_profile_name("a");
    let set = block_on(in_code.load()).unwrap();
    assert!(!contradictions(&set).iter().any(|told| told.contains("AWS_")), "code switches variables off");
}

#[test]
fn variables_that_differ_from_the_profile() {
    let role = [("AWS_ROLE_ARN", "V")];
    let all = [role[0], ("AWS_WEB_IDENTITY_TOKEN_FILE", "V"), ("AWS_ROLE_SESSION_NAME", "V")];
    let name = "role_session_name = N";
    // To a token, wherever it is named, the variables come first.
    check_variables(&[TOKEN, ROLE], &role, &["config:3: role_arn does not count: AWS_ROLE_ARN comes first"]);
    let by_token = [
        "config:2: web_identity_token_file does not count: AWS_WEB_IDENTITY_TOKEN_FILE comes first",
        "config:3: role_arn does not count: AWS_ROLE_ARN comes first",
        "config:4: role_session_name does not count: AWS_ROLE_SESSION_NAME comes first",
    ];
    check_variables(&[TOKEN, ROLE, name], &all, &by_token);
    let session = "config:2: role_session_name does not count: AWS_ROLE_SESSION_NAME comes first";
    check_variables(&[name], &all, &[session]);
    // They say nothing of a role that is not to a token: its source may be what they mean.
    check_variables(&[ROLE, OVER_B, name], &all, &[]);
    // What agrees, what is blank and what nobody asks for.
    check_variables(&[TOKEN, ROLE], &[("AWS_ROLE_ARN", "R"), ("AWS_WEB_IDENTITY_TOKEN_FILE", " ")], &[]);
    check_variables(&[PROCESS], &all, &[]);
    check_variables(&[name], &all[2..], &[]);
    // They are those of the profile in use alone.
    check_variables(&[ROLE, "source_profile = c", "[profile c]", name], &all[1..2], &[]);
}

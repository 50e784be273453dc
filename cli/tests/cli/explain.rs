//! What `explain`, `whoami` and `export` say, as text and as JSON.

use crate::support::{Home, Run, SECRET};
use serde_json::Value;

fn two_sources() -> Home {
    Home::new()
        .file(
            ".aws/credentials",
            format!("[default]\n; work\naws_access_key_id = AKIDFILE\naws_secret_access_key = {SECRET}\n"),
        )
        .file(".aws/config", "[default]\nregion = eu-west-1\n")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn verdicts(document: &Value) -> Vec<(&str, &str)> {
    let attempts = document["attempts"].as_array().unwrap();
    attempts.iter().map(|a| (a["id"].as_str().unwrap(), a["verdict"].as_str().unwrap())).collect()
}

#[test]
fn the_trace_names_every_source_in_botocores_order() {
    let run = two_sources().run(&["explain", "--json"]);
    run.expect(0, &[]);
    let document = json(&run.stdout);
    assert_eq!(
        verdicts(&document).iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [
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
            "iam-role"
        ]
    );
}

#[test]
fn file_and_line_of_the_identity_and_of_the_region() {
    let home = two_sources();
    let run = home.run(&["explain", "--json"]);
    let document = json(&run.stdout);
    let source = document["identity"]["provenance"].as_array().unwrap().last().unwrap();
    assert_eq!(source["location"]["file"], home.join(".aws/credentials").to_str().unwrap());
    assert_eq!(source["location"]["line"], 3);
    assert_eq!(document["region"]["name"], "eu-west-1");
    assert!(document["region"]["origin"].as_str().unwrap().ends_with(".aws/config:2"), "{document:#}");
    let text = home.run(&["explain"]).stdout;
    assert!(text.contains("credentials:3") && text.contains("config:2"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_line_that_asked_for_a_step_is_shown_when_it_works_and_when_it_fails() {
    let helper = r#"/bin/echo '{"Version":1,"AccessKeyId":"AKIDHELPER","SecretAccessKey":"s"}'"#;
    let config = format!("[profile dev]\nregion = r\ncredential_process = {helper}\n");
    let home = Home::new().file(".aws/config", config).var("AWS_PROFILE", "dev");
    let line = format!("{}:3", home.join(".aws/config").display());
    let from = format!("AKIDHELPER from profile dev > custom-process ({line})");
    let text = home.run(&["explain", "--probe"]).stdout;
    assert!(text.contains(&from), "{text}");
    let document = json(&home.run(&["explain", "--probe", "--json"]).stdout);
    let source = document["identity"]["provenance"].as_array().unwrap().last().unwrap();
    assert_eq!((&source["source"], &source["location"]["line"]), (&"custom-process".into(), &3.into()));

    let config = "[profile dev]\nregion = r\ncredential_process = 'helper\n";
    let home = Home::new().file(".aws/config", config).var("AWS_PROFILE", "dev");
    let line = format!("{}:3", home.join(".aws/config").display());
    let run = home.run(&["explain", "--probe", "--json"]);
    let document = json(&run.stdout);
    let failed = document["attempts"].as_array().unwrap().iter().find(|a| a["verdict"] == "failed").unwrap();
    assert_eq!(failed["location"]["line"], 3, "{failed:#}");
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.ends_with(&format!("(profile \"dev\" has credential_process at {line})")), "{reason}");
}

#[test]
fn keys_that_contradict_each_other_are_named_with_both_lines() {
    let config = "[profile dev]\nlogin_session = L\ncredential_process = P\n";
    let home = Home::new().file(".aws/config", config).var("AWS_PROFILE", "dev");
    let path = home.join(".aws/config").display().to_string();
    let warning = format!("{path}:3: credential_process does not count: login_session at {path}:2 comes first");
    let text = home.run(&["explain"]).stdout;
    assert!(text.contains(&format!("warning   {warning}\n")), "{text}");
    assert_eq!(json(&home.run(&["explain", "--json"]).stdout)["warnings"], serde_json::json!([warning]));
}

#[test]
fn the_environment_shadows_the_file() {
    let home = two_sources().keys();
    let document = json(&home.run(&["explain", "--json"]).stdout);
    let verdicts = verdicts(&document);
    assert!(verdicts.contains(&("env", "used")), "{verdicts:?}");
    assert!(verdicts.contains(&("shared-credentials-file", "shadowed")), "{verdicts:?}");
    assert_eq!(document["region"]["origin"], "AWS_REGION");
}

#[test]
fn a_profile_by_flag_switches_the_environment_off_and_a_variable_does_not() {
    let document = json(&two_sources().keys().run(&["explain", "--json", "--profile", "default"]).stdout);
    assert_eq!(document["identity"]["access_key_id"], "AKIDFILE");
    let document = json(&two_sources().keys().var("AWS_PROFILE", "default").run(&["explain", "--json"]).stdout);
    assert_eq!(document["identity"]["access_key_id"], "AKIDENV");
}

#[test]
fn without_probe_the_network_is_not_asked() {
    let server = crate::support::Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let home =
        Home::new().var("AWS_EC2_METADATA_DISABLED", "false").var("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url());
    let run = home.run(&["explain"]);
    run.expect(0, &[]);
    assert!(run.stdout.contains("not asked") && run.stdout.contains("--probe"), "{}", run.stdout);
    assert!(server.requests().is_empty());
    home.run(&["explain", "--probe"]);
    assert!(!server.requests().is_empty());
}

#[test]
fn a_failing_source_stops_the_chain_and_says_so() {
    let run = Home::new().file(".aws/credentials", "[default]\naws_access_key_id = A\n").run(&["explain", "--json"]);
    run.expect(253, &["credentials:2"]);
    let document = json(&run.stdout);
    assert!(verdicts(&document).contains(&("shared-credentials-file", "failed")), "{document:#}");
    assert_eq!(document["identity"], Value::Null);
}

#[test]
fn a_region_that_cannot_be_told_says_why() {
    let home = Home::new().file(".aws/config", "[default\nregion = eu-west-1\n");
    let region = &json(&home.run(&["explain", "--json"]).stdout)["region"];
    assert_eq!(region["name"], Value::Null);
    assert!(region["error"].as_str().is_some_and(|error| error.contains("config:1")), "{region}");
}

#[test]
fn settings_of_the_command_line_are_named_by_their_flags() {
    let run = two_sources().run(&["explain", "--region", "eu-north-1", "--profile", "default"]);
    assert!(
        run.stdout.contains("eu-north-1 (--region)") && run.stdout.contains("default (--profile)"),
        "{}",
        run.stdout
    );
}

#[test]
fn colours_only_where_asked() {
    let escape = '\u{1b}';
    assert!(!two_sources().run(&["explain"]).stdout.contains(escape), "a pipe is no terminal");
    assert!(two_sources().run(&["explain", "--color", "on"]).stdout.contains(escape));
    let home = two_sources().var("CLICOLOR_FORCE", "1");
    assert!(home.run(&["explain"]).stdout.contains(escape));
    assert!(!home.var("NO_COLOR", "1").run(&["explain"]).stdout.contains(escape));
}

#[test]
fn whoami_is_offline_and_short() {
    let run = two_sources().run(&["whoami"]);
    run.expect(0, &[]);
    assert!(run.stdout.contains("AKIDFILE") && run.stdout.contains("credentials:3"), "{}", run.stdout);
    let document = json(&two_sources().run(&["whoami", "--json"]).stdout);
    assert_eq!(document["access_key_id"], "AKIDFILE");
    assert_eq!(document["expires_at"], Value::Null);
}

#[test]
fn whoami_and_what_fails_warn_of_contradictions_once() {
    let config = "[default]\nsource_profile = b\nregion = r\n";
    let keys = "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\nregion = eu-west-1\n";
    let home = Home::new().file(".aws/config", config).file(".aws/credentials", keys);
    let at = |line: u32, file: &str| format!("{}:{line}", home.join(".aws").join(file).display());
    let warnings = [
        format!(
            "warning: {}: region does not count: region at {} comes first\n",
            at(3, "config"),
            at(4, "credentials")
        ),
        format!(
            "warning: {}: source_profile does not count: profile \"default\" has no role_arn, and its source is aws_access_key_id at {}\n",
            at(2, "config"),
            at(2, "credentials")
        ),
    ];
    let all = warnings.concat();
    for (verb, told) in [
        (&["whoami", "--json"][..], all.as_str()),
        (&["export", "--format", "process"], ""),
        (&["s3", "presign", "s3://b/k"], ""),
    ] {
        let run = home.run(verb);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), told), "{run:#?}");
        assert!(!run.stdout.contains("warning"), "{run:#?}");
    }
    let half = Home::new().file(".aws/config", config).file(".aws/credentials", "[default]\nregion = eu-west-1\n");
    let run = half.run(&["export", "--format", "process"]);
    run.expect(253, &["region does not count", "source_profile does not count", "no source of credentials"]);
    assert_eq!(run.stderr.matches("warning: ").count(), 2, "{run:#?}");
    let run = home.run(&["explain", "--json"]);
    assert_eq!((run.stderr.as_str(), json(&run.stdout)["warnings"].as_array().unwrap().len()), ("", 2));
    let unknown = home.var("AWS_PROFILE", "x");
    let told = |run: &Run| run.stderr.matches("profile \"x\" (from AWS_PROFILE) is not in").count();
    let run = unknown.run(&["whoami"]);
    assert_eq!((told(run.expect(253, &[])), run.stderr.contains("warning")), (1, false), "{run:#?}");
    let run = unknown.keys().run(&["whoami"]);
    assert_eq!(told(run.expect(0, &["warning: profile"])), 1, "{run:#?}");
}

#[test]
fn export_prints_what_a_helper_prints() {
    let run = two_sources().run(&["export", "--format", "process"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stderr, "");
    let document = json(&run.stdout);
    assert_eq!((&document["Version"], &document["AccessKeyId"]), (&1.into(), &"AKIDFILE".into()));
    assert_eq!(document["SecretAccessKey"], SECRET);
}

/// Secrets that no AWS key looks like, but keys of other S3 servers may: every printable ASCII character but blanks.
const AWKWARD: &[&str] = &[
    "a'b\\c\"d$e`f",
    "a''b",
    "\\'",
    "end\\",
    "$(touch${IFS}ran)",
    "`touch${IFS}ran`",
    "${HOME}$HOME%HOME%",
    "a#b;c&d|e>f<g(h)i",
    "!~*?{a,b}[c]^=",
    "-n",
];

#[cfg(unix)]
#[test]
fn a_shell_reads_back_what_export_printed() {
    for secret in AWKWARD {
        let home = Home::new()
            .var("AWS_ACCESS_KEY_ID", "AKIDUGLY")
            .var("AWS_SECRET_ACCESS_KEY", *secret)
            .var("AWS_SESSION_TOKEN", "t$HOME");
        for (format, shell) in [("env", "eval \"$1\""), ("env-no-export", "eval \"$1\""), ("dotenv", ". ./.env")] {
            let text = home.run(&["export", "--format", format]).stdout;
            std::fs::write(home.join(".env"), &text).unwrap();
            let script = format!("{shell}; printf '%s|%s' \"$AWS_SECRET_ACCESS_KEY\" \"$AWS_SESSION_TOKEN\"");
            let output = std::process::Command::new("sh")
                .args(["-c", &script, "sh", &text])
                .env_clear()
                .current_dir(home.path())
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{secret}|t$HOME"), "{format}");
            assert!(!home.join("ran").exists(), "{format} ran what the secret says: {text}");
        }
    }
}

#[test]
fn tucuxi_reads_back_what_export_printed() {
    for secret in AWKWARD {
        let home = Home::new().var("AWS_ACCESS_KEY_ID", "AKIDUGLY").var("AWS_SECRET_ACCESS_KEY", *secret);
        let ini = home.run(&["export", "--format", "ini"]).stdout;
        let read = |run: &Run| {
            let document = json(&run.stdout);
            assert_eq!(document["SecretAccessKey"], *secret, "{run:?}");
        };
        read(&home.run(&["export"]));
        read(&Home::new().file(".aws/credentials", ini).run(&["export"]));
    }
}

#[test]
fn debug_shows_what_is_done_and_no_secret() {
    let text = format!(r#"{{"Version":1,"AccessKeyId":"AKIDHELPER","SecretAccessKey":"{SECRET}"}}"#);
    let home = Home::new().file("document", text).var("PATH", "/usr/bin:/bin");
    let process = format!("cat {}", home.join("document").display());
    let home = home.file(".aws/config", format!("[default]\ncredential_process = {process}\n"));
    home.run(&["--debug", "explain", "--probe"]).expect(0, &["DEBUG running a credential helper program=\"cat\""]);
    assert_eq!(home.run(&["explain", "--probe"]).expect(0, &[]).stderr, "");
    let run = Home::new().run(&["export"]);
    assert!(!run.stderr.contains("WARN"), "the failure is told once: {run:?}");
}

#[test]
fn a_reason_is_told_once() {
    let run = Home::new().run(&["explain"]);
    let told = run.stdout.lines().filter(|line| line.contains("no profile is chosen")).count();
    assert_eq!(told, 1, "{}", run.stdout);
    assert!(run.stdout.contains("as for assume-role\n"), "{}", run.stdout);
}

#[test]
fn whoami_says_what_it_did_not_ask() {
    let run = Home::new().var("AWS_EC2_METADATA_DISABLED", "false").run(&["whoami"]);
    run.expect(253, &["no identity without the network", "not asked: iam-role", "--verify", "tucuxi explain"]);
}

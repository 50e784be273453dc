//! Every divergence has a case that it is about and one that it is not, each with what botocore says to it.

use serde_json::{Value, json};

use super::*;

/// A case, and botocore's answer.
type Sample = (Value, Value);

fn matches(divergence: &Divergence, (case, theirs): &Sample) -> bool {
    let case = Case::new(case.clone());
    match divergence.how {
        How::AsIf(change) => change(&case).is_some(),
        How::Except { applies, .. } => applies(&case, theirs),
    }
}

fn env(name: &str, value: &str) -> Value {
    json!({ "env": { name: value } })
}

fn config(text: &str) -> Value {
    json!({ "files": { "~/.aws/config": text } })
}

fn credentials(text: &str) -> Value {
    json!({ "files": { "~/.aws/credentials": text } })
}

/// Every link was asked and none had anything.
fn none() -> Value {
    let visited = ["env", "assume-role", "shared-credentials-file", "ec2-credentials-file", "boto-config", "iam-role"];
    json!({ "session": null, "load": { "found": null, "visited": visited } })
}

fn found(method: &str) -> Value {
    json!({ "session": null, "load": { "found": { "method": method }, "visited": ["env", method] } })
}

fn failed(kind: &str) -> Value {
    json!({ "session": null, "load": { "error": { "kind": kind }, "visited": ["env", "boto-config"] } })
}

fn client(client: Value) -> Value {
    json!({ "client": client })
}

fn requested(target: &str) -> Value {
    let mut theirs = none();
    theirs["requests"] = json!([{ "target": target }]);
    theirs
}

fn metadata(path: &str, responses: Value) -> Value {
    json!({ "http": [{ "method": "PUT", "path": path, "responses": responses }] })
}

const TOKEN: &str = "/latest/api/token";

/// What it is about, and what it is not.
fn samples(id: &str) -> Option<[Sample; 2]> {
    let off = || (json!({}), none());
    // The same answer to a case that does not say why.
    let both = |case: Value, theirs: Value| [(case, theirs.clone()), (json!({}), theirs)];
    Some(match id {
        "blank-variable" => [(env("AWS_PROFILE", " "), none()), (env("AWS_PROFILE", "a"), none())],
        "profile-variable" => [
            (json!({ "env": { "AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b" } }), none()),
            (env("AWS_DEFAULT_PROFILE", "b"), none()),
        ],
        "region-variable" => [(env("AWS_REGION", "a"), none()), (env("AWS_DEFAULT_REGION", "a"), none())],
        "token-variable" => [
            (json!({ "env": { "AWS_SESSION_TOKEN": "a", "AWS_SECURITY_TOKEN": "b" } }), none()),
            (env("AWS_SECURITY_TOKEN", "b"), none()),
        ],
        "path-variable" => {
            [(env("AWS_CREDENTIAL_FILE", "$HOME/f"), none()), (env("AWS_CREDENTIAL_FILE", "{HOME}/f"), none())]
        }
        "file-grammar" => [(config("[default]\nk = v # c\n"), none()), (config("[default]\nk = v\n"), none())],
        "token-key" => [
            (credentials("[a]\naws_session_token = s\naws_security_token = t\n"), none()),
            (credentials("[a]\naws_security_token = t\n"), none()),
        ],
        "setting-text" => [(env("AWS_RETRY_MODE", "Standard"), none()), (env("AWS_RETRY_MODE", "x"), none())],
        "imds-settings-late" => {
            [(env("AWS_METADATA_SERVICE_TIMEOUT", "x"), none()), (env("AWS_METADATA_SERVICE_TIMEOUT", "2"), none())]
        }
        "container-token-file" | "web-token-file" => {
            let variable = match id {
                "web-token-file" => "AWS_WEB_IDENTITY_TOKEN_FILE",
                _ => "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            };
            let case = |text: &str| json!({ "env": { variable: "{HOME}/t" }, "files": { "~/t": text } });
            [(case("t\n"), none()), (case("t"), none())]
        }
        "keys-without-profile" => {
            let keys = json!({ "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_PROFILE": "nope" });
            [(json!({ "env": keys }), none()), (env("AWS_PROFILE", "nope"), none())]
        }
        "half-pair-in-code" => [
            (json!({ "explicit": { "aws_access_key_id": "a" } }), none()),
            (json!({ "explicit": { "aws_access_key_id": "a", "aws_secret_access_key": "b" } }), none()),
        ],
        "half-pair-in-variables" => {
            [(env("AWS_SECRET_ACCESS_KEY", "b"), none()), (env("AWS_SECRET_ACCESS_KEY", "b"), found("explicit"))]
        }
        "pair-in-two-files" => {
            let split = json!({ "files": {
                "~/.aws/config": "[default]\naws_access_key_id = a\n",
                "~/.aws/credentials": "[default]\naws_secret_access_key = b\n",
            } });
            [(split.clone(), none()), (split, found("env"))]
        }
        "half-pair-in-file" => {
            let half = credentials("[default]\naws_secret_access_key = b\n");
            [(half.clone(), none()), (half, found("env"))]
        }
        "half-pair-in-legacy-file" => {
            let case = |text: &str| json!({ "files": { "~/.boto": text } });
            let whole = "[Credentials]\naws_access_key_id = a\naws_secret_access_key = b\n";
            [(case("[Credentials]\naws_secret_access_key = b\n"), none()), (case(whole), none())]
        }
        "impossible-keys" => {
            let theirs = |secret: &str| json!({ "creds": { "access_key": "a", "secret_key": secret } });
            [(json!({}), theirs("a b")), (json!({}), theirs("ab"))]
        }
        "empty-key" => [(config("[default]\nrole_arn = \n"), none()), (config("[default]\noutput = \n"), none())],
        "duration-checked" => [
            (config("[default]\nduration_seconds = x\n"), none()),
            (config("[default]\nduration_seconds = 900\n"), none()),
        ],
        "mfa-after-source" => both(config("[default]\nmfa_serial = arn:m\n"), failed("mfa_prompt")),
        "lengths-left-to-service" => both(config("[default]\nmfa_serial = arn:m\n"), failed("param_validation")),
        "timestamp-format" => [
            (env("AWS_CREDENTIAL_EXPIRATION", "2099-01-01 00:00:00 UTC"), none()),
            (env("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00Z"), none()),
        ],
        "document-types" => {
            let case = |id: Value| json!({ "files": { "~/p": json!({ "AccessKeyId": id }).to_string() } });
            [(case(json!(5)), none()), (case(json!("a")), none())]
        }
        "document-mark" => {
            [(json!({ "files": { "~/p": "\u{feff}{}" } }), none()), (json!({ "files": { "~/p": "{}" } }), none())]
        }
        "document-json" => {
            let case = |text: &str| json!({ "files": { "~/p": text } });
            [(case(r#"{"Version":2,"Version":1}"#), none()), (case(r#"{"Version":1}"#), none())]
        }
        "boto-file-lenient" => both(json!({ "files": { "~/.boto": "junk\n" } }), failed("config_parse")),
        "sts-without-region" => {
            [(json!({}), failed("no_region")), (json!({ "region": "us-east-1" }), failed("no_region"))]
        }
        "expired-on-the-way" => both(env("AWS_CREDENTIAL_EXPIRATION", "{NOW-300}"), failed("still_expired")),
        "sign-in-window" => {
            let until =
                |end: &str| json!({ "files": { "~/.aws/sso/cache/x.json": format!("{{\"expiresAt\": \"{end}\"}}") } });
            [(until("{NOW+600}"), requested("/token")), (until("{NOW-60}"), requested("/token"))]
        }
        "sign-in-in-profile" => [
            (config("[default]\nsso_session = s\nsso_region = r\n[sso-session s]\n"), none()),
            (config("[default]\nsso_session = s\n[sso-session s]\nsso_region = r\n"), none()),
        ],
        "sign-in-forgotten" => [
            (metadata("/x", json!([{ "status": 401 }])), failed("sso_unauthorized")),
            (metadata("/x", json!([{ "status": 403 }])), failed("sso_unauthorized")),
        ],
        "container-window" => {
            let mut theirs = found("container-role");
            theirs["freeze"] = json!({ "kind": "retrieval" });
            let case = || env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/");
            [(case(), theirs), (case(), found("container-role"))]
        }
        "container-name" => {
            let case = env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://name/");
            [(case, failed("container_host")), (json!({}), failed("container_host"))]
        }
        "imds-version-2-only" => {
            [(metadata(TOKEN, json!([{ "status": 404 }])), none()), (metadata(TOKEN, json!([{ "body": "T" }])), none())]
        }
        "imds-version-1-disabled" => both(env("AWS_EC2_METADATA_V1_DISABLED", "True"), failed("metadata")),
        "imds-proxy" => {
            let mut case = metadata(TOKEN, json!([{}]));
            case["env"] = json!({ "http_proxy": "http://p" });
            [(case, none()), (env("http_proxy", "http://p"), none())]
        }
        "imds-expiry" => {
            let theirs = |expiry: &str| {
                let mut theirs = found("iam-role");
                theirs["creds"] = json!({ "expiry": expiry });
                theirs
            };
            let case = || metadata("/latest/x", json!([{}]));
            [(case(), theirs("NOW+1260")), (case(), theirs("NOW+7200"))]
        }
        "imds-retries" => [
            (metadata("/latest/x", json!([{ "status": 500 }, {}])), none()),
            (metadata("/latest/x", json!([{ "status": 500 }])), none()),
        ],
        "imds-says-no" => [
            (json!({}), requested("/latest/api/token")),
            (env("AWS_EC2_METADATA_DISABLED", "true"), requested("/latest/api/token")),
        ],
        "imds-code" => [
            (metadata("/latest/x", json!([{ "body": { "Code": "Failed" } }])), none()),
            (metadata("/latest/x", json!([{ "body": { "Code": "Success" } }])), none()),
        ],
        "imds-chosen-endpoint" => {
            let case = env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:1");
            [(case.clone(), none()), (case, found("iam-role"))]
        }
        "imds-first-role" => [
            (metadata("/latest/x", json!([{ "body": "a\nb" }])), none()),
            (metadata("/latest/x", json!([{ "body": "a\n" }])), none()),
        ],
        "setting-checked" => [(env("AWS_MAX_ATTEMPTS", "x"), none()), (env("AWS_MAX_ATTEMPTS", "3"), none())],
        "region-checked" => [(json!({ "region": "" }), none()), (json!({ "region": "us-east-1" }), none())],
        "imds-setting-wrong" => {
            let case = json!({ "notes": { "wrong-imds-setting": true } });
            [(case.clone(), none()), (case, found("env"))]
        }
        "settings-of-no-profile" => [(json!({ "notes": { "keys-without-profile": true } }), none()), off()],
        "endpoint-and-options" => {
            let case = || env("AWS_USE_FIPS_ENDPOINT", "true");
            let theirs = |url: &str| client(json!({ "endpoint_url": url }));
            [(case(), theirs("https://own.test")), (case(), theirs("https://s3-fips.us-west-2.amazonaws.com"))]
        }
        "s3-regional" => {
            let theirs = |url: &str| client(json!({ "endpoint_url": url }));
            let in_region = |region: &str| env("AWS_DEFAULT_REGION", region);
            let global = || theirs("https://s3.amazonaws.com");
            [(in_region("us-east-1"), global()), (in_region("eu-west-1"), global())]
        }
        "services-without-keys" => [
            (config("[default]\nservices = s\n[services s]\n"), none()),
            (config("[default]\nservices = s\n[services s]\ns3 = \n  a = b\n"), none()),
        ],
        "python-errors-of-clients" => {
            both(config("[default]\ns3 = x\n"), client(json!({ "error": { "kind": "py:TypeError" } })))
        }
        "bearer-tokens" => {
            let theirs = client(json!({ "error": { "kind": "invalid_config", "msg": "the SSO token provider but" } }));
            both(config("[default]\nsso_session = missing\n"), theirs)
        }
        "defaults-mode" => {
            both(env("AWS_DEFAULTS_MODE", "x"), client(json!({ "error": { "kind": "invalid_defaults_mode" } })))
        }
        "s3-section-first" => [
            (config("[default]\ns3 = \n  use_dualstack_endpoint = false\n"), none()),
            (config("[default]\ns3 = \n  addressing_style = path\n"), none()),
        ],
        "fips-in-region-name" => {
            [(json!({ "region": "fips-us-west-2" }), none()), (json!({ "region": "us-west-2" }), none())]
        }
        _ => return None,
    })
}

#[test]
fn every_divergence_knows_its_cases() {
    for divergence in all() {
        let Some([about, other]) = samples(divergence.id) else { panic!("no sample of {}", divergence.id) };
        assert!(matches(divergence, &about), "{} is about {about:?}", divergence.id);
        assert!(!matches(divergence, &other), "{} is not about {other:?}", divergence.id);
    }
}

#[test]
fn every_divergence_has_a_name_of_its_own() {
    let mut ids: Vec<&str> = all().map(|divergence| divergence.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_difference_is_excused_in_its_field_and_as_promised_only() {
    let case = Case::new(json!({ "region": "" }));
    let differs = |field: &str| [Difference { field: field.to_owned(), theirs: json!(1), ours: json!(2) }];
    let ours = |msg: &str| json!({ "session": { "kind": "invalid_config", "link": null, "msg": msg } });
    let promised = ours("region given in code: \"\" is not a region name");
    assert!(excuses(&case, &none(), &promised, &differs("outcome")).is_some());
    assert!(excuses(&case, &none(), &promised, &differs("profile")).is_none());
    assert!(excuses(&case, &none(), &ours("no profile is called x"), &differs("outcome")).is_none());
    assert!(excuses(&case, &none(), &promised, &[]).is_some_and(|excuses| excuses.is_empty()));
}

#[test]
fn a_profile_called_default_in_capitals_is_asked_under_another_name() {
    let case = Case::new(json!({ "profile": "DEFAULT", "files": { "~/.aws/credentials": "[DEFAULT]\nk = 1\n[a]\n" } }));
    let changes = changes(&case);
    let changed = as_if(&case, &changes);
    assert_eq!(changed.code("profile"), Some("DEFAULT."));
    assert_eq!(changed.file("~/.aws/credentials"), Some(&json!("[DEFAULT.]\nk = 1\n[a]\n")));
}

#[test]
fn every_divergence_stands_in_the_table_of_decisions() {
    let text = std::fs::read_to_string(crate::command::root().join("DIVERGENCES.md")).unwrap();
    for divergence in all() {
        let row = format!("| {} | ", divergence.decision);
        assert!(text.contains(&row), "{} says {}, which is no row", divergence.id, divergence.decision);
    }
}

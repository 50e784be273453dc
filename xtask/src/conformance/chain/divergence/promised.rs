//! Every divergence that lets our answer differ keeps its promise for one answer and not for another.

use serde_json::{Value, json};

use super::*;

fn failed(kind: &str, link: &str, msg: &str) -> Value {
    json!({ "session": null, "load": { "error": { "kind": kind, "link": link, "code": null, "msg": msg } } })
}

fn refused(msg: &str) -> Value {
    json!({ "session": { "kind": "invalid_config", "link": null, "code": null, "msg": msg } })
}

fn invalid(link: &str, msg: &str) -> Value {
    failed("invalid_config", link, msg)
}

fn unavailable(link: &str, msg: &str) -> Value {
    failed("unavailable", link, msg)
}

fn found(method: &str) -> Value {
    json!({ "session": null, "load": { "found": { "method": method } } })
}

fn with(mut answer: Value, field: &str, value: Value) -> Value {
    answer[field] = value;
    answer
}

fn sent(answer: Value, target: &str, token: Option<&str>) -> Value {
    let request = json!({ "method": "GET", "target": target, "headers": { "x-aws-ec2-metadata-token": token } });
    with(answer, "requests", json!([request]))
}

fn client(client: Value) -> Value {
    json!({ "client": client })
}

fn url(url: &str) -> Value {
    client(json!({ "endpoint_url": url }))
}

/// The field that differs, an answer that is as promised, and one that is not.
fn answers(id: &str) -> Option<(&'static str, Value, Value)> {
    let none = || json!({ "session": null, "load": { "found": null } });
    let on = |kept, broken| Some(("outcome", kept, broken));
    let no_client = || client(json!({ "error": { "msg": "x" } }));
    match id {
        "half-pair-in-code" => on(refused("the secret access key given in code is empty"), found("env")),
        "half-pair-in-variables" => {
            let message = "env: AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID";
            on(invalid("env", message), invalid("sso", message))
        }
        "pair-in-two-files" => on(
            invalid("shared-credentials-file", "has aws_secret_access_key at a:1 but aws_access_key_id at b:2"),
            found("config-file"),
        ),
        "half-pair-in-file" => {
            let message = "has aws_secret_access_key at a:1 without aws_access_key_id";
            on(invalid("config-file", message), refused("a:1: expected an '=' sign defining a property"))
        }
        "half-pair-in-legacy-file" => {
            on(invalid("boto-config", "b:2: aws_secret_access_key without aws_access_key_id"), found("boto-config"))
        }
        "impossible-keys" => on(invalid("env", "AWS_ACCESS_KEY_ID is wrapped in quotes"), found("env")),
        "empty-key" => on(invalid("sso", "sso_session at c:2 is empty"), invalid("sso", "c:2 names nothing")),
        "duration-checked" => on(
            invalid("assume-role", "duration_seconds at c:5 is not a number of seconds"),
            invalid("assume-role", "role_arn at c:5 leads in a circle"),
        ),
        "mfa-after-source" => on(
            failed("denied", "assume-role", "nobody is there to read the code of m"),
            failed("denied", "assume-role", "refused"),
        ),
        "lengths-left-to-service" | "sts-without-region" => {
            on(unavailable("assume-role", "no answer"), invalid("assume-role", "too short"))
        }
        "timestamp-format" => {
            let link = "custom-process";
            let message = "the answer's Expiration is not an RFC 3339 time with a zone";
            on(unavailable(link, message), found(link))
        }
        "document-types" => on(
            unavailable("custom-process", "a field of the wrong type"),
            unavailable("env", "a field of the wrong type"),
        ),
        "document-mark" => on(found("custom-process"), unavailable("custom-process", "is not JSON")),
        "document-json" => on(unavailable("custom-process", "has a field twice"), found("custom-process")),
        "boto-file-lenient" => on(none(), invalid("boto-config", "is broken")),
        "expired-on-the-way" => on(unavailable("", "have already expired"), found("assume-role")),
        "sign-in-window" => on(sent(found("sso"), "/federation/credentials", None), sent(found("sso"), "/token", None)),
        "sign-in-in-profile" => on(found("sso"), invalid("sso", "has no sso_start_url")),
        "sign-in-forgotten" => on(failed("denied", "sso", "answered 401"), found("env")),
        "container-window" => on(found("container-role"), unavailable("container-role", "no answer")),
        "container-name" => on(unavailable("container-role", "no answer"), found("container-role")),
        "imds-version-2-only" => {
            let path = "/latest/meta-data/iam/security-credentials/";
            on(sent(none(), "/latest/api/token", Some("t")), sent(none(), path, None))
        }
        "imds-version-1-disabled" => on(none(), found("iam-role")),
        "imds-expiry" => {
            let ends = |at: &str| with(found("iam-role"), "creds", json!({ "expiry": at }));
            on(ends("NOW+600"), ends("NOW+1260"))
        }
        "imds-says-no" => on(unavailable("iam-role", "h answered status 500"), unavailable("iam-role", "no network")),
        "imds-chosen-endpoint" => on(unavailable("iam-role", "h cannot be reached"), unavailable("iam-role", "x")),
        "imds-code" => on(failed("denied", "iam-role", "has no credentials of role r: Failed"), found("iam-role")),
        "imds-first-role" => {
            let path = "/latest/meta-data/iam/security-credentials/";
            on(found("assume-role"), sent(found("assume-role"), &format!("{path}ab"), Some("t")))
        }
        "setting-checked" => {
            on(refused("AWS_MAX_ATTEMPTS: \"x\" is not a whole number"), refused("AWS_RETRY_MODE is wrong"))
        }
        "region-checked" => on(refused("region given in code: \"\" is not a region name"), found("env")),
        "imds-setting-wrong" => on(invalid("iam-role", "AWS_METADATA_SERVICE_TIMEOUT is not a number"), none()),
        "settings-of-no-profile" => {
            let profiles = |names: Value| json!({ "profiles": { "value": names } });
            Some(("profiles", profiles(json!([])), profiles(json!(["default"]))))
        }
        "endpoint-and-options" => Some(("client", no_client(), url("https://own.test"))),
        "s3-regional" => {
            Some(("client", url("https://s3.us-east-1.amazonaws.com"), url("https://s3.eu-west-1.amazonaws.com")))
        }
        "s3-section-first" => Some((
            "client",
            url("https://s3.us-west-2.amazonaws.com"),
            url("https://s3.dualstack.us-west-2.amazonaws.com"),
        )),
        "services-without-keys"
        | "python-errors-of-clients"
        | "bearer-tokens"
        | "defaults-mode"
        | "fips-in-region-name" => {
            Some(("client", url("https://s3.us-west-2.amazonaws.com"), url("https://s3.eu-west-1.amazonaws.com")))
        }
        _ => None,
    }
}

#[test]
fn every_promise_is_kept_by_one_answer_and_not_by_another() {
    let case = Case::new(json!({ "env": { "AWS_MAX_ATTEMPTS": "x" }, "region": "us-west-2" }));
    for divergence in all() {
        let How::Except { promise, .. } = divergence.how else { continue };
        let Some((field, kept, broken)) = answers(divergence.id) else { panic!("no answers to {}", divergence.id) };
        let holds = |answer: &Value| promise(&Ours { case: &case, answer, field });
        assert!(holds(&kept), "{} promises {kept}", divergence.id);
        assert!(!holds(&broken), "{} does not promise {broken}", divergence.id);
    }
}

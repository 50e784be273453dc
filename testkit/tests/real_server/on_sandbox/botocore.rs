//! botocore and we find the same credentials in every source of the sandbox, and they work.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tucuxi::{Env, Session, Verdict};
use tucuxi_sandbox::{Role, Sandbox};

use super::{ARN, BUCKET, World};

const USER: &str = "arn:aws:iam::123456789012:user/sandbox";
const ROLE: &str = "arn:aws:iam::123456789012:role/sandbox";

/// What botocore calls a source, the variables that lead there, and whose credentials it has.
struct Case {
    method: &'static str,
    variables: Value,
    arn: String,
}

fn session(role: &str, name: &str) -> String {
    format!("arn:aws:sts::123456789012:assumed-role/{role}/{name}")
}

async fn cases(world: &World) -> Vec<Case> {
    let sandbox = &world.sandbox;
    let (id, secret) = (sandbox.credentials().access_key_id(), sandbox.credentials().secret_access_key());
    let keys = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let path = async |name: &str, text: &str| world.write(name, text).await.display().to_string();
    let credentials_file = path("credentials", &format!("[default]\n{keys}")).await;
    let config_file = path("config", &format!("[default]\n{keys}")).await;
    let document = json!({"Version": 1, "AccessKeyId": id, "SecretAccessKey": secret});
    let document = path("document.json", &document.to_string()).await;
    let helper = path("helper", &format!("[default]\ncredential_process = cat {document}\n")).await;
    let roles = format!(
        "[default]\n{keys}[profile deploy]\nrole_arn = {ROLE}\nsource_profile = default\nrole_session_name = me\n\
         [profile ours]\nrole_arn = arn:aws:iam::123456789012:role/ours\nsource_profile = deploy\n\
         role_session_name = me\nexternal_id = corp-7\n"
    );
    let roles = path("roles", &roles).await;
    let token = path("token", &sandbox.web_identity_token(Duration::from_secs(3600)).unwrap()).await;
    let boto = path("boto.cfg", &format!("[Credentials]\n{keys}")).await;
    let pair = path("pair", &format!("AWSAccessKeyId={id}\nAWSSecretKey={secret}\n")).await;
    let (sign_in, text) = sandbox.sso_sign_in();
    path(&format!(".aws/sso/cache/{sign_in}"), text.expose()).await;
    let sso = world.home.path().join(".aws/config").display().to_string();
    let chain = format!(
        "{}[profile deploy]\nrole_arn = {ROLE}\nsource_profile = sso\nrole_session_name = me\n[profile ours]\n\
         role_arn = arn:aws:iam::123456789012:role/ours\nsource_profile = deploy\nrole_session_name = me\n\
         external_id = corp-7\n",
        sandbox.profiles()
    );
    let chain = path("chain", &chain).await;
    let container: Map<String, Value> =
        sandbox.container_environment().into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    // A pod's token is replaced while programs run, so it is in a file there.
    let mut pod = container.clone();
    let pod_token = pod.remove("AWS_CONTAINER_AUTHORIZATION_TOKEN").unwrap();
    let pod_token = path("pod-token", pod_token.as_str().unwrap()).await;
    pod.insert("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE".to_owned(), Value::from(pod_token));

    let case = |method, variables, arn: &str| Case { method, variables, arn: arn.to_owned() };
    vec![
        case("env", json!({"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret}), USER),
        case("assume-role", json!({"AWS_CONFIG_FILE": roles, "AWS_PROFILE": "deploy"}), &session("sandbox", "me")),
        case("assume-role", json!({"AWS_CONFIG_FILE": roles, "AWS_PROFILE": "ours"}), &session("ours", "me")),
        case(
            "assume-role-with-web-identity",
            json!({"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_SESSION_NAME": "pod"}),
            &session("sandbox", "pod"),
        ),
        case("sso", json!({"AWS_CONFIG_FILE": sso, "AWS_PROFILE": "sso"}), ARN),
        case("assume-role", json!({"AWS_CONFIG_FILE": chain, "AWS_PROFILE": "ours"}), &session("ours", "me")),
        case("shared-credentials-file", json!({"AWS_SHARED_CREDENTIALS_FILE": credentials_file}), USER),
        case("custom-process", json!({"AWS_CONFIG_FILE": helper}), USER),
        case("config-file", json!({"AWS_CONFIG_FILE": config_file}), USER),
        case("ec2-credentials-file", json!({"AWS_CREDENTIAL_FILE": pair}), USER),
        case("boto-config", json!({"BOTO_CONFIG": boto}), USER),
        case("container-role", Value::from(container), &session("sandbox", "container")),
        case("container-role", Value::from(pod), &session("sandbox", "container")),
        case("iam-role", json!({}), &session("sandbox", "i-0123456789abcdef0")),
    ]
}

impl World {
    /// What botocore says of a case, said by our chain.
    async fn we_find(&self, case: &Case) -> Value {
        let mut variables = self.variables();
        let given = case.variables.as_object().unwrap().iter();
        variables.extend(given.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())));
        let files = FILES.map(|name| (name.to_owned(), "/nonexistent".to_owned()));
        let context = self.context().with_env(Env::fake(files.into_iter().chain(variables)));
        let session = Session::builder().context(context).load().await.unwrap();
        let trace = session.trace().await;
        let (used, _) = trace.verdicts().find(|(_, verdict)| *verdict == Verdict::Used).unwrap();
        let identity = session.caller_identity().await.unwrap();
        let mut buckets = Vec::new();
        let mut list = session.s3().buckets();
        while let Some(bucket) = list.try_next().await.unwrap() {
            buckets.push(bucket.name().to_owned());
        }
        json!({"method": used.id(), "arn": identity.arn(), "buckets": buckets})
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn botocore_and_we_find_every_source() {
    let ours = Role::new("ours").trusting(ROLE).with_external_id("corp-7");
    let world = World::start(Sandbox::builder().with_role(ours)).await;
    let cases = cases(&world).await;
    let input: Value = cases.iter().map(|case| case.variables.clone()).collect();
    let said = world.python(SCRIPT, &input);
    for (at, case) in cases.iter().enumerate() {
        let expected = json!({"method": case.method, "arn": case.arn, "buckets": [BUCKET]});
        assert_eq!(said[at], expected, "botocore, case {at}");
        assert_eq!(world.we_find(case).await, expected, "we, case {at}");
    }
    assert_eq!(said.as_array().map(Vec::len), Some(cases.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn botocore_brings_a_code_of_the_mfa_device_and_takes_a_session() {
    let world = World::start(Sandbox::builder().with_role(Role::new("admin").with_mfa())).await;
    let credentials = world.sandbox.credentials();
    let input = json!({"id": credentials.access_key_id(), "secret": credentials.secret_access_key(),
        "serial": world.sandbox.mfa_serial(), "code": world.sandbox.mfa_code()});
    let said = world.python(MFA, &input);
    assert_eq!(
        said,
        json!({"none": "AccessDenied", "wrong": "AccessDenied", "arn": session("admin", "me"),
            "again": "AccessDenied", "session": USER})
    );
}

/// Read where a case names no other.
const FILES: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];

/// Each case in an environment of its own; whatever goes wrong is told in its place.
const SCRIPT: &str = r#"
import sys, os, json, botocore.session
before, found = dict(os.environ), []
for variables in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(before, AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
    os.environ.update(variables)
    try:
        session = botocore.session.Session()
        method = session.get_credentials().method
        arn = session.create_client("sts").get_caller_identity()["Arn"]
        buckets = [bucket["Name"] for bucket in session.create_client("s3").list_buckets()["Buckets"]]
        found.append({"method": method, "arn": arn, "buckets": buckets})
    except Exception as error:
        found.append(repr(error))
print(json.dumps(found))
"#;

const MFA: &str = r#"
import sys, json, botocore.session
from botocore.exceptions import ClientError
given, said = json.load(sys.stdin), {}
def sts(id, secret, token=None):
    keys = {"aws_access_key_id": id, "aws_secret_access_key": secret, "aws_session_token": token}
    return botocore.session.Session().create_client("sts", **keys)
user = sts(given["id"], given["secret"])
def admin(**more):
    try:
        role = "arn:aws:iam::123456789012:role/admin"
        return user.assume_role(RoleArn=role, RoleSessionName="me", **more)["AssumedRoleUser"]["Arn"]
    except ClientError as error:
        return error.response["Error"]["Code"]
wrong = "%06d" % ((int(given["code"]) + 1) % 1000000)
said["none"] = admin()
said["wrong"] = admin(SerialNumber=given["serial"] + "x", TokenCode=wrong)
said["arn"] = admin(SerialNumber=given["serial"], TokenCode=given["code"])
said["again"] = admin(SerialNumber=given["serial"], TokenCode=given["code"])
session = user.get_session_token()["Credentials"]
session = sts(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
said["session"] = session.get_caller_identity()["Arn"]
print(json.dumps(said))
"#;

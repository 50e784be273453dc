//! MiniStack with checks on. Its root key stays unchecked, so the tests use a user that is made first.

use std::process::Command;

use super::{Held, Started, free_ports, fresh_folder, wait_until_ready};
use crate::arguments::Failure;
use crate::command::{output, without_aws_settings};
use crate::venv::{MINISTACK, Venv};

pub(super) fn start(clients: &Venv) -> Result<Started, Failure> {
    let venv = Venv::install(MINISTACK)?;
    let folder = fresh_folder("ministack")?;
    let [port] = free_ports()?;
    let port_text = port.to_string();
    let variables = [
        ("BIND_HOST", "127.0.0.1"),
        ("GATEWAY_PORT", port_text.as_str()),
        ("AUTH", "true"),
        ("SERVICES", "s3,sts,iam"),
        ("LOG_LEVEL", "WARNING"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ];
    let log = folder.join("log");
    let mut held = Held::start(&folder, &log, &venv.program("ministack"), &[], &variables)?;
    wait_until_ready("MiniStack", &mut held, port, "/_ministack/health", &log)?;

    let endpoint = format!("http://127.0.0.1:{port}");
    let mut make_user = Command::new(clients.program("python"));
    without_aws_settings(make_user.args(["-c", MAKE_USER, &endpoint]));
    let keys = output(&mut make_user)?;
    let Some((key, secret)) = keys.trim().split_once(' ') else {
        return Err(Failure::new("MiniStack made a user and told no key"));
    };
    let variables = vec![
        ("TUCUXI_TEST_MINISTACK", endpoint),
        ("TUCUXI_TEST_MINISTACK_KEY", key.to_owned()),
        ("TUCUXI_TEST_MINISTACK_SECRET", secret.to_owned()),
    ];
    Ok(Started { variables, held })
}

const MAKE_USER: &str = r#"
import sys, json, boto3
iam = boto3.client("iam", endpoint_url=sys.argv[1], region_name="us-east-1",
                   aws_access_key_id="test", aws_secret_access_key="test")
iam.create_user(UserName="tester")
key = iam.create_access_key(UserName="tester")["AccessKey"]
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(policy))
trust = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole"]}]}
read = {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}
iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(trust))
iam.put_role_policy(RoleName="Reader", PolicyName="read", PolicyDocument=json.dumps(read))
print(key["AccessKeyId"], key["SecretAccessKey"])
"#;

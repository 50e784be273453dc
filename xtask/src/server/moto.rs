//! moto with checks on: EC2, with one instance and a user that may look at it.

use std::process::Command;

use super::{Held, Started, free_ports, fresh_folder, wait_until_ready};
use crate::arguments::Failure;
use crate::command::{output, without_aws_settings};
use crate::venv::{MOTO, Venv};

pub(super) fn start(clients: &Venv) -> Result<Started, Failure> {
    let venv = Venv::install(MOTO)?;
    let folder = fresh_folder("moto")?;
    let [port] = free_ports()?;
    let arguments = ["-H".to_owned(), "127.0.0.1".to_owned(), "-p".to_owned(), port.to_string()];
    let log = folder.join("log");
    let variables = [("PYTHONDONTWRITEBYTECODE", "1")];
    let mut held = Held::start(&folder, &log, &venv.program("moto_server"), &arguments, &variables)?;
    wait_until_ready("moto", &mut held, port, "/moto-api/data.json", &log)?;

    let endpoint = format!("http://127.0.0.1:{port}");
    let mut make = Command::new(clients.program("python"));
    without_aws_settings(make.args(["-c", MAKE, &endpoint]));
    let made = output(&mut make)?;
    let words: Vec<&str> = made.split_whitespace().collect();
    let [key, secret, instance] = words[..] else {
        return Err(Failure::new("moto made a user and an instance and did not tell which"));
    };
    let variables = vec![
        ("TUCUXI_TEST_MOTO", endpoint),
        ("TUCUXI_TEST_MOTO_KEY", key.to_owned()),
        ("TUCUXI_TEST_MOTO_SECRET", secret.to_owned()),
        ("TUCUXI_TEST_MOTO_INSTANCE", instance.to_owned()),
    ];
    Ok(Started { variables, held })
}

/// Nothing is checked until the last request says so; it must not look like a form.
const MAKE: &str = r#"
import sys, json, boto3, urllib.request
settings = dict(endpoint_url=sys.argv[1], region_name="eu-west-1", aws_access_key_id="any", aws_secret_access_key="any")
iam, ec2 = boto3.client("iam", **settings), boto3.client("ec2", **settings)
iam.create_user(UserName="tester")
key = iam.create_access_key(UserName="tester")["AccessKey"]
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}]}
iam.put_user_policy(UserName="tester", PolicyName="look", PolicyDocument=json.dumps(policy))
image = ec2.describe_images()["Images"][0]["ImageId"]
instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
checks_on = urllib.request.Request(sys.argv[1] + "/moto-api/reset-auth", data=b"0", method="POST",
                                   headers={"content-type": "text/plain"})
urllib.request.urlopen(checks_on).read()
print(key["AccessKeyId"], key["SecretAccessKey"], instance)
"#;

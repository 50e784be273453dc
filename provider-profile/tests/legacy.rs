//! The files of the oldest tools.

use std::io::ErrorKind as Io;
use std::sync::Arc;

use tucuxi_core::{Context, Env, ErrorKind, Fs, ProvideCredentials};
use tucuxi_provider_profile::LegacyFileProvider;
use tucuxi_testkit::{block_on, contract};

fn context(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Context {
    tucuxi_testkit::context().with_env(env(variables)).with_fs(Fs::fake(files.iter().copied()))
}

fn env(variables: &[(&str, &str)]) -> Env {
    Env::fake(variables.iter().copied().chain([("HOME", "/h")]))
}

#[track_caller]
fn check(provider: &dyn ProvideCredentials, expected: Result<&str, (ErrorKind, &str)>) {
    match (block_on(provider.provide_credentials()), expected) {
        (Ok(credentials), Ok(expected)) => {
            let (id, secret) = (credentials.access_key_id(), credentials.secret_access_key());
            assert_eq!(format!("{id} {secret} {}", credentials.provenance()), expected);
        }
        (Err(error), Err((kind, message))) => {
            assert_eq!((error.to_string().as_str(), error.kind()), (message, kind));
            assert!(error.hint().is_some() || kind == ErrorKind::NotConfigured, "{error}");
        }
        (answer, expected) => panic!("{answer:?}, expected {expected:?}"),
    }
}

const ABSENT: ErrorKind = ErrorKind::NotConfigured;
const WRONG: ErrorKind = ErrorKind::InvalidConfig;

#[track_caller]
fn check_ec2(file: &str, expected: Result<&str, (ErrorKind, &str)>) {
    let context = context(&[("/f", file)], &[("AWS_CREDENTIAL_FILE", "/f")]);
    check(&LegacyFileProvider::ec2(&context), expected);
}

#[test]
fn ec2_credential_file() {
    check_ec2("AWSAccessKeyId=A\nAWSSecretKey=S", Ok("A S ec2-credentials-file /f:1"));
    check_ec2(
        "\u{feff}# c\r\n AWSSecretKey = a=b \r\njunk\r\n\tAWSAccessKeyId = A\r\n",
        Ok("A a=b ec2-credentials-file /f:4"),
    );
    check_ec2("AWSAccessKeyId=A\nAWSAccessKeyId=B\nAWSSecretKey=S", Ok("B S ec2-credentials-file /f:2"));
    check_ec2("awsaccesskeyid=A\nAWSSecretKey", Err((ABSENT, "/f has no AWSAccessKeyId (AWS_CREDENTIAL_FILE)")));
    check_ec2("x\nAWSAccessKeyId=A", Err((WRONG, "/f:2: AWSAccessKeyId without AWSSecretKey")));
    check_ec2("AWSSecretKey=S", Err((WRONG, "/f:1: AWSSecretKey without AWSAccessKeyId")));
    check_ec2("AWSAccessKeyId=A\nAWSSecretKey=", Err((WRONG, "AWSSecretKey at /f:2 is empty")));
    check_ec2("AWSAccessKeyId=A\nAWSSecretKey=a b", Err((WRONG, "AWSSecretKey at /f:2 holds a blank")));

    let at = |path: &str| {
        LegacyFileProvider::ec2(&context(
            &[("/h/k", "AWSAccessKeyId=A\nAWSSecretKey=S")],
            &[("AWS_CREDENTIAL_FILE", path)],
        ))
    };
    check(&at("~/k"), Ok("A S ec2-credentials-file /h/k:1"));
    check(&at("$HOME/k"), Ok("A S ec2-credentials-file /h/k:1"));
    check(&at(""), Err((ABSENT, "AWS_CREDENTIAL_FILE is blank, which counts as not set")));
    check(&at("/nope"), Err((WRONG, "AWS_CREDENTIAL_FILE names /nope, which is not there")));
    let homeless = Env::fake([("AWS_CREDENTIAL_FILE", "~/k")]);
    let homeless = LegacyFileProvider::ec2(&context(&[], &[]).with_env(homeless));
    check(&homeless, Err((WRONG, "AWS_CREDENTIAL_FILE names ~/k, but there is no home directory")));
    let context = context(&[], &[("AWS_CREDENTIAL_FILE", "/f")]);
    context.fs().set_error("/f", Io::IsADirectory);
    check(&LegacyFileProvider::ec2(&context), Err((WRONG, "EC2 credential file /f is a directory")));
}

#[track_caller]
fn check_boto(file: &str, expected: Result<&str, (ErrorKind, &str)>) {
    check(&LegacyFileProvider::boto(&context(&[("/f", file)], &[("BOTO_CONFIG", "/f")])), expected);
}

#[test]
fn boto_configuration_file() {
    check_boto("[Credentials]\naws_access_key_id = A\naws_secret_access_key = S", Ok("A S boto-config /f:2"));
    check_boto(
        "[Boto]\naws_access_key_id = X\n[Credentials]\n# c\nAWS_Access_Key_Id:A\r\naws_secret_access_key=a=b:%(c)s#;\n[s3]\nx=y",
        Ok("A a=b:%(c)s#; boto-config /f:5"),
    );
    for behind in [" ", "  # c", " ; c", " junk"] {
        let file = format!("[Boto]{behind}\n[Credentials]{behind}\naws_access_key_id = A\naws_secret_access_key = S\n");
        check_boto(&file, Ok("A S boto-config /f:3"));
    }
    check_boto("[Credentials]\n  aws_access_key_id = A\naws_secret_access_key = S", Ok("A S boto-config /f:2"));
    let nothing = Err((ABSENT, "no [Credentials] with aws_access_key_id in /f (BOTO_CONFIG)"));
    for file in [
        "",
        "[Boto]\ndebug=1",
        "[credentials]\naws_access_key_id = A\naws_secret_access_key = S",
        "[Credentials]\naws_session_token = t",
    ] {
        check_boto(file, nothing);
    }
    check_boto(
        "[Credentials]\n\naws_access_key_id = A",
        Err((WRONG, "/f:3: aws_access_key_id without aws_secret_access_key")),
    );
    check_boto(
        "[Credentials]\naws_secret_access_key = A",
        Err((WRONG, "/f:2: aws_secret_access_key without aws_access_key_id")),
    );
    check_boto(
        "[Credentials]\naws_access_key_id = A\naws_secret_access_key = S\n  T",
        Err((WRONG, "aws_secret_access_key at /f:3 goes on in the next line, which is indented")),
    );
    check_boto(
        "[Credentials]\naws_access_key_id = A\n  aws_access_key_id = B\naws_secret_access_key = S",
        Err((WRONG, "aws_access_key_id at /f:2 goes on in the next line, which is indented")),
    );
    check_boto(
        "[Credentials]\naws_access_key_id = A\naws_secret_access_key = S\n[Boto]\n[Credentials]\naws_access_key_id = B",
        Err((WRONG, "/f:5: [Credentials] stands at /f:1 already")),
    );
    check_boto(
        "[Credentials]\naws_access_key_id = A\naws_secret_access_key = S\n[credentials]\naws_secret_access_key = B",
        Err((WRONG, "/f:4: [Credentials] stands at /f:1 already")),
    );
    check_boto(
        "[Credentials]\naws_access_key_id\naws_secret_access_key = S",
        Err((WRONG, "/f:2: aws_access_key_id has no value")),
    );
    for (file, message) in [
        ("aws_access_key_id = A\nAWS_ACCESS_KEY_ID = B", "/f:3: aws_access_key_id stands at /f:2 already"),
        ("[Boto]\n[s3]\n[Boto]", "/f:4: [Boto] stands at /f:2 already"),
        ("[DEFAULT]\n[default]\naws_access_key_id = B", "/f:3: [DEFAULT] stands at /f:2 already"),
        (
            "[DEFAULT]\naws_access_key_id = A\n[DEFAULT]\naws_access_key_id = B",
            "/f:5: aws_access_key_id stands at /f:3 already",
        ),
        (
            "  aws_access_key_id = A\n  aws_secret_access_key = S\n  aws_access_key_id = B",
            "/f:4: aws_access_key_id stands at /f:2 already",
        ),
        ("  aws_access_key_id = A\n aws_access_key_id = B", "/f:3: aws_access_key_id stands at /f:2 already"),
    ] {
        check_boto(&format!("[Credentials]\n{file}"), Err((WRONG, message)));
    }
    check_boto(
        "[Credentials]\nfoo = 1\n# aws_access_key_id = C\n\n  aws_access_key_id = A\naws_access_key_id = B\naws_secret_access_key = S",
        Ok("B S boto-config /f:6"),
    );
    for (first, second) in [("Boto", "Credentials"), ("Credentials", "Boto")] {
        let file = format!("[{first}]\nx = 1\n  [{second}]\naws_access_key_id = A\naws_secret_access_key = S");
        check_boto(&file, Err((WRONG, "/f:3: a header that stands deeper than the key above it")));
    }
    check_boto(" [Credentials]\naws_access_key_id = A\naws_secret_access_key = S", Ok("A S boto-config /f:2"));
    check_boto("[a]\n[Credentials\naws_access_key_id = A", Err((WRONG, "/f:2: not a line of an INI file")));
    check_boto("[a]\n\n=SEKRIT", Err((WRONG, "/f:3: not a line of an INI file")));
}

#[test]
fn every_section_of_the_boto_configuration_file_inherits() {
    let defaults = "[DEFAULT]\naws_access_key_id = D\naws_secret_access_key = T\n";
    check_boto(&format!("{defaults}[Credentials]\n"), Ok("D T boto-config /f:2"));
    check_boto(
        &format!("[Credentials]\naws_access_key_id = A\naws_secret_access_key = S\n{defaults}"),
        Ok("A S boto-config /f:2"),
    );
    check_boto(&format!("{defaults}[Credentials]\naws_access_key_id = A\n"), Ok("A T boto-config /f:5"));
    let nothing = Err((ABSENT, "no [Credentials] with aws_access_key_id in /f (BOTO_CONFIG)"));
    check_boto(&format!("{defaults}[Boto]\n[credentials]\n"), nothing);
    check_boto("[default]\naws_access_key_id = D\naws_secret_access_key = T\n[Credentials]\n", nothing);
}

#[test]
fn places_of_the_boto_configuration_file() {
    let keys = |id: &str| format!("[Credentials]\naws_access_key_id = {id}\naws_secret_access_key = S");
    let (etc, home) = (keys("E"), keys("H"));
    let files = [("/etc/boto.cfg", etc.as_str()), ("/h/.boto", home.as_str())];
    let ask = |files: &[(&str, &str)], variables: &[(&str, &str)]| LegacyFileProvider::boto(&context(files, variables));
    check(&ask(&files, &[]), Ok("E S boto-config /etc/boto.cfg:2"));
    check(&ask(&files[1..], &[]), Ok("H S boto-config /h/.boto:2"));
    check(&ask(&[("/etc/boto.cfg", "[Boto]\n"), files[1]], &[]), Ok("H S boto-config /h/.boto:2"));
    check(&ask(&files, &[("BOTO_CONFIG", "")]), Ok("E S boto-config /etc/boto.cfg:2"));
    check(&ask(&files, &[("BOTO_CONFIG", "~/.boto")]), Ok("H S boto-config /h/.boto:2"));
    let named = "BOTO_CONFIG names /nope, which is not there";
    check(&ask(&files, &[("BOTO_CONFIG", "/nope")]), Err((ABSENT, named)));
    check(&ask(&[], &[]), Err((ABSENT, "no [Credentials] with aws_access_key_id in /etc/boto.cfg or ~/.boto")));

    let context = context(&files[1..], &[]);
    context.fs().set_error("/etc/boto.cfg", Io::PermissionDenied);
    check(&LegacyFileProvider::boto(&context), Ok("H S boto-config /h/.boto:2"));
    let named = context.with_env(env(&[("BOTO_CONFIG", "/etc/boto.cfg")]));
    check(
        &LegacyFileProvider::boto(&named),
        Err((WRONG, "Boto configuration file /etc/boto.cfg must not be read by this user")),
    );
}

#[test]
fn contract_of_the_providers() {
    let ec2 = |file: String| context(&[("/f", &file)], &[("AWS_CREDENTIAL_FILE", "/f")]);
    contract("ec2-credentials-file", |context| Arc::new(LegacyFileProvider::ec2(context)))
        .configured("keys", &["secret"], |secrets| {
            ec2(format!("AWSAccessKeyId=A\nAWSSecretKey={}", secrets[0].value()))
        })
        .broken("half", WRONG, &["secret"], |secrets| ec2(format!("AWSSecretKey={}", secrets[0].value())))
        .run();
    let boto = |file: String| context(&[("/h/.boto", &file)], &[]);
    contract("boto-config", |context| Arc::new(LegacyFileProvider::boto(context)))
        .configured("keys", &["secret"], |secrets| {
            boto(format!("[Credentials]\naws_access_key_id=A\naws_secret_access_key={}", secrets[0].value()))
        })
        .broken("no key", WRONG, &["secret"], |secrets| boto(format!("[Credentials]\n={}", secrets[0].value())))
        .broken("half", WRONG, &["secret"], |secrets| {
            boto(format!("[Credentials]\naws_secret_access_key={}", secrets[0].value()))
        })
        .run();
}

//! Whatever is wrong, the command says where, and ends with the right code.

use crate::support::{Home, SECRET, Server, dead, s3_error};

const CREDENTIALS: &str = ".aws/credentials";

fn profile(text: &str) -> Home {
    Home::new().file(CREDENTIALS, text).var("AWS_REGION", "us-east-1")
}

#[test]
fn a_broken_file() {
    let run = profile("[default]\naws_access_key_id = AKID\nthis is no key\n").run(&["whoami"]);
    run.expect(253, &["credentials:3"]);
}

#[test]
fn an_unknown_profile() {
    let home = profile("[work]\naws_access_key_id = AKID\naws_secret_access_key = s\n");
    home.run(&["whoami", "--profile", "wrok"]).expect(253, &["wrok", "work", "credentials"]);
    let home = home.var("AWS_PROFILE", "wrok");
    home.run(&["whoami"]).expect(253, &["AWS_PROFILE", "wrok"]);
}

#[test]
fn half_a_key_pair() {
    profile("[default]\n# the other half is lost\naws_access_key_id = AKID\n")
        .run(&["whoami"])
        .expect(253, &["credentials:3", "aws_secret_access_key"]);
    Home::new()
        .var("AWS_SECRET_ACCESS_KEY", SECRET)
        .run(&["whoami"])
        .expect(253, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    Home::new().var("AWS_ACCESS_KEY_ID", "AKID").run(&["whoami"]).expect(253, &["AWS_SECRET_ACCESS_KEY"]);
}

#[cfg(target_os = "linux")]
#[test]
fn an_unreadable_file() {
    // Reading a process's memory from its start fails for everybody, root included.
    Home::new().var("AWS_SHARED_CREDENTIALS_FILE", "/proc/self/mem").run(&["whoami"]).expect(253, &["/proc/self/mem"]);
}

#[test]
fn a_directory_as_file() {
    let run = Home::new().directory(CREDENTIALS).run(&["whoami"]);
    run.expect(253, &[".aws/credentials", "directory"]);
}

#[test]
fn bytes_that_are_not_utf8() {
    let run = profile("").file(CREDENTIALS, b"[default]\naws_access_key_id = \xff\n").run(&["whoami"]);
    run.expect(253, &["credentials:2", "UTF-8"]);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let mut command = home.command(&["whoami"]);
    command.env("AWS_ACCESS_KEY_ID", std::ffi::OsStr::from_bytes(b"\xff"));
    crate::support::Run::of(command.output().unwrap()).expect(253, &["AWS_ACCESS_KEY_ID", "UTF-8"]);
}

#[test]
fn text_that_is_no_region() {
    let home = Home::new().keys();
    home.run(&["s3", "ls", "--region", "eu west"]).expect(253, &["--region: \"eu west\" is not"]);
    home.var("AWS_REGION", "us-east-1.evil.example/").run(&["s3", "ls"]).expect(253, &["AWS_REGION", "region"]);
    let home = Home::new().file(".aws/config", "[default]\nregion = a/b\n");
    home.var("AWS_ACCESS_KEY_ID", "AKID")
        .var("AWS_SECRET_ACCESS_KEY", SECRET)
        .run(&["s3", "ls"])
        .expect(253, &["config:2", "region"]);
}

#[test]
fn text_that_is_no_url_or_range() {
    let home = Home::new().keys();
    home.run(&["s3", "ls", "--endpoint-url", "nonsense"]).expect(253, &["--endpoint-url: ", "http://"]);
    home.run(&["s3", "cat", "s3://b/k", "--range", "abc"]).expect(252, &["--range: \"abc\""]);
}

#[test]
fn a_dead_endpoint() {
    let url = dead();
    let host = url.trim_start_matches("http://");
    Home::new().keys().run(&["s3", "ls", "--endpoint-url", &url]).expect(255, &[host, "from --endpoint-url"]);
    let home = Home::new().keys().var("AWS_ENDPOINT_URL", &url);
    home.run(&["s3", "ls"]).expect(255, &[host, "from AWS_ENDPOINT_URL"]);
    home.run(&["whoami", "--verify"]).expect(255, &[host, "from AWS_ENDPOINT_URL"]);
}

#[test]
fn a_hanging_endpoint() {
    let server = Server::hanging();
    let home = Home::new().keys().var("AWS_MAX_ATTEMPTS", "1");
    let host = server.url().replace("http://", "");
    let run = home.run(&["s3", "ls", "--endpoint-url", &server.url(), "--read-timeout", "1"]);
    run.expect(255, &[&host, "within 1s"]);
}

#[test]
fn an_oversized_answer() {
    let server = Server::endless("HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n");
    let home = Home::new().keys().var("AWS_MAX_ATTEMPTS", "1");
    home.run(&["s3", "ls", "--endpoint-url", &server.url()]).expect(255, &["larger than", "127.0.0.1"]);
}

#[test]
fn a_wrong_secret() {
    let server = Server::answering(s3_error("403 Forbidden", "SignatureDoesNotMatch", ""));
    Home::new()
        .keys()
        .run(&["s3", "ls", "--endpoint-url", &server.url()])
        .expect(254, &["SignatureDoesNotMatch", "environment", "REQ1"]);
}

#[test]
fn an_expired_token() {
    let server = Server::answering(s3_error("400 Bad Request", "ExpiredToken", ""));
    Home::new()
        .keys()
        .var("AWS_SESSION_TOKEN", "SESSIONTOKENSECRET")
        .run(&["s3", "ls", "--endpoint-url", &server.url()])
        .expect(254, &["ExpiredToken", "environment"]);
}

#[test]
fn a_clock_off_by_an_hour() {
    // The answer's date lies in the past for ever: the correction is tried once, then the cure is named.
    let date = "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
    let server = Server::answering(s3_error("403 Forbidden", "RequestTimeTooSkewed", date));
    Home::new()
        .keys()
        .run(&["s3", "ls", "--endpoint-url", &server.url()])
        .expect(254, &["RequestTimeTooSkewed", "WARN this machine's clock is wrong"]);
    assert_eq!(server.requests().len(), 2, "signed again once with the server's time");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
    let server = Server::answering(answer);
    Home::new()
        .keys()
        .run(&["s3", "cp", "s3://bucket/key", "/dev/full", "--endpoint-url", &server.url()])
        .expect(255, &["/dev/full", "space"]);
}

/// The disk does not fill up, but the file may grow no further: the same to whoever writes.
#[cfg(target_os = "linux")]
#[test]
fn a_download_that_does_not_fit_leaves_nothing_behind() {
    let server = Server::endless("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    let home = Home::new().keys();
    let copy = home.command(&["s3", "cp", "s3://bucket/key", "file", "--endpoint-url", &server.url()]);
    let mut limited = std::process::Command::new("sh");
    // The signal that comes with the limit would end the command; a full disk sends none.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"]);
    limited.arg(copy.get_program()).args(copy.get_args()).current_dir(home.path()).env_clear();
    limited.envs(copy.get_envs().filter_map(|(name, value)| Some((name, value?))));
    crate::support::Run::of(limited.output().unwrap()).expect(255, &["file: ", "too large"]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "no file, whole or temporary");
}

#[test]
fn a_download_that_ends_early_leaves_nothing_behind() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 500\r\n\r\nhello";
    let server = Server::answering(answer);
    let home = Home::new().keys().var("AWS_MAX_ATTEMPTS", "1");
    let code = home.run(&["s3", "cp", "s3://bucket/key", "file", "--endpoint-url", &server.url()]).code;
    assert_eq!(code, Some(255));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "no file, whole or temporary");
}

#[cfg(unix)]
#[test]
fn control_c_in_a_copy() {
    use std::process::Stdio;
    let server = Server::endless("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n");
    let home = Home::new().keys();
    let mut command = home.command(&["s3", "cp", "s3://bucket/key", "file", "--endpoint-url", &server.url()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.request();
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    crate::support::Run::of(child.wait_with_output().unwrap()).expect(130, &["interrupted"]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "no file, whole or temporary");
}

#[cfg(unix)]
#[test]
fn control_c_in_an_upload() {
    use std::process::Stdio;
    let server = Server::hanging();
    let home = Home::new().keys().file("file", [b'x'; 100_000]);
    let mut command = home.command(&["s3", "cp", "file", "s3://bucket/key", "--endpoint-url", &server.url()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.request();
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    crate::support::Run::of(child.wait_with_output().unwrap()).expect(130, &["interrupted"]);
}

#[test]
fn a_directory_without_recursive() {
    let home = Home::new().keys().directory("tree");
    home.run(&["s3", "cp", "tree", "s3://bucket/"]).expect(252, &["tree is a directory", "--recursive"]);
}

#[test]
fn a_bundle_of_authorities_that_is_not_there() {
    // Only a connection asks for the file; nothing has to answer on it.
    let server = Server::hanging();
    let url = server.url().replace("http://", "https://");
    let home = Home::new().keys().var("AWS_MAX_ATTEMPTS", "1");
    let run = home.run(&["s3", "ls", "--endpoint-url", &url, "--ca-bundle", "/absent.pem"]);
    run.expect(253, &["ca_bundle: cannot read /absent.pem"]);
    assert_eq!(run.stderr.matches("(os error 2)").count(), 1, "{run:#?}");
}

#[test]
fn a_proxy_that_is_no_url() {
    let home = Home::new().keys().var("HTTPS_PROXY", "nonsense::");
    home.run(&["s3", "ls"]).expect(253, &["HTTPS_PROXY", "http://proxy.example.com:3128"]);
}

#[test]
fn a_typo() {
    let home = Home::new();
    home.run(&["explian"]).expect(252, &["explain"]);
    home.run(&["s3", "cp", "a", "b"]).expect(252, &["s3://"]);
    for ends in [["s3://b/k", "file"], ["s3://b/k", "-"], ["s3://b/k", "s3://c/k"]] {
        let copy = ["s3", "cp", "--content-type", "text/plain", ends[0], ends[1]];
        home.run(&copy).expect(252, &["--content-type is for uploads"]);
    }
    home.run(&["s3", "rb", "s3://b/k"]).expect(252, &["s3://b"]);
}

#[test]
fn nothing_configured() {
    let run = Home::new().run(&["export"]);
    run.expect(253, &["env", "shared-credentials-file", "iam-role", "AWS_ACCESS_KEY_ID", "try:"]);
}

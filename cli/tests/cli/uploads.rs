//! `tucuxi s3 cp` to servers that want the bytes again.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::SystemTime;

use crate::support::{Home, Run, Server, s3_error};

const DONE: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

fn home(server: &Server) -> Home {
    Home::new().keys().var("AWS_ENDPOINT_URL_S3", server.url()).file("up.txt", "hello")
}

/// Uploads `hello`, from a file or from standard input.
fn upload(server: &Server, piped: bool) -> Run {
    let home = home(server);
    if !piped {
        return home.run(&["s3", "cp", "up.txt", "s3://bucket/key"]);
    }
    let mut command = home.command(&["s3", "cp", "-", "s3://bucket/key"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hello").unwrap();
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn a_file_and_standard_input_are_sent_again() {
    for (first, again) in [
        (s3_error("503 Service Unavailable", "ServiceUnavailable", ""), "/us-east-1/s3/"),
        (
            s3_error("301 Moved Permanently", "PermanentRedirect", "x-amz-bucket-region: eu-west-1\r\n"),
            "/eu-west-1/s3/",
        ),
        (
            s3_error("400 Bad Request", "AuthorizationHeaderMalformed", "x-amz-bucket-region: eu-west-1\r\n"),
            "/eu-west-1/s3/",
        ),
        (
            s3_error("403 Forbidden", "RequestTimeTooSkewed", "date: Thu, 01 Jan 2099 00:00:00 GMT\r\n"),
            "x-amz-date: 20990101T",
        ),
    ] {
        for piped in [false, true] {
            let first = first.clone();
            let server = Server::taking(move |count, _, body| {
                assert!(String::from_utf8_lossy(body).contains("\r\nhello\r\n"), "{count}: the bytes are not there");
                if count == 0 { first.clone() } else { DONE.to_owned() }
            });
            upload(&server, piped).expect(0, &[]);
            let heads = server.requests();
            assert_eq!(heads.len(), 2, "{again}");
            assert!(heads[1].contains(again), "{again} is missing\n{}", heads[1]);
        }
    }
}

/// Uploads a file that `change` changes while its first attempt fails.
fn changing(change: impl Fn(&std::fs::File) + Send + Sync + 'static) -> Run {
    let path = std::sync::Arc::new(std::sync::Mutex::new(PathBuf::new()));
    let there = std::sync::Arc::clone(&path);
    let server = Server::taking(move |_, _, _| {
        change(&std::fs::File::options().write(true).open(&*there.lock().unwrap()).unwrap());
        s3_error("503 Service Unavailable", "ServiceUnavailable", "")
    });
    let home = home(&server);
    *path.lock().unwrap() = home.join("up.txt");
    let run = home.run(&["s3", "cp", "up.txt", "s3://bucket/key"]);
    assert_eq!(server.requests().len(), 1);
    run
}

#[test]
fn a_file_that_changes_between_attempts_is_not_sent_in_part() {
    let words = ["PutObject s3://bucket/key: up.txt changed between two attempts to send it"];
    changing(|file| file.set_len(2).unwrap()).expect(255, &words);
    let run = changing(|file| file.set_modified(SystemTime::UNIX_EPOCH).unwrap());
    run.expect(255, &words);
    assert!(!run.stderr.contains("is right and answers"), "the server is not to blame\n{run:#?}");
}

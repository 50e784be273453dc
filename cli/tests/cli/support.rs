//! A home directory, the command in it, and servers that misbehave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

/// A home directory that vanishes with the test.
pub(crate) struct Home {
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// Puts a file below the home directory.
    pub(crate) fn file(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
        self
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        std::fs::create_dir_all(self.path().join(path)).unwrap();
        self
    }

    pub(crate) fn var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Keys in the environment, and no instance metadata.
    pub(crate) fn keys(self) -> Self {
        self.var("AWS_ACCESS_KEY_ID", "AKIDENV").var("AWS_SECRET_ACCESS_KEY", SECRET).var("AWS_REGION", "us-east-1")
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// The command with only this home and these variables.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tucuxi"));
        command.args(arguments).env_clear().current_dir(self.path()).stdin(Stdio::null());
        command.env("HOME", self.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Fails unless the command ended with `code`, said all of `words` on standard error, and no secret.
    pub(crate) fn expect(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing\n{self:#?}");
        }
        for secret in [SECRET, "SESSIONTOKENSECRET"] {
            assert!(!self.stderr.contains(secret) && !self.stdout.contains(secret), "a secret was shown\n{self:#?}");
        }
        self
    }
}

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSEKRIT";

/// A server that answers every request of every connection in one way.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl Server {
    /// Answers with these bytes, then closes.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, mut stream| {
            drop(stream.write_all(&answer));
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(stream.read_to_end(&mut Vec::new()));
        })
    }

    /// Takes the request and never answers, until the client goes away.
    pub(crate) fn hanging() -> Self {
        Self::start(|_, mut stream| drop(stream.read_to_end(&mut Vec::new())))
    }

    /// Answers with a head and then bytes without end.
    pub(crate) fn endless(head: &'static str) -> Self {
        Self::start(move |_, mut stream| {
            drop(stream.write_all(head.as_bytes()));
            while stream.write_all(&[b'x'; 65536]).is_ok() {}
        })
    }

    /// Takes whole requests, and answers as `judge` says that is told the head, the body and how many came before.
    pub(crate) fn taking(judge: impl Fn(usize, &str, &[u8]) -> String + Send + Sync + 'static) -> Self {
        let (judge, count) = (Arc::new(judge), Arc::new(AtomicUsize::new(0)));
        Self::start(move |head, mut stream| {
            let mut body = vec![0; length(head)];
            if stream.read_exact(&mut body).is_ok() {
                let answer = judge(count.fetch_add(1, Ordering::SeqCst), head, &body);
                drop(stream.write_all(answer.as_bytes()));
            }
        })
    }

    fn start(answer: impl Fn(&str, TcpStream) + Send + Clone + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, sender) = (answer.clone(), sender.clone());
                std::thread::spawn(move || {
                    let head = head(&stream);
                    if sender.send(head.clone()).is_ok() {
                        answer(&head, stream);
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the next request and gives its head.
    pub(crate) fn request(&self) -> String {
        self.requests.recv().expect("the server lives as long as the test")
    }

    /// The heads of the requests seen so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

fn head(mut stream: &TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn length(head: &str) -> usize {
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.map_or(0, |length| length.parse().unwrap())
}

/// An S3 error as the service writes it.
pub(crate) fn s3_error(status: &str, code: &str, extra_headers: &str) -> String {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>no</Message><RequestId>REQ1</RequestId></Error>"
    );
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\nconnection: close\r\n{extra_headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An address where nobody listens.
pub(crate) fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

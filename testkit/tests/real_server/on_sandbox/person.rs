//! The person before the screen, who reads what a program prints and decides in a browser.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use http::Request;
use tucuxi::Body;
use tucuxi_core::{HttpOptions, Response};

/// A program that prints something and waits; killed when the test ends before it.
pub(super) struct Waiting {
    child: Child,
    lines: Receiver<String>,
    read: Vec<String>,
}

impl Waiting {
    pub(super) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        Self { child, lines: lines_of(stdout), read: Vec::new() }
    }

    /// The next line that looks like what is wanted.
    #[track_caller]
    pub(super) fn line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(LIMIT) else {
                let _ = self.child.kill();
                let complaint = self.complaint();
                panic!("it printed only {:?} and {complaint:?}", self.read);
            };
            if wanted(&line) {
                return line;
            }
            self.read.push(line);
        }
    }

    /// Whether it ended well, and what it complained of.
    pub(super) fn end(mut self) -> (bool, String) {
        // Standard output ends with the program.
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                }
            }
        }
        let complaint = self.complaint();
        (self.child.wait().unwrap().success(), complaint)
    }

    fn complaint(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

pub(super) fn is_url(line: &str) -> bool {
    line.starts_with("http://127.0.0.1:")
}

pub(super) fn is_code(line: &str) -> bool {
    line.len() == 9 && line.as_bytes()[4] == b'-'
}

/// Decides on the page of this address, and goes where the answer leads, if anywhere.
pub(super) async fn decide(url: &str, decision: &str) -> u16 {
    let form = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
    let answer = send(form.body(Body::from(format!("decision={decision}"))).unwrap()).await;
    match answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()) {
        Some(to) => send(Request::get(to).body(Body::empty()).unwrap()).await.status().as_u16(),
        None => answer.status().as_u16(),
    }
}

async fn send(request: Request<Body>) -> Response {
    let options = HttpOptions::within(Duration::from_secs(3), LIMIT);
    tucuxi::system().http().send(request, options).await.unwrap()
}

/// Far more than any program takes.
const LIMIT: Duration = Duration::from_secs(60);

//! Where a browser comes back to at the end of a sign-in: a port of this machine.

use std::future::poll_fn;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tucuxi_core::{Error, Secret};
use zeroize::Zeroizing;

/// A port of 127.0.0.1 that a browser is sent to with the code of a sign-in. Needs the feature `callback`.
///
/// Take one before the sign-in begins, since its URL names the [`port`](Self::port); then wait for the
/// [`query`](Self::query). Nobody outside this machine can reach it, and what is not the answer to this sign-in is
/// refused without ending the wait: another path or host, another state, a connection that says nothing.
///
/// # Example
/// ```no_run
/// use std::time::Duration;
/// use tucuxi_core::{Error, Secret};
/// use tucuxi_transport::Callback;
///
/// async fn come_back(url: impl Fn(u16) -> String, state: &str) -> Result<Secret, Error> {
///     let callback = Callback::listen().await?;
///     eprintln!("open {}", url(callback.port()));
///     callback.query(state, Duration::from_secs(600)).await
/// }
/// ```
///
/// Specification: RFC 8252 section 7.3 (loopback), section 8.3 (why 127.0.0.1 and not its name).
#[derive(Debug)]
pub struct Callback {
    listener: TcpListener,
    port: u16,
}

impl Callback {
    /// Listens on a port that the system chooses, on the current tokio runtime, which needs I/O and time enabled.
    ///
    /// # Errors
    /// `Unavailable` when no port of 127.0.0.1 can be had.
    pub async fn listen() -> Result<Self, Error> {
        let failed = |error: io::Error| Error::unavailable("cannot listen on 127.0.0.1").with_source(error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the browser, for as long as `limit`: the query of `GET /oauth/callback?..` that carries `state`. Shows
    /// the person that it came.
    ///
    /// # Errors
    /// `Unavailable` when nobody came back in time.
    pub async fn query(self, state: &str, limit: Duration) -> Result<Secret, Error> {
        let (found, mut queries) = mpsc::channel(1);
        let expected = Arc::new(Expected { host: format!("127.0.0.1:{}", self.port), state: Secret::from(state) });
        // Whatever still talks when this returns is cut off.
        let mut listening = JoinSet::new();
        listening.spawn(listen(self.listener, expected, found));
        match timeout(limit, queries.recv()).await {
            Ok(Some(query)) => Ok(query),
            Ok(None) | Err(_) => {
                let message = format!("nobody came back from the browser within {} s", limit.as_secs());
                Err(Error::unavailable(message).with_hint("begin again, or sign in on another device"))
            }
        }
    }
}

#[derive(Debug)]
struct Expected {
    host: String,
    state: Secret,
}

/// Browsers open connections ahead and leave them silent, so that several are talked to at once.
async fn listen(listener: TcpListener, expected: Arc<Expected>, found: mpsc::Sender<Secret>) {
    let mut conversations = JoinSet::new();
    loop {
        while conversations.try_join_next().is_some() || conversations.len() >= MOST_AT_ONCE {
            if conversations.len() >= MOST_AT_ONCE {
                conversations.join_next().await;
            }
        }
        let Ok((stream, _)) = poll_fn(|context| listener.poll_accept(context)).await else {
            // Out of file descriptors, most likely: one is free when a conversation ends.
            if conversations.join_next().await.is_none() {
                return;
            }
            continue;
        };
        let (expected, found) = (Arc::clone(&expected), found.clone());
        conversations.spawn(async move {
            if let Ok(Ok(Some(query))) = timeout(CONVERSATION_LIMIT, converse(stream, &expected)).await {
                // Nobody is there any more when another connection was first.
                let _ = found.send(query).await;
            }
        });
    }
}

async fn converse(mut stream: TcpStream, expected: &Expected) -> io::Result<Option<Secret>> {
    // With room for everything, so that no copy of a code is left behind by growing.
    let mut head = Zeroizing::new(Vec::with_capacity(HEAD_LIMIT));
    let answer = loop {
        if head.len() >= HEAD_LIMIT || stream.read_buf(&mut *head).await? == 0 {
            break Err(Refusal::Unreadable);
        }
        if let Some(answer) = judge(&head, expected) {
            break answer;
        }
    };
    let (status, words) = match &answer {
        Ok(query) if has(query.expose(), "error") => ("200 OK", "The sign-in was refused. Go back to where you began."),
        Ok(_) => ("200 OK", "You can close this page and go back to where you began."),
        Err(Refusal::Unreadable) => ("400 Bad Request", "This is no request for a page."),
        Err(Refusal::OtherMethod) => ("405 Method Not Allowed", "This page is only shown."),
        Err(Refusal::OtherHost) => ("421 Misdirected Request", "This page is only for this machine."),
        Err(Refusal::OtherPath) => ("404 Not Found", "There is no such page."),
        Err(Refusal::OtherState) => ("400 Bad Request", "This belongs to another sign-in. Go back and begin again."),
    };
    let html = format!("<!doctype html>\n<html lang=\"en\"><title>Sign-in</title>\n<p>{words}</p></html>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n",
        html.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(html.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(answer.ok())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Unreadable,
    OtherMethod,
    OtherHost,
    OtherPath,
    OtherState,
}

/// The query of the request, once its head is complete.
// Inlined as far as crates go: compiled only where somebody waits for a browser.
#[inline]
fn judge(head: &[u8], expected: &Expected) -> Option<Result<Secret, Refusal>> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Partial) => return None,
        Ok(httparse::Status::Complete(_)) => {}
        Err(_) => return Some(Err(Refusal::Unreadable)),
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut hosts = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case("host"));
    let is_host = hosts.next().is_some_and(|host| host.value == expected.host.as_bytes()) && hosts.next().is_none();
    Some(match () {
        () if !is_host => Err(Refusal::OtherHost),
        () if path != PATH => Err(Refusal::OtherPath),
        () if request.method != Some("GET") => Err(Refusal::OtherMethod),
        () if value(query, "state") != Some(expected.state.expose()) => Err(Refusal::OtherState),
        () => Ok(Secret::from(query)),
    })
}

/// As it stands: a state is made of letters that need no encoding.
#[inline]
fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[inline]
fn has(query: &str, name: &str) -> bool {
    value(query, name).is_some()
}

const PATH: &str = "/oauth/callback";
const HEAD_LIMIT: usize = 16 * 1024;
const MOST_AT_ONCE: usize = 16;
const CONVERSATION_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use tucuxi_core::ErrorKind;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    /// Sends these bytes to the port and gives the status of the answer.
    async fn say(port: u16, text: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap_or_default().trim_start_matches("HTTP/1.1 ").to_owned()
    }

    fn request(port: u16, line: &str) -> String {
        format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
    }

    #[tokio::test]
    async fn the_answer_to_this_sign_in_is_found_among_all_others() {
        let callback = Callback::listen().await.unwrap();
        let port = callback.port();
        let waiting = tokio::spawn(async move { callback.query("STATE", LONG).await });
        // A browser's connection ahead of need.
        let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let right = "GET /oauth/callback?code=CODE&state=STATE";
        for (text, status) in [
            (request(port, "GET /favicon.ico"), "404 Not Found"),
            (request(port, "GET /oauth/callback"), "400 Bad Request"),
            (request(port, "GET /oauth/callback?code=CODE&state=OTHER"), "400 Bad Request"),
            (request(port, "GET /oauth/callback?code=CODE&nostate=STATE"), "400 Bad Request"),
            (request(port, "POST /oauth/callback?code=CODE&state=STATE"), "405 Method Not Allowed"),
            (request(port, right).replace("127.0.0.1", "evil.example"), "421 Misdirected Request"),
            (request(port, right).replace("\r\n\r\n", "\r\nHost: x\r\n\r\n"), "421 Misdirected Request"),
            (request(port, right).replace("Host", "X"), "421 Misdirected Request"),
            ("\u{0}\r\n\r\n".to_owned(), "400 Bad Request"),
            (format!("GET /{}", "x".repeat(HEAD_LIMIT)), "400 Bad Request"),
        ] {
            assert_eq!(say(port, &text).await, status, "{text:.80}");
        }
        assert!(!waiting.is_finished());
        assert_eq!(say(port, &request(port, right)).await, "200 OK");
        assert_eq!(waiting.await.unwrap().unwrap().expose(), "code=CODE&state=STATE");
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_refusal_comes_back_too() {
        let callback = Callback::listen().await.unwrap();
        let port = callback.port();
        let waiting = tokio::spawn(async move { callback.query("STATE", LONG).await });
        assert_eq!(say(port, &request(port, "GET /oauth/callback?error=access_denied&state=STATE")).await, "200 OK");
        assert_eq!(waiting.await.unwrap().unwrap().expose(), "error=access_denied&state=STATE");
    }

    #[tokio::test]
    async fn silent_connections_keep_nobody_out_for_long() {
        tokio::time::pause();
        let callback = Callback::listen().await.unwrap();
        let port = callback.port();
        let waiting = tokio::spawn(async move { callback.query("STATE", LONG).await });
        let mut silent = Vec::new();
        for _ in 0..2 * MOST_AT_ONCE {
            silent.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
        }
        assert_eq!(say(port, &request(port, "GET /oauth/callback?code=CODE&state=STATE")).await, "200 OK");
        assert!(waiting.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn the_wait_has_an_end() {
        tokio::time::pause();
        let error = Callback::listen().await.unwrap().query("STATE", LONG).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.to_string(), "nobody came back from the browser within 600 s");
    }
}

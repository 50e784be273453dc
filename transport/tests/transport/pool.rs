//! Connections that serve more than one request.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::task::yield_now;
use tucuxi_core::{Body, HttpClient, HttpErrorKind, HttpOptions, Request};

use crate::bodies::Pieces;
use crate::server::{Server, client, echo_head, fetch, get, put, read_head, until_closed};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let server = Server::answering(OK).await;
    let client = client(&[]);
    for _ in 0..20 {
        assert_eq!(fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap().1, "ok");
    }
    let copy = client.clone();
    fetch(&copy, get(server.url("/other")), HttpOptions::default()).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn each_request_at_the_same_time_has_its_connection() {
    let server = Server::answering(OK).await;
    let client = client(&[]);
    let first = client.send(get(server.url("/")), HttpOptions::default()).await.unwrap();
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    assert_eq!(server.connections(), 2);
    drop(first);
    for _ in 0..5 {
        fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_with_an_unread_answer_is_not_kept() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok").await;
    let client = client(&[]);
    for _ in 0..2 {
        drop(client.send(get(server.url("/")), HttpOptions::default()).await.unwrap());
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_is_still_uploading_is_not_kept() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(OK.as_bytes()).await.unwrap();
        until_closed(&mut socket).await;
    })
    .await;
    let client = client(&[]);
    let body = Body::stream(Pieces::of(["x"]).then_silence());
    for request in [put(server.url("/"), body), get(server.url("/"))] {
        assert_eq!(fetch(&client, request, HttpOptions::default()).await.unwrap().1, "ok");
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_not_kept() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ] {
        let server = Server::answering(answer).await;
        let client = client(&[]);
        for _ in 0..3 {
            fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
        }
        assert_eq!(server.connections(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waited_long_is_not_used_again() {
    let server = Server::answering(OK).await;
    let client = client(&[]);
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(19)).await;
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    assert_eq!(server.connections(), 1);
    tokio::time::advance(std::time::Duration::from_secs(21)).await;
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_is_not_lent_to_another_runtime() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second, servers) = (runtime(), runtime(), tokio::runtime::Runtime::new().unwrap());
    let server = servers.block_on(Server::answering(OK));
    let client = client(&[]);
    for runtime in [&first, &second, &first, &second] {
        runtime.block_on(fetch(&client, get(server.url("/")), HttpOptions::default())).unwrap();
    }
    assert_eq!(server.connections(), 2);
}

/// A server that answers one request on its first connection and then closes it while the client is not looking.
async fn closing_once() -> Server {
    Server::start(|number, mut socket| async move {
        loop {
            let Some(head) = read_head(&mut socket).await else { return };
            socket.write_all(OK.as_bytes()).await.unwrap();
            if number == 0 {
                return;
            }
            if head.starts_with("PUT") {
                until_closed(&mut socket).await;
            }
        }
    })
    .await
}

async fn after_a_close(request: impl FnOnce(&Server) -> Request) -> (Server, Result<(u16, String), HttpErrorKind>) {
    let server = closing_once().await;
    let client = client(&[]);
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    // The server's end is closed now, the client's side has not been polled since.
    for _ in 0..4 {
        yield_now().await;
    }
    let answer = fetch(&client, request(&server), HttpOptions::default()).await.map_err(|error| error.kind());
    (server, answer)
}

#[tokio::test]
async fn a_stale_connection_is_replaced_once() {
    let (server, answer) = after_a_close(|server| get(server.url("/"))).await;
    assert_eq!(answer, Ok((200, "ok".to_owned())));
    assert_eq!(server.connections(), 2);
    let (server, answer) = after_a_close(|server| put(server.url("/"), "body")).await;
    assert_eq!(answer, Ok((200, "ok".to_owned())));
    assert_eq!(server.connections(), 2);
}

/// A server that takes a second request on its first connection and closes without a word.
async fn mute_at_second() -> Server {
    Server::start(|number, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(OK.as_bytes()).await.unwrap();
        read_head(&mut socket).await;
        if number > 0 {
            socket.write_all(OK.as_bytes()).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn only_a_request_that_changes_nothing_is_repeated_after_it_left() {
    let post = |server: &Server| http::Request::post(server.url("/")).body(Body::from("x")).unwrap();
    let streamed = |server: &Server| put(server.url("/"), Body::stream(Pieces::of(["x"])));
    type Make<'a> = &'a dyn Fn(&Server) -> Request;
    let cases: [(Make<'_>, Option<HttpErrorKind>, usize); 3] = [
        (&|server| get(server.url("/")), None, 2),
        (&post, Some(HttpErrorKind::Closed), 1),
        (&streamed, Some(HttpErrorKind::Closed), 1),
    ];
    for (make, failure, connections) in cases {
        let server = mute_at_second().await;
        let client = client(&[]);
        fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
        let answer = fetch(&client, make(&server), HttpOptions::default()).await;
        assert_eq!(answer.err().map(|error| error.kind()), failure);
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn a_new_connection_that_closes_is_not_tried_again() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
    })
    .await;
    let error = fetch(&client(&[]), get(server.url("/")), HttpOptions::default()).await.unwrap_err();
    assert_eq!((error.kind(), server.connections()), (HttpErrorKind::Closed, 1));
}

#[tokio::test]
async fn a_pinned_address_is_used_and_the_name_stays() {
    let server = Server::start(|_, mut socket| async move { while echo_head(&mut socket).await.is_some() {} }).await;
    let other = Server::answering(OK).await;
    let client = client(&[("HTTP_PROXY", "http://127.0.0.1:1")]);
    let pinned = |address: SocketAddr| HttpOptions::default().with_connect_to(address);
    let request = || get("http://does-not-resolve.invalid:8080/path?query");
    let (_, head) = fetch(&client, request(), pinned(server.address)).await.unwrap();
    assert!(head.starts_with("GET /path?query HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("host: does-not-resolve.invalid:8080\r\n"), "{head}");
    // Another pin is another connection, whatever the name.
    assert_eq!(fetch(&client, request(), pinned(other.address)).await.unwrap().1, "ok");
    assert_eq!((server.connections(), other.connections()), (1, 1));
}

#[tokio::test]
async fn names_and_addresses_resolve() {
    let client = client(&[]);
    for (host, expected) in [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("fd00:ec2::254", "fd00:ec2::254")] {
        assert_eq!(client.resolve(host).await.unwrap(), [expected.parse::<std::net::IpAddr>().unwrap()]);
    }
    assert!(client.resolve("localhost").await.unwrap().iter().all(std::net::IpAddr::is_loopback));
    assert_eq!(client.resolve("nobody.invalid").await.unwrap_err().kind(), HttpErrorKind::Connect);
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let client = client(&[]);
    let mut request = client.send(get("http://127.0.0.1:1/"), HttpOptions::default());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match request.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(error.kind(), HttpErrorKind::Unwired),
        other => panic!("{other:?}"),
    }
}

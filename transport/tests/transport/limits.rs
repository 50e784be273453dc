//! Every wait and every size has a limit, and each limit its kind.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tucuxi_core::{Body, HttpClient, HttpErrorKind, HttpOptions};

use crate::bodies::Pieces;
use crate::server::{Server, client, fails, fetch, get, put, read_head, until_closed};

const PATH: &str = "/SEKRIT?token=SEKRIT";

fn patient() -> HttpOptions {
    HttpOptions::within(Duration::from_secs(3600), Duration::from_secs(3600))
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_comes_is_a_connect_error() {
    let server = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    let mut options = patient();
    options.connect = Duration::from_secs(2);
    let url = format!("https://localhost:{}{PATH}", server.address.port());
    if cfg!(any(feature = "ring", feature = "aws-lc-rs")) {
        let message = fails(get(url), options, HttpErrorKind::Connect).await;
        assert!(message.contains("within 2s"), "{message}");
    } else {
        fails_without_tls(url).await;
    }
}

async fn fails_without_tls(url: String) {
    let error = fetch(&client(&[]), get(url), patient()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Request);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_connect_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    fails(get(format!("http://{address}{PATH}")), patient(), HttpErrorKind::Connect).await;
    fails(get(format!("http://nobody.invalid{PATH}")), patient(), HttpErrorKind::Connect).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_is_a_timeout() {
    let server = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    let mut options = patient();
    options.first_byte = Duration::from_secs(5);
    let message = fails(get(server.url(PATH)), options, HttpErrorKind::Timeout).await;
    assert!(message.contains("begin its answer within 5s"), "{message}");
    let message = fails(put(server.url(PATH), "small"), options, HttpErrorKind::Timeout).await;
    assert!(message.contains("begin its answer within 5s"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn half_a_head_is_a_timeout() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nX: ").await.unwrap();
        until_closed(&mut socket).await;
    })
    .await;
    fails(get(server.url(PATH)), HttpOptions::default(), HttpErrorKind::Timeout).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_is_a_timeout() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
        until_closed(&mut socket).await;
    })
    .await;
    let mut options = patient();
    options.idle = Duration::from_secs(7);
    let message = fails(get(server.url(PATH)), options, HttpErrorKind::Timeout).await;
    assert!(message.contains("nothing for 7s"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_nobody_reads_is_a_timeout() {
    let server = Server::start(|_, socket| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let mut options = patient();
    options.idle = Duration::from_secs(7);
    let body = vec![0; 64 * 1024 * 1024];
    let message = fails(put(server.url(PATH), body), options, HttpErrorKind::Timeout).await;
    assert!(message.contains("stood still for 7s"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_does_not_go_on_is_a_timeout() {
    let server = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    let mut options = patient();
    options.idle = Duration::from_secs(7);
    let body = Body::stream(Pieces::of(["one"]).then_silence());
    let message = fails(put(server.url(PATH), body), options, HttpErrorKind::Timeout).await;
    assert!(message.contains("stood still for 7s"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_moves_slowly_is_no_timeout() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        let mut pieces = [0; 60];
        socket.read_exact(&mut pieces).await.unwrap();
        socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        until_closed(&mut socket).await;
    })
    .await;
    let mut options = HttpOptions::default();
    options.idle = Duration::from_secs(10);
    options.first_byte = Duration::from_secs(3);
    let body = Body::stream(Pieces::of(["0123456789"; 6]).every(Duration::from_secs(9)).with_length(60));
    let answer = fetch(&client(&[]), put(server.url(PATH), body), options).await;
    assert_eq!(answer.unwrap().0, 204);
}

#[tokio::test(start_paused = true)]
async fn the_whole_exchange_has_a_limit_of_its_own() {
    let silent = Server::start(|_, mut socket| async move { until_closed(&mut socket).await }).await;
    let dripping = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        while socket.write_all(b"1\r\nx\r\n").await.is_ok() {
            second.tick().await;
        }
    })
    .await;
    for server in [silent, dripping] {
        let options = patient().with_whole(Duration::from_secs(20));
        let message = fails(get(server.url(PATH)), options, HttpErrorKind::Timeout).await;
        assert!(message.contains("finish within 20s"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_uses_up_the_limit_of_the_whole_exchange() {
    let size = 16 * 1024 * 1024;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
    let server = Server::answering([head.into_bytes(), vec![b'x'; size]].concat()).await;
    let options = patient().with_whole(Duration::from_secs(20)).with_body_limit(u64::MAX);
    let response = client(&[]).send(get(server.url(PATH)), options).await.unwrap();
    let mut body = response.into_body();
    body.chunk().await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(21)).await;
    let error = body.chunk().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Timeout);
    assert!(body.chunk().await.is_none());
}

#[tokio::test]
async fn an_answer_that_says_it_is_too_large_is_not_read() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").await;
    let options = patient().with_body_limit(1000);
    fails(get(server.url(PATH)), options, HttpErrorKind::TooLarge).await;
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_cap() {
    let server = Server::start(|_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    fails(get(server.url(PATH)), HttpOptions::default(), HttpErrorKind::TooLarge).await;
}

#[tokio::test]
async fn an_answer_of_exactly_the_cap_is_read() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let options = patient().with_body_limit(5);
    let answer = fetch(&client(&[]), get(server.url(PATH)), options).await;
    assert_eq!(answer.unwrap(), (200, "hello".to_owned()));
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_is_closed() {
    for sent in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let server = Server::start(move |_, mut socket| async move {
            read_head(&mut socket).await;
            socket.write_all(sent.as_bytes()).await.unwrap();
        })
        .await;
        fails(get(server.url(PATH)), patient(), HttpErrorKind::Closed).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_in_the_middle_is_closed() {
    let server = Server::start(move |_, mut socket| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
        socket.set_zero_linger().unwrap();
    })
    .await;
    fails(get(server.url(PATH)), patient(), HttpErrorKind::Closed).await;
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_a_protocol_error() {
    for sent in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "\u{15}\u{3}\u{1}\0\u{2}\u{2}F",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSEKRIT\r\n",
    ] {
        let server = Server::answering(sent).await;
        fails(get(server.url(PATH)), patient(), HttpErrorKind::Protocol).await;
    }
}

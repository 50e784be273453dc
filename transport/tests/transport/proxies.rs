//! Plain requests by way of a proxy, and requests that avoid it. Tunnels stand with TLS.

use tokio::io::AsyncWriteExt;
use tucuxi_core::{HttpClient, HttpErrorKind, HttpOptions};

use crate::server::{Server, client, echo_head, fetch, get, read_head, until_closed};

async fn echo() -> Server {
    Server::start(|_, mut socket| async move { while echo_head(&mut socket).await.is_some() {} }).await
}

#[tokio::test]
async fn a_plain_request_reaches_the_proxy_with_its_whole_url() {
    let proxy = echo().await;
    let url = format!("http://user:p%40ss@{}", proxy.address);
    let client = client(&[("HTTP_PROXY", &url), ("NO_PROXY", "direct.test")]);
    for _ in 0..2 {
        let (_, head) =
            fetch(&client, get("http://bucket.s3.test:8080/key?x=1"), HttpOptions::default()).await.unwrap();
        assert!(head.starts_with("GET http://bucket.s3.test:8080/key?x=1 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("host: bucket.s3.test:8080\r\n"), "{head}");
        assert!(head.contains("proxy-authorization: Basic dXNlcjpwQHNz\r\n"), "{head}");
    }
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn loopback_avoids_the_proxy() {
    let (proxy, server) = (echo().await, echo().await);
    let client = client(&[("ALL_PROXY", &format!("http://{}", proxy.address))]);
    let (_, head) = fetch(&client, get(server.url("/key")), HttpOptions::default()).await.unwrap();
    assert!(head.starts_with("GET /key HTTP/1.1\r\n") && !head.contains("proxy"), "{head}");
    let url = format!("http://localhost:{}/", server.address.port());
    fetch(&client, get(url), HttpOptions::default()).await.unwrap();
    assert_eq!((proxy.connections(), server.connections()), (0, 2));
}

#[tokio::test]
async fn a_bad_variable_hurts_only_requests_that_need_it() {
    let server = echo().await;
    let client = client(&[("HTTP_PROXY", "socks5://user:SEKRIT@p")]);
    fetch(&client, get(server.url("/")), HttpOptions::default()).await.unwrap();
    let error = client.send(get("http://s3.test/"), HttpOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Request);
    assert!(error.to_string().starts_with("HTTP_PROXY ") && !format!("{error:?}").contains("SEKRIT"), "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let error = client(&[("HTTP_PROXY", "http://user:SEKRIT@127.0.0.1:1")])
        .send(get("http://s3.test/key"), HttpOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Connect);
    assert_eq!(error.to_string(), "cannot connect to the proxy 127.0.0.1:1 for s3.test");
    assert!(!format!("{error:?}").contains("SEKRIT"));
}

#[tokio::test]
async fn a_refused_tunnel_says_what_the_proxy_answered() {
    for (answer, kind, expected) in [
        ("HTTP/1.1 407 Authentication Required\r\n\r\n", HttpErrorKind::Request, "wants a user name and password"),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nSEKRIT", HttpErrorKind::Connect, "answered 403"),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\n", HttpErrorKind::Connect, "answered 502"),
        ("SSH-2.0-x\r\n", HttpErrorKind::Protocol, "does not answer in HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\n\r\nSEKRIT", HttpErrorKind::Protocol, "before it was asked"),
        ("HTTP/1.1 20", HttpErrorKind::Connect, "closed the tunnel"),
    ] {
        let proxy = Server::start(move |_, mut socket| async move {
            read_head(&mut socket).await;
            socket.write_all(answer.as_bytes()).await.unwrap();
            if !answer.ends_with("20") {
                until_closed(&mut socket).await;
            }
        })
        .await;
        let client = client(&[("HTTPS_PROXY", &format!("http://{}", proxy.address))]);
        let error = client.send(get("https://s3.test/key"), HttpOptions::default()).await.unwrap_err();
        let message = error.to_string();
        assert_eq!(error.kind(), kind, "{answer}: {message}");
        assert!(message.contains(expected) && message.contains(&proxy.address.to_string()), "{answer}: {message}");
        assert!(!format!("{error:?}").contains("SEKRIT"), "{error:?}");
    }
}

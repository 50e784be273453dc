//! Servers that answer before they have read the request, and close.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tucuxi_core::{Body, HttpError, HttpErrorKind, HttpOptions, PollBody};

use crate::server::{client, fetch, put};

/// Answers each connection after its head with these bytes and closes, whatever else is on the way.
fn hasty(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

/// Pieces of zeros, 50 MB in all.
struct Zeros(u64);

impl PollBody for Zeros {
    fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
        self.0 = left;
        Poll::Ready(Some(Ok(Bytes::from_static(&[0; PIECE]))))
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.0 * PIECE as u64)
    }
}

const PIECE: usize = 50_000;
const ANSWER: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 40\r\nConnection: close\r\n\r\n\
                      <Error><Code>AccessDenied</Code></Error>";

#[tokio::test]
async fn an_answer_counts_although_the_upload_could_not_be_finished() {
    let address = hasty(ANSWER);
    let client = client(&[]);
    for round in 0..60 {
        let body = if round % 2 == 0 { Body::stream(Zeros(1000)) } else { Body::from(vec![0; 20_000_000]) };
        let request = put(format!("http://{address}/"), body);
        let (status, text) = fetch(&client, request, HttpOptions::default()).await.unwrap();
        assert_eq!((status, text.as_str()), (403, "<Error><Code>AccessDenied</Code></Error>"), "round {round}");
    }
}

#[tokio::test]
async fn without_an_answer_the_connection_was_closed() {
    for answer in ["", "HTTP/1.1 403 Forb", "HTTP/1.1 403 Forbidden\r\nContent-Length: 40\r\n\r\n<Error>"] {
        let request = put(format!("http://{}/", hasty(answer)), Body::stream(Zeros(1000)));
        let error = fetch(&client(&[]), request, HttpOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Closed, "{answer:?}: {error}");
        assert!(error.to_string().contains("closed the connection before its answer was complete"), "{error}");
    }
}

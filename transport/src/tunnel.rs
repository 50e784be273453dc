//! A tunnel through an HTTP proxy: `CONNECT`.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::HeaderValue;
use hyper::rt::{Read, ReadBuf, Write};
use tucuxi_core::{HttpError, HttpErrorKind};

use crate::dial::Wire;
use crate::failure::caused;
use crate::proxy::Proxy;
use crate::target::Target;

/// Asks the proxy at the other end of `stream` to connect it to `target`.
pub(crate) fn open<'a>(stream: &'a mut Wire, target: &'a Target, proxy: &'a Proxy) -> Opening<'a> {
    let left = request(target, proxy.authorization.as_ref());
    Opening { stream, target, proxy: &proxy.target, left, head: Vec::new() }
}

/// A tunnel on its way.
pub(crate) struct Opening<'a> {
    stream: &'a mut Wire,
    target: &'a Target,
    proxy: &'a Target,
    /// What is still to be sent.
    left: Vec<u8>,
    head: Vec<u8>,
}

impl Opening<'_> {
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Result<(), HttpError>>> {
        while !self.left.is_empty() {
            let written = ready!(Pin::new(&mut *self.stream).poll_write(cx, &self.left))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.left.drain(..written);
        }
        loop {
            // Flushing what is flushed is nothing.
            ready!(Pin::new(&mut *self.stream).poll_flush(cx))?;
            let mut piece = [0; 512];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut *self.stream).poll_read(cx, piece.unfilled()))?;
            if piece.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.head.extend_from_slice(piece.filled());
            if let Some(answer) = judge(&self.head, self.target, self.proxy) {
                return Poll::Ready(Ok(answer));
            }
        }
    }
}

impl Future for Opening<'_> {
    type Output = Result<(), HttpError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        Poll::Ready(ready!(this.poll_answer(cx)).unwrap_or_else(|error| {
            let message = format!("the proxy {} closed the tunnel to {}", this.proxy, this.target);
            Err(caused(HttpErrorKind::Connect, message, error.into()))
        }))
    }
}

fn request(target: &Target, authorization: Option<&HeaderValue>) -> Vec<u8> {
    let (host, port) = (target.host(), target.port());
    let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(value) = authorization {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// What the proxy said, once its head is complete.
fn judge(head: &[u8], target: &Target, proxy: &Target) -> Option<Result<(), HttpError>> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut fields);
    let fail = |kind, what: String| Some(Err(HttpError::new(kind, format!("the proxy {proxy} {what}"))));
    match answer.parse(head) {
        Ok(httparse::Status::Partial) if head.len() < HEAD_LIMIT => None,
        Ok(httparse::Status::Complete(end)) => match answer.code {
            Some(200..=299) if end == head.len() => Some(Ok(())),
            Some(200..=299) => fail(HttpErrorKind::Protocol, format!("spoke for {target} before it was asked")),
            // A matter of configuration, which trying again does not mend.
            Some(407) => fail(
                HttpErrorKind::Request,
                "wants a user name and password; put them into the proxy variable's URL".to_owned(),
            ),
            code => {
                fail(HttpErrorKind::Connect, format!("answered {} to a tunnel to {target}", code.unwrap_or_default()))
            }
        },
        _ => fail(HttpErrorKind::Protocol, "does not answer in HTTP/1.1".to_owned()),
    }
}

const HEAD_LIMIT: usize = 16 * 1024;

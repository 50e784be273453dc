//! A tunnel through an HTTP proxy: `CONNECT`.

use http::header::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tucuxi_core::{HttpError, HttpErrorKind};

use crate::dial::Wire;
use crate::target::Target;

/// Asks the proxy at the other end of `stream` to connect it to `target`.
pub(crate) async fn open(
    stream: &mut Wire,
    target: &Target,
    proxy: &Target,
    authorization: Option<&HeaderValue>,
) -> Result<(), HttpError> {
    let broken = |error: std::io::Error| {
        HttpError::new(HttpErrorKind::Connect, format!("the proxy {proxy} closed the tunnel to {target}"))
            .with_source(error)
    };
    stream.write_all(&request(target, authorization)).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut head = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut head).await.map_err(broken)? == 0 {
            return Err(broken(std::io::ErrorKind::UnexpectedEof.into()));
        }
        if let Some(answer) = judge(&head, target, proxy) {
            return answer;
        }
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

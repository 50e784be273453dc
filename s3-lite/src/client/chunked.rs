//! A streamed body whose chunks are signed: what makes an upload over plain HTTP trustworthy.
//!
//! Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tucuxi_core::{Body, HttpError, HttpErrorKind, PollBody};
use tucuxi_sigv4::ChunkSigner;

/// A body in the form `aws-chunked`.
pub(super) struct Chunked {
    source: Body,
    signer: ChunkSigner,
    /// Bytes of the source that wait for a chunk to fill.
    pending: BytesMut,
    /// Bytes that the source still owes.
    owed: u64,
    /// Bytes still to be sent, framing included.
    left: u64,
}

impl Chunked {
    /// Wraps a body of `length` bytes.
    pub(super) fn new(source: Body, length: u64, signer: ChunkSigner) -> Self {
        Self { source, signer, pending: BytesMut::new(), owed: length, left: encoded_length(length) }
    }

    fn frame(&mut self, data: &[u8]) -> Bytes {
        let signature = self.signer.chunk(data);
        let mut frame = Vec::with_capacity(data.len() + 96);
        frame.extend_from_slice(format!("{:x};chunk-signature={signature}\r\n", data.len()).as_bytes());
        frame.extend_from_slice(data);
        frame.extend_from_slice(b"\r\n");
        self.left = self.left.saturating_sub(frame.len() as u64);
        frame.into()
    }
}

impl PollBody for Chunked {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        while this.owed > 0 && this.pending.len() < CHUNK {
            match ready!(this.source.poll_chunk(cx)).transpose() {
                Err(error) => return Poll::Ready(Some(Err(error))),
                Ok(Some(piece)) if piece.len() as u64 <= this.owed => {
                    this.owed -= piece.len() as u64;
                    this.pending.extend_from_slice(&piece);
                }
                Ok(_) => return Poll::Ready(Some(Err(wrong_length()))),
            }
        }
        let size = this.pending.len().min(CHUNK);
        let data = this.pending.split_to(size);
        Poll::Ready(Some(Ok(this.frame(&data))))
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.left)
    }
}

/// How many bytes `length` bytes become, framing included.
pub(super) fn encoded_length(length: u64) -> u64 {
    let chunk = CHUNK as u64;
    let frame = |size: u64| if size == 0 { 0 } else { framed(size) };
    (length / chunk) * framed(chunk) + frame(length % chunk) + framed(0)
}

/// A chunk with its size in hexadecimal, `;chunk-signature=`, 64 digits and two line ends.
fn framed(size: u64) -> u64 {
    let digits = u64::from((64 - size.leading_zeros()).div_ceil(4).max(1));
    digits + 17 + 64 + 2 + size + 2
}

fn wrong_length() -> HttpError {
    HttpError::new(HttpErrorKind::Body, "the request's body is not as long as it said")
}

const CHUNK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tucuxi_core::Credentials;
    use tucuxi_sigv4::{Payload, Signer};

    use super::*;

    struct Pieces(Vec<Bytes>);

    impl PollBody for Pieces {
        fn poll_chunk(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
            Poll::Ready(if self.0.is_empty() { None } else { Some(Ok(self.0.remove(0))) })
        }
    }

    fn signer() -> ChunkSigner {
        let (mut parts, ()) = http::Request::put("http://s3.test/b/k").body(()).unwrap().into_parts();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let keys = Credentials::new("AKID", "secret");
        Signer::s3("us-east-1").sign(&mut parts, Payload::StreamingSigned, &keys, at).unwrap().chunk_signer()
    }

    fn encode(pieces: &[usize], length: u64) -> Result<Bytes, HttpErrorKind> {
        let pieces = pieces.iter().map(|size| Bytes::from(vec![b'x'; *size])).collect();
        let chunked = Chunked::new(Body::stream(Pieces(pieces)), length, signer());
        tucuxi_testkit::block_on(Body::stream(chunked).collect(u64::MAX)).map_err(|error| error.kind())
    }

    #[test]
    fn a_body_is_as_long_as_it_says() {
        for (pieces, length) in [
            (vec![], 0),
            (vec![1], 1),
            (vec![15, 1], 16),
            (vec![65_536], 65_536),
            (vec![65_535, 2], 65_537),
            (vec![200_000], 200_000),
            (vec![1000; 300], 300_000),
        ] {
            let encoded = encode(&pieces, length).unwrap();
            assert_eq!(encoded.len() as u64, encoded_length(length), "{length}");
        }
    }

    #[test]
    fn chunks_are_of_one_size_and_end_with_an_empty_one() {
        let encoded = encode(&[100_000, 60_000], 160_000).unwrap();
        let text = String::from_utf8(encoded.to_vec()).unwrap();
        let sizes: Vec<&str> =
            text.split("\r\n").filter_map(|line| line.split_once(";chunk-signature=")).map(|(size, _)| size).collect();
        assert_eq!(sizes, ["10000", "10000", "7100", "0"]);
        let mut chain = signer();
        for (size, line) in [65_536, 65_536, 28_928, 0].iter().zip(text.split("\r\n").filter(|line| line.contains(';')))
        {
            assert!(line.ends_with(chain.chunk(&vec![b'x'; *size])), "{line}");
        }
    }

    #[test]
    fn a_source_of_another_length_ends_the_upload() {
        assert_eq!(encode(&[5], 6), Err(HttpErrorKind::Body));
        assert_eq!(encode(&[7], 6), Err(HttpErrorKind::Body));
    }
}

//! Signing the chunks of a streamed body.

use std::fmt;
use std::sync::Arc;

use crate::key::DerivedKey;
use crate::payload::EMPTY;
use crate::sign::{Signature, digest, text};
use crate::stamp::Stamp;

/// Signs the chunks of one `aws-chunked` body, each on top of the one before. Needs the feature `chunks`.
///
/// Comes from the [`Signature`] of a request that was signed with
/// [`Payload::StreamingSigned`](crate::Payload::StreamingSigned) or
/// [`StreamingSignedTrailer`](crate::Payload::StreamingSignedTrailer). The last chunk is an empty one.
///
/// # Example
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use tucuxi_core::Credentials;
/// # use tucuxi_sigv4::{Payload, Signer};
/// # let (mut parts, ()) = http::Request::put("https://s3.amazonaws.com/b/k").body(()).unwrap().into_parts();
/// # let credentials = Credentials::new("AKID", "secret");
/// # let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600);
/// let request = Signer::s3("us-east-1").sign(&mut parts, Payload::StreamingSigned, &credentials, at)?;
/// let mut chunks = request.chunk_signer();
/// let mut body = String::new();
/// for data in ["hello", ""] {
///     let signature = chunks.chunk(data.as_bytes());
///     body += &format!("{:x};chunk-signature={signature}\r\n{data}\r\n", data.len());
/// }
/// # assert!(body.starts_with("5;chunk-signature="));
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
#[derive(Clone)]
pub struct ChunkSigner {
    key: Arc<DerivedKey>,
    stamp: Stamp,
    previous: [u8; 64],
    buffer: Vec<u8>,
}

impl ChunkSigner {
    pub(crate) fn new(seed: &Signature) -> Self {
        Self { key: Arc::clone(&seed.key), stamp: seed.stamp, previous: *seed.digits(), buffer: Vec::new() }
    }

    /// The signature of the next chunk, 64 hexadecimal digits.
    pub fn chunk(&mut self, data: &[u8]) -> &str {
        self.start("AWS4-HMAC-SHA256-PAYLOAD");
        self.buffer.extend_from_slice(EMPTY.as_bytes());
        self.buffer.push(b'\n');
        self.finish(data)
    }

    /// The signature of the trailer after the last, empty chunk: `canonical` holds a line
    /// `name:value\n` for each header of the trailer, names in lower case and sorted.
    ///
    /// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>
    pub fn trailer(&mut self, canonical: &[u8]) -> &str {
        self.start("AWS4-HMAC-SHA256-TRAILER");
        self.finish(canonical)
    }

    fn start(&mut self, algorithm: &str) {
        self.buffer.clear();
        for line in [algorithm.as_bytes(), self.stamp.as_bytes(), self.key.scope().as_bytes(), &self.previous] {
            self.buffer.extend_from_slice(line);
            self.buffer.push(b'\n');
        }
    }

    fn finish(&mut self, data: &[u8]) -> &str {
        self.buffer.extend_from_slice(&digest(data));
        self.previous = self.key.sign(&self.buffer);
        text(&self.previous)
    }
}

impl fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSigner").field("scope", &self.key.scope()).finish_non_exhaustive()
    }
}

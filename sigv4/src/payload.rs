//! What is signed of the body.

use std::fmt;

use http::HeaderValue;
use tucuxi_core::Error;

use crate::sign::{digest, header};

/// What is signed of the body.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// The whole body; its SHA-256 is computed here.
    Bytes(&'a [u8]),
    /// The SHA-256 of the body, 64 hexadecimal digits.
    Sha256Hex(&'a str),
    /// The body is not signed: `UNSIGNED-PAYLOAD`. Over TLS only, or anybody on the way may change it.
    Unsigned,
    /// The body comes in chunks, each signed by [`ChunkSigner`](crate::ChunkSigner).
    StreamingSigned,
    /// The same, with a signed trailer after the last chunk.
    StreamingSignedTrailer,
    /// The body comes in chunks that are not signed, with a trailer that holds a checksum.
    StreamingUnsignedTrailer,
}

impl Payload<'_> {
    /// Whether `x-amz-content-sha256` has to say so, whatever the service.
    pub(crate) fn is_announced(&self) -> bool {
        matches!(self, Self::Unsigned) || self.is_streaming()
    }

    pub(crate) fn is_streaming(&self) -> bool {
        matches!(self, Self::StreamingSigned | Self::StreamingSignedTrailer | Self::StreamingUnsignedTrailer)
    }
}

impl fmt::Debug for Payload<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A body may hold a secret.
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Sha256Hex(digest) => f.debug_tuple("Sha256Hex").field(digest).finish(),
            Self::Unsigned => f.write_str("Unsigned"),
            Self::StreamingSigned => f.write_str("StreamingSigned"),
            Self::StreamingSignedTrailer => f.write_str("StreamingSignedTrailer"),
            Self::StreamingUnsignedTrailer => f.write_str("StreamingUnsignedTrailer"),
        }
    }
}

/// The last line of a canonical request.
#[derive(Clone, Copy)]
pub(crate) enum PayloadHash {
    Digest([u8; 64]),
    Word(&'static str),
}

impl PayloadHash {
    pub(crate) fn new(payload: Payload<'_>) -> Result<Self, Error> {
        Ok(match payload {
            Payload::Bytes([]) => Self::Word(EMPTY),
            Payload::Bytes(bytes) => Self::Digest(digest(bytes)),
            Payload::Sha256Hex(digest) => match digest.as_bytes().try_into() {
                Ok(digits) if digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => Self::Digest(digits),
                _ => return Err(Error::invalid_config("the payload's SHA-256 is not 64 hexadecimal digits")),
            },
            Payload::Unsigned => Self::Word("UNSIGNED-PAYLOAD"),
            Payload::StreamingSigned => Self::Word("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            Payload::StreamingSignedTrailer => Self::Word("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            Payload::StreamingUnsignedTrailer => Self::Word("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        })
    }

    /// The value of `x-amz-content-sha256`.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        match self {
            Self::Digest(digits) => header(digits),
            Self::Word(word) => Ok(HeaderValue::from_static(word)),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Digest(digits) => digits,
            Self::Word(word) => word.as_bytes(),
        }
    }
}

/// The SHA-256 of no bytes.
pub(crate) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

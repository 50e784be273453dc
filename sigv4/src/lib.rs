//! AWS Signature Version 4: request headers, presigned URLs and the chunks of streamed bodies.
//!
//! Everything here is pure: no I/O, no clock. The instant of signing is an argument.
//!
//! # Example
//! ```
//! use std::time::{Duration, SystemTime};
//! use tucuxi_core::Credentials;
//! use tucuxi_sigv4::{Payload, Signer};
//!
//! let signer = Signer::new("us-east-1", "sts");
//! let credentials = Credentials::new("AKIDEXAMPLE", "secret");
//! let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
//!
//! let (mut parts, body) = http::Request::post("https://sts.us-east-1.amazonaws.com/")
//!     .body("Action=GetCallerIdentity&Version=2011-06-15")
//!     .unwrap()
//!     .into_parts();
//! signer.sign(&mut parts, Payload::Bytes(body.as_bytes()), &credentials, at)?;
//! let authorization = parts.headers["authorization"].to_str().unwrap();
//! assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request"));
//! # Ok::<(), tucuxi_core::Error>(())
//! ```
//!
//! # Features
//! Headers are always signed. All of these are on by default:
//! - `presign`: [`Signer::presign`], signatures in the query
//! - `chunks`: [`ChunkSigner`], signatures of the chunks of a streamed body
//! - `explain`: [`Signer::explain`], the texts behind a signature
//!
//! Specification: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

mod canonical;
#[cfg(feature = "chunks")]
mod chunk;
mod encode;
#[cfg(feature = "explain")]
mod explain;
mod key;
mod payload;
#[cfg(feature = "presign")]
mod presign;
mod rules;
mod sign;
mod stamp;

#[cfg(feature = "chunks")]
pub use chunk::ChunkSigner;
#[cfg(feature = "explain")]
pub use explain::Explanation;
pub use payload::Payload;
pub use rules::Rules;
pub use sign::{Signature, Signer};

//! The sandbox, asked over HTTP.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;
mod container;
#[cfg(feature = "tour")]
mod examples;
mod imds;
mod keys;
mod s3;
mod signin;
mod sso;
mod sts;
#[cfg(feature = "cli")]
mod tour;

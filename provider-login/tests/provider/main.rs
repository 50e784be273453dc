//! From a cached console sign-in to credentials.

#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod endpoints;
mod failure;
mod file;
mod proof;
mod refresh;
mod support;
mod unwritten;

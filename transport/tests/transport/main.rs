//! The transport against loopback servers that behave, misbehave and fall silent.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bodies;
#[cfg(all(unix, feature = "process"))]
mod commands;
mod early;
mod limits;
mod pool;
mod proxies;
mod server;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod tls;

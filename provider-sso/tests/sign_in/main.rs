//! Signing in, in a browser here or elsewhere.

#![cfg(feature = "sign-in")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod device;
mod limits;
mod registration;
mod secrets;
mod support;

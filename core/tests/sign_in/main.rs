//! Sign-ins that a file holds, a service renews and other processes use as well.
#![cfg(all(feature = "document", feature = "lock"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod files;
mod renewals;
mod support;
mod turns;
mod unwritten;

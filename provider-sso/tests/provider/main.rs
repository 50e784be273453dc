//! From a cached sign-in to the credentials of a role.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod endpoints;
mod file;
mod limits;
mod portal;
mod refresh;
mod support;

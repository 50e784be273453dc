//! The refreshing cache before every source that AWS keeps alive through an outage, on a network that fails as told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocations;
mod events;
mod fault;
mod files;
mod matrix;
mod network;
mod soak;
mod world;

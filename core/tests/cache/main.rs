//! The refresh contract, with a clock that the test moves.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod files;
mod limits;
mod outage;
mod rejected;
mod rules;
mod storm;
mod support;

//! The `tucuxi` command from outside: arguments in, exit code and streams out.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the tests run the command on the machine's own files")]

mod bad_input;
mod copies;
mod explain;
mod login_turns;
mod s3;
#[cfg(unix)]
mod signals;
mod sso_turns;
mod support;
mod uploads;

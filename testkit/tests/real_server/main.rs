//! Against servers and clients that nobody here wrote.
//!
//! `cargo xtask test` starts them and tells where they are. Without them these tests fail: nothing here succeeds
//! without having run.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod among_clients;
mod beside_botocore;
mod console;
mod console_sign_in;
mod given;
mod keys;
mod on_ministack;
mod on_moto;
mod on_sandbox;
mod on_seaweedfs;
mod past_expiry;
mod plain;
mod portal;
mod presigned;
mod python;
mod round_trip;
mod shared_roles;
mod sts_operations;
mod through_roles;

//! How long one signature takes, and how much of that is hashing.
//!
//! `cargo run --release -p tucuxi-sigv4 --example speed`

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "measures time and says so")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tucuxi_core::Credentials;
use tucuxi_sigv4::{Payload, Signer};

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token("t".repeat(400));
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    let signer = Signer::s3("us-east-1");
    let unsigned = http::Request::get("https://bucket.s3.us-east-1.amazonaws.com/photos/2015/08/cat.jpg")
        .header("range", "bytes=0-1023")
        .body(())?
        .into_parts()
        .0;
    let mut parts = unsigned.clone();
    let canonical = signer.explain(&parts, Payload::Unsigned, &credentials, at)?.canonical_request;
    let mac = Hmac::<Sha256>::new_from_slice(&[7; 32])?;
    let canonical = format!("{canonical}{}", "t".repeat(400 - "[redacted]".len()));

    let fresh = time(|| {
        let mut parts = unsigned.clone();
        drop(black_box(signer.sign(&mut parts, Payload::Unsigned, &credentials, at)));
        parts
    });
    let cloning = time(|| unsigned.clone());
    let again = time(|| signer.sign(&mut parts, Payload::Unsigned, &credentials, at).is_ok());
    let presigning =
        time(|| signer.presign(&mut parts, Payload::Unsigned, &credentials, at, Duration::from_secs(900)).is_ok());
    let hashing = time(|| {
        let digest = Sha256::digest(canonical.as_bytes());
        mac.clone().chain_update([7_u8; 90]).chain_update(digest).finalize()
    });
    let deriving =
        time(|| Signer::s3("us-east-1").sign(&mut unsigned.clone(), Payload::Unsigned, &credentials, at).is_ok());
    println!("sign              {:>6.0} ns", fresh - cloning);
    println!("sign again        {again:>6.0} ns");
    println!("presign           {presigning:>6.0} ns");
    println!("sign with new key {:>6.0} ns", deriving - cloning);
    println!("hashing alone     {hashing:>6.0} ns");
    Ok(())
}

/// Nanoseconds for one call: the best of several rounds, which is the least disturbed one.
fn time<T>(mut call: impl FnMut() -> T) -> f64 {
    const CALLS: u32 = 20_000;
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
    }
    best
}

//! The file of the first EC2 command line tools.

use std::path::Path;

use tucuxi_core::{Credentials, Error, Location, Source};

use super::pair;
use crate::open;

/// The last value of each key, whose case counts.
pub(super) fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let mut found = [None; 2];
    for (line, number) in open::lines(open::text(bytes, &start)?).zip(1..) {
        let Some((name, text)) = line.split_once('=') else { continue };
        for (key, found) in KEYS.iter().zip(&mut found) {
            if name.trim() == *key {
                *found = Some((text.trim(), number));
            }
        }
    }
    pair(&start, KEYS, found, Source::Ec2CredentialsFile)
}

pub(super) const KEYS: [&str; 2] = ["AWSAccessKeyId", "AWSSecretKey"];

//! The file of the first EC2 command line tools.

use std::path::Path;

use tucuxi_core::{Credentials, Error, Location, Source, trimmed};

use super::pair;
use crate::open;
use crate::text::{cut, lines};

/// The last value of each key, whose case counts.
pub(super) fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let mut found = [None; 2];
    for (line, number) in lines(open::text(bytes, &start)?).zip(1..) {
        let Some((name, text)) = cut(line, b'=') else { continue };
        let name = trimmed(name);
        if let Some(key) = KEYS.iter().position(|key| *key == name) {
            found[key] = Some((trimmed(text), number));
        }
    }
    pair(&start, KEYS, found, Source::Ec2CredentialsFile)
}

pub(super) const KEYS: [&str; 2] = ["AWSAccessKeyId", "AWSSecretKey"];

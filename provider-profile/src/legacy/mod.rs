//! Files of tools that came before the shared ones.

mod boto_config;
mod ec2_file;

pub use boto_config::BotoConfigProvider;
pub use ec2_file::Ec2CredentialsFileProvider;

use tucuxi_core::{Credentials, Error, Location, Source};

use crate::wrong::wrong;
use crate::{Value, static_keys};

/// A pair of which a half or both may be missing.
fn pair(
    id: Option<Value>,
    secret: Option<Value>,
    keys: [&str; 2],
    source: fn(Location) -> Source,
) -> Result<Option<Credentials>, Error> {
    let (half, lacks) = match (&id, &secret) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => return static_keys::pair(id, secret, source).map(Some),
        (Some(id), None) => (id, keys[1]),
        (None, Some(secret)) => (secret, keys[0]),
    };
    Err(wrong(
        format_args!("{}: {} without {lacks}", half.location(), half.key()),
        format_args!("add {lacks}, or take {} away", half.key()),
    ))
}

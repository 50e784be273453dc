//! Files of tools that came before the shared ones.

mod boto_config;
mod ec2_file;

pub use boto_config::BotoConfigProvider;
pub use ec2_file::Ec2CredentialsFileProvider;

use tucuxi_core::{Credentials, Error, Source};

use crate::{Value, static_keys};

/// A pair of which a half or both may be missing.
fn pair(
    id: Option<Value>,
    secret: Option<Value>,
    keys: [&str; 2],
    source: fn(tucuxi_core::Location) -> Source,
) -> Result<Option<Credentials>, Error> {
    let half = |half: &Value, has: &str, lacks: &str| {
        Error::invalid_config(format!("{}: {has} without {lacks}", half.location()))
            .with_hint(format!("add {lacks}, or take {has} away"))
    };
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), None) => Err(half(&id, keys[0], keys[1])),
        (None, Some(secret)) => Err(half(&secret, keys[1], keys[0])),
        (Some(id), Some(secret)) => {
            let source = source(id.location().clone());
            static_keys::pair((&id, keys[0]), (&secret, keys[1]), source).map(Some)
        }
    }
}

//! Files of tools that came before the shared ones.

mod boto_config;
mod ec2_file;

pub use boto_config::BotoConfigProvider;
pub use ec2_file::Ec2CredentialsFileProvider;

use tucuxi_core::{Credentials, Error, Location, Source};

use crate::wrong::wrong;
use crate::{Value, static_keys};

/// A pair of which a half or both may be missing.
///
/// `start` is the first line of the file, `found` the texts of the keys with their lines.
fn pair(
    start: &Location,
    keys: [&str; 2],
    found: [Option<(&str, u32)>; 2],
    source: fn(Location) -> Source,
) -> Result<Option<Credentials>, Error> {
    let (line, has, lacks) = match found {
        [None, None] => return Ok(None),
        [Some((_, line)), None] => (line, keys[0], keys[1]),
        [None, Some((_, line))] => (line, keys[1], keys[0]),
        [Some((id, id_line)), Some((secret, line))] => {
            let id = Value::new(keys[0], id, start.at_line(id_line));
            let secret = Value::new(keys[1], secret, start.at_line(line));
            return static_keys::pair(&id, &secret, source).map(Some);
        }
    };
    Err(wrong(
        format_args!("{}: {has} without {lacks}", start.at_line(line)),
        format_args!("add {lacks}, or take {has} away"),
    ))
}

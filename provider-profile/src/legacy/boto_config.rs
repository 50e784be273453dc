//! The configuration file of Boto 2.

use std::io;
use std::path::{Path, PathBuf};

use configparser::ini::Ini;
use tucuxi_core::{Context, Credentials, Env, Error, Fs, Location, ProvideCredentials, Source, async_trait};
use zeroize::Zeroizing;

use super::pair;
use crate::wrong::{absent, wrong};
use crate::{location, open};

/// Keys in a configuration file of Boto 2: `aws_access_key_id` and `aws_secret_access_key` under
/// `[Credentials]`.
///
/// - Reads: the file that `BOTO_CONFIG` names (`~` and variables in it stand for what they mean); without it
///   `/etc/boto.cfg`, then `~/.boto`. A file that is not there is skipped.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: no file has either key.
/// - `InvalidConfig`: a file has half a key pair (with its line) or is no INI file, or the one that
///   `BOTO_CONFIG` names cannot be read.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::BotoConfigProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let file = "[Credentials]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u")]))
///     .with_fs(Fs::fake([("/home/u/.boto", file)]));
/// let credentials = BotoConfigProvider::new(&context).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "boto-config /home/u/.boto:2");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, "Boto2 configuration file
/// support", checked 2026-11-24.
#[derive(Clone, Debug)]
pub struct BotoConfigProvider {
    env: Env,
    fs: Fs,
}

impl BotoConfigProvider {
    /// Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        Self { env: context.env().clone(), fs: context.fs().clone() }
    }

    /// Where the file may be: the one that was named, or the usual ones in order.
    fn path(&self, named: Option<&PathBuf>, attempt: u32) -> Option<PathBuf> {
        match (named, attempt) {
            (Some(path), 0) => Some(path.clone()),
            (None, 0) => Some(PathBuf::from("/etc/boto.cfg")),
            (None, 1) => Some(self.env.home()?.join(".boto")),
            _ => None,
        }
    }
}

#[async_trait]
impl ProvideCredentials for BotoConfigProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let named = location::named(&self.env, VARIABLE)?;
        let mut attempt = 0;
        while let Some(path) = self.path(named.as_ref(), attempt) {
            let contents = self.fs.read(&path, open::SIZE_LIMIT).await;
            if let Some(credentials) = read(contents, &path, named.is_some())? {
                return Ok(credentials);
            }
            attempt += 1;
        }
        Err(match named {
            Some(path) => absent(format_args!("no [{SECTION}] with {ID} in {} ({VARIABLE})", path.display())),
            None => absent(format_args!("no [{SECTION}] with {ID} in /etc/boto.cfg or ~/.boto")),
        })
    }
}

fn read(contents: io::Result<Zeroizing<Vec<u8>>>, path: &Path, is_named: bool) -> Result<Option<Credentials>, Error> {
    match open::found(contents, path, "Boto configuration file", Some(VARIABLE)) {
        Ok(Some(bytes)) => keys(&bytes, path),
        Err(error) if is_named => Err(error),
        // A file that nobody named and that cannot be read counts as absent, as in botocore.
        Ok(None) | Err(_) => Ok(None),
    }
}

fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let text = open::text(bytes, &start)?;
    let mut ini = dialect();
    ini.read(text.to_owned()).map_err(|error| not_ini(&error, &start))?;
    let lines = lines(text);
    let mut text = |key| ini.remove_key(SECTION, key).flatten().map(Zeroizing::new);
    let texts = [text(ID), text(SECRET)];
    let found = |index: usize| Some((texts[index].as_ref()?.as_str(), lines[index]?));
    pair(&start, [ID, SECRET], [found(0), found(1)], Source::BotoConfig)
}

/// The last lines of the two keys in the section, whose name's case counts. As in Python a header ends at its last
/// bracket, whatever stands behind.
fn lines(text: &str) -> [Option<u32>; 2] {
    let (mut inside, mut lines) = (false, [None; 2]);
    for (line, number) in text.lines().zip(1..) {
        if let Some((header, _)) = line.rsplit_once(']')
            && let Some(name) = header.strip_prefix('[')
        {
            inside = name == SECTION;
        }
        let name = line.split_once(['=', ':']).map_or(line, |(name, _)| name).trim();
        for (key, found) in [ID, SECRET].into_iter().zip(&mut lines) {
            if inside && name.eq_ignore_ascii_case(key) {
                *found = Some(number);
            }
        }
    }
    lines
}

/// Python's: keys in any case, `=` or `:`, comments on lines of their own, indented lines continue a value.
fn dialect() -> Ini {
    let mut ini = Ini::new();
    ini.set_inline_comment_symbols(Some(&[]));
    ini.set_multiline(true);
    ini
}

/// The parser's own words may quote the file; its line number may not be missed.
fn not_ini(error: &str, start: &Location) -> Error {
    let mut line = 0_u32;
    for digit in error.strip_prefix("line ").unwrap_or_default().chars().map_while(|c| c.to_digit(10)) {
        line = line.saturating_mul(10).saturating_add(digit);
    }
    wrong(
        format_args!("{}: not a line of an INI file", start.at_line(line.max(1))),
        format_args!("write [section] headers and key = value lines"),
    )
}

const VARIABLE: &str = "BOTO_CONFIG";
const SECTION: &str = "Credentials";
const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
